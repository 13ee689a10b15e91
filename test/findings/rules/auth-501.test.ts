import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN XOAUTH2 GSSAPI';

testRule(
  'auth-501',
  [
    {
      name: 'PLAIN without its NULs',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${b64('alice\0hunter22')}\nS: 501 5.5.2 Cannot decode\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
      confidence: 'certain',
      message:
        /did not understand the login with PLAIN: 501 5\.5\.2 Cannot decode; seen in it: 1 NUL where PLAIN wants 2$/,
      firstCause: /by hand or by a script/,
      also: (finding) => expect(JSON.stringify(finding)).not.toContain('hunter22'),
    },
    {
      name: 'text instead of base64',
      session: spoken(
        `${START}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: alice@example.net\nS: 501 5.5.2 Invalid base64`,
      ),
      firstCause: /sent as it is/,
      message: /seen in it: not base64/,
    },
    {
      name: 'a line that is too long',
      session: spoken(
        `${START}\nC: AUTH GSSAPI ${'A'.repeat(2400)}\nS: 500 5.5.6 Authentication Exchange line is too long`,
      ),
      firstCause: /longer than the server takes/,
      message: /a line of 2,414 octets where 512 are allowed/,
    },
    {
      name: 'no mechanism',
      session: spoken(`${START}\nC: AUTH\nS: 501 5.5.4 Syntax: AUTH mechanism`),
      message: /did not understand the login: 501/,
    },
    {
      name: 'cancelled, and nothing after it',
      session: spoken(
        `${START}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 5.7.0 Authentication aborted\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
      message: /broke off the login with LOGIN: 501/,
      firstCause: /broke the exchange off/,
    },
    {
      name: 'cancelled, then another mechanism succeeds: a notice',
      session: spoken(
        `${START}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 5.7.0 aborted\nC: AUTH PLAIN ${b64('\0a\0bbbb')}\nS: 235 ok\nC: QUIT\nS: 221 x`,
      ),
      severity: 'notice',
    },
    {
      name: 'malformed, then right: an error all the same',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${b64('a')}\nS: 501 5.5.2 no\nC: AUTH PLAIN ${b64('\0a\0bbbb')}\nS: 235 ok\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
    },
    {
      name: 'an OAuth client gives up after the error',
      session: spoken(
        `${START}\nC: AUTH XOAUTH2 ${b64('user=a@b.example^Aauth=Bearer tok3n^A^A')}\nS: 334 ${b64('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}')}\nC: *\nS: 501 5.7.0 aborted`,
      ),
      message: /after the server’s error \(status 400, scope https:\/\/mail\.google\.com\/\)/,
      firstCause: /token is expired/,
      also: (finding) => expect(JSON.stringify(finding)).not.toContain('tok3n'),
    },
  ],
  [
    {
      name: '500 that says nothing of the line',
      session: spoken(`${START}\nC: AUTH PLAIN AAAA\nS: 500 unknown command`),
    },
    { name: '501 to EHLO', session: spoken('S: 220 mx.example\nC: EHLO\nS: 501 no') },
    { name: 'accepted', session: spoken(`${START}\nC: AUTH PLAIN ${b64('\0a\0bbbb')}\nS: 235 ok`) },
  ],
);
