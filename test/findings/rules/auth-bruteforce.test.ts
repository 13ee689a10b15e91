import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';
const tried = (user: string, password: string, reply = '535 5.7.8 no') =>
  `C: AUTH PLAIN ${b64(`\0${user}\0${password}`)}\nS: ${reply}`;
const guesses = (n: number, reply?: string) =>
  Array.from({ length: n }, (_, i) => tried('root', `secret-${i}`, reply)).join('\n');
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'auth-bruteforce',
  [
    {
      name: 'five passwords',
      session: spoken(`${START}\n${guesses(5)}\n${END}`),
      severity: 'warning',
      confidence: 'likely',
      message: /^5 logins were refused in one session within 9 ms, for “root”$/,
      firstCause: /botnet or a script/,
      also: (finding, all) => {
        expect(JSON.stringify(finding)).not.toContain('secret-');
        expect(all.map(({ rule }) => rule)).toContain('auth-535');
      },
    },
    {
      name: 'and then one succeeds',
      session: spoken(`${START}\n${guesses(6)}\n${tried('root', 'right', '235 ok')}\n${END}`),
      severity: 'critical',
      message: /then “root” was let in$/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the account that was let in'),
    },
    {
      name: 'the same password all the time: a hint',
      session: spoken(`${START}\n${Array.from({ length: 5 }, () => tried('root', 'old')).join('\n')}\n${END}`),
      confidence: 'hint',
      message: /less sure: every one of them carried the same user and the same password/,
      firstCause: /one old password/,
    },
    {
      name: 'LOGIN, several users',
      session: spoken(
        `${START}\n${['anna', 'bert', 'carl', 'dora', 'emil']
          .map(
            (user) =>
              `C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${b64(user)}\nS: 334 UGFzc3dvcmQ6\nC: ${b64('1234')}\nS: 535 no`,
          )
          .join('\n')}\n${END}`,
      ),
      confidence: 'likely',
      message: /for “anna”, “bert” and “carl” and 2 other users$/,
    },
  ],
  [
    { name: 'four refusals', session: spoken(`${START}\n${guesses(4)}\n${END}`) },
    { name: 'the server cannot check', session: spoken(`${START}\n${guesses(6, '454 4.7.0 later')}\n${END}`) },
    {
      name: 'one password that is taken in the end: nothing was guessed',
      session: spoken(
        `${START}\n${Array.from({ length: 5 }, () => tried('root', 'mine')).join('\n')}\n${tried('root', 'mine', '235 ok')}\n${END}`,
      ),
    },
    { name: 'malformed five times', session: spoken(`${START}\n${guesses(5, '501 5.5.2 no')}\n${END}`) },
  ],
);
