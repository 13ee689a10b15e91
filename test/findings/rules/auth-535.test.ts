import { expect } from 'vitest';
import { talk } from '../support/dialogue.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN CRAM-MD5';
const token = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = token('\0user@example.net\0correct horse');

testRule(
  'auth-535',
  [
    {
      name: 'a wrong password',
      session: talk(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 Error: authentication failed\nC: QUIT\nS: 221 bye`),
      severity: 'error',
      confidence: 'certain',
      message: /refused the login of “user@example\.net” with PLAIN: 535 5\.7\.8 Error: authentication failed$/,
      firstCause: /user name or the password is wrong/,
      also: (_finding, all) => expect(all[0]?.rule).toBe('auth-535'),
    },
    {
      name: 'the server echoes the secret: it is masked',
      session: talk(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 cannot use ${PLAIN} (correct horse)\nC: QUIT\nS: 221 bye`,
      ),
      message: /535 cannot use \*\*\*\* \(\*\*\*\*\)$/,
      also: (finding) => expect(JSON.stringify(finding)).not.toMatch(/correct horse|AHVzZXJA/),
    },
    {
      name: 'two refusals and then success: a notice',
      session: talk(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye`,
      ),
      severity: 'notice',
      message: /refused 2 logins.*later login in this session was accepted/,
    },
    {
      name: 'a challenge mechanism: the store may not be able to verify it',
      session: talk(
        `${START}\nC: AUTH CRAM-MD5\nS: 334 PDFAbXguZXhhbXBsZT4=\nC: ${token('user 0123456789abcdef0123456789abcdef')}\nS: 535 5.7.8 no`,
      ),
      also: ({ causes, message }) => {
        expect(causes[1]).toMatch(/cannot verify/);
        expect(message).not.toMatch(/0123456789abcdef/);
      },
    },
    {
      name: 'password logins are switched off',
      session: talk(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant`,
      ),
      firstCause: /switched off/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'an empty password',
      session: talk(`${START}\nC: AUTH PLAIN ${token('\0user\0')}\nS: 535 5.7.8 no`),
      firstCause: /empty password/,
    },
    {
      name: 'bytes of the client are missing before it',
      session: talk(
        `S: 220 mx.example\nC: EHLO a.example\nS: 250 AUTH PLAIN\n--gap client 21--\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 no`,
      ),
      confidence: 'likely',
      message: /less sure: 21 bytes of the client’s side were not captured/,
    },
  ],
  [
    { name: 'accepted', session: talk(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye`) },
    { name: '454: the server cannot check now', session: talk(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 454 4.7.0 later`) },
    { name: '535 to something else', session: talk(`${START}\nC: MAIL FROM:<a@b.example>\nS: 535 no`) },
    { name: 'no answer', session: talk(`${START}\nC: AUTH PLAIN ${PLAIN}`) },
  ],
);
