import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN';
const refused = (password: string) => `C: AUTH PLAIN ${b64(`\0alice\0${password}`)}\nS: 535 5.7.8 no`;
const TWICE = `${START}\n${refused('hunter21')}\n${refused('hunter22')}`;

testRule(
  'auth-too-many-errors',
  [
    {
      name: '421 in answer to AUTH',
      session: spoken(`${TWICE}\nC: AUTH PLAIN ${b64('\0alice\0hunter23')}\nS: 421 4.7.0 Too many login attempts`),
      severity: 'error',
      confidence: 'certain',
      message: /refused 2 logins of “alice” with PLAIN and then ended the session: 421 4\.7\.0/,
      firstCause: /repeats a wrong password/,
      also: (_finding, all) => {
        expect(all.map(({ rule }) => rule)).toContain('auth-535');
        expect(all.map(({ rule }) => rule)).not.toContain('auth-454');
      },
    },
    {
      name: '550 in answer to AUTH',
      session: spoken(`${TWICE}\nC: AUTH PLAIN ${b64('\0alice\0x')}\nS: 550 access denied`),
    },
    {
      name: '421 without being asked',
      session: spoken(`${TWICE}\nS: 421 4.7.0 mx.example Error: too many errors`, { close: 'server' }),
      message: /refused 2 logins .* ended the session: 421 4\.7\.0 mx\.example Error: too many errors/,
    },
  ],
  [
    { name: '421 after a single refusal', session: spoken(`${START}\n${refused('a1b2')}\nS: 421 4.4.2 timeout`) },
    { name: '421 to the first AUTH', session: spoken(`${START}\nC: AUTH PLAIN AGEAYg==\nS: 421 busy`) },
    {
      name: '421 after mail that followed the refusals',
      session: spoken(`${TWICE}\nC: MAIL FROM:<a@b.example>\nS: 250 ok\nS: 421 4.4.2 timeout`),
    },
    { name: 'QUIT after the refusals', session: spoken(`${TWICE}\nC: QUIT\nS: 221 bye`) },
  ],
);
