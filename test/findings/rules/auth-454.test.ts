import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';
const LOGIN = `C: AUTH PLAIN ${b64('\0anna\0hunter22')}`;

testRule(
  'auth-454',
  [
    {
      name: 'the backend is gone',
      session: spoken(
        `${START}\n${LOGIN}\nS: 454 4.7.0 Temporary authentication failure: Connection lost to authentication server\nC: QUIT\nS: 221 bye`,
        { client: '10.0.0.1', server: '10.0.0.2' },
      ),
      severity: 'warning',
      confidence: 'certain',
      message: /could not check the login of “anna” with PLAIN for now: 454 4\.7\.0 Temporary/,
      firstCause: /does not answer/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'another 4xx, to a continuation',
      session: spoken(
        `${START}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${b64('anna')}\nS: 334 UGFzc3dvcmQ6\nC: ${b64('hunter22')}\nS: 451 4.7.1 Too many logins, try again later`,
      ),
      message: /login of “anna” with LOGIN/,
      firstCause: /limits logins/,
    },
    {
      name: 'Exchange Online: a fourth connection of one mailbox',
      session: spoken(`${START}\n${LOGIN}\nS: 432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/x`),
      severity: 'warning',
      firstCause: /limits logins/,
      also: ({ remedies }) => expect(remedies[0]?.text).toMatch(/fewer connections at a time/),
    },
    {
      name: 'Gmail: too many logins, and nobody’s Dovecot is down',
      session: spoken(
        `${START}\n${LOGIN}\nS: 454-4.7.0 Too many login attempts, please try again later. For more information, go to\nS: 454 4.7.0  https://support.google.com/mail/answer/7126229 x - gsmtp`,
      ),
      also: ({ remedies }) =>
        expect(remedies.slice(0, 2).map(({ applies }) => applies)).toEqual([
          'any client',
          'Gmail and Google Workspace',
        ]),
    },
    {
      name: 'a backend that is gone is looked for at the server first',
      session: spoken(`${START}\n${LOGIN}\nS: 454 4.7.0 Temporary authentication failure`),
      also: ({ remedies }) => expect(remedies[0]?.applies).toMatch(/^Postfix with Dovecot/),
    },
    {
      name: 'between refusals: each has its own finding',
      session: spoken(
        `${START}\n${LOGIN}\nS: 535 5.7.8 no\n${LOGIN}\nS: 454 4.7.0 later\n${LOGIN}\nS: 454 4.7.0 later\nC: QUIT\nS: 221 bye`,
      ),
      message: /could not check 2 logins of “anna”/,
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).toContain('auth-535'),
    },
    { name: 'a 421 to the first AUTH', session: spoken(`${START}\n${LOGIN}\nS: 421 4.3.2 shutting down`) },
  ],
  [
    { name: '432 has its own', session: spoken(`${START}\n${LOGIN}\nS: 432 4.7.12 A password transition is needed`) },
    { name: '535', session: spoken(`${START}\n${LOGIN}\nS: 535 5.7.8 no`) },
    { name: '454 to MAIL', session: spoken(`${START}\nC: MAIL FROM:<a@b.example>\nS: 454 4.7.0 later`) },
  ],
);
