import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START =
  'S: 220 smtp.gmail.com ESMTP ab12 - gsmtp\nC: EHLO a.example\nS: 250-smtp.gmail.com at your service\nS: 250 AUTH LOGIN PLAIN XOAUTH2';
const OTHER = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH LOGIN PLAIN SCRAM-SHA-256';
const LOGIN = `C: AUTH PLAIN ${b64('\0user@example.net\0hunter22')}`;

testRule(
  'auth-534',
  [
    {
      name: 'Gmail wants an application password',
      session: spoken(
        `${START}\n${LOGIN}\nS: 534-5.7.9 Application-specific password required. For more information, go to\nS: 534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp\nC: QUIT\nS: 221 bye`,
      ),
      severity: 'error',
      confidence: 'certain',
      message:
        /wants more than the login of “user@example\.net” with PLAIN: 534 5\.7\.9 .*password made for this application$/,
      firstCause: /two-step verification/,
      also: ({ remedies }, all) => {
        expect(remedies[0]?.applies).toMatch(/Gmail/);
        expect(remedies[0]?.text).toMatch(/app password/);
        expect(all.map(({ rule }) => rule)).not.toContain('auth-535');
      },
    },
    {
      name: 'Gmail wants a browser',
      session: spoken(
        `${START}\n${LOGIN}\nS: 534-5.7.14 <https://accounts.google.com/signin/continue?x> Please log in\nS: 534-5.7.14 via your web browser and then try again.\nS: 534 5.7.14 - gsmtp`,
      ),
      message: /log in with a browser first$/,
      firstCause: /suspicious/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toMatch(/owner of a Google account/),
    },
    {
      name: 'the mechanism is too weak, another one succeeds',
      session: spoken(
        `${OTHER}\n${LOGIN}\nS: 534 5.7.9 Authentication mechanism is too weak\nC: AUTH SCRAM-SHA-256 ${b64('n,,n=user,r=abc')}\nS: 235 ok\nC: QUIT\nS: 221 bye`,
      ),
      severity: 'error',
      message: /mechanism is too weak for its policy; a later login in this session was accepted$/,
      firstCause: /weaker than the server/,
    },
  ],
  [
    { name: '535', session: spoken(`${START}\n${LOGIN}\nS: 535 5.7.8 no`) },
    { name: '534 to something else', session: spoken(`${OTHER}\nC: MAIL FROM:<a@b.example>\nS: 534 no`) },
    { name: 'accepted', session: spoken(`${OTHER}\n${LOGIN}\nS: 235 ok`) },
  ],
);
