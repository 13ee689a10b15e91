import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN CRAM-MD5';
const token = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = token('\0user@example.net\0correct horse');

testRule(
  'auth-535',
  [
    {
      name: 'a wrong password',
      session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 Error: authentication failed\nC: QUIT\nS: 221 bye`),
      severity: 'error',
      confidence: 'certain',
      message: /refused the login of “user@example\.net” with PLAIN: 535 5\.7\.8 Error: authentication failed$/,
      firstCause: /user name or the password is wrong/,
      also: (_finding, all) => expect(all[0]?.rule).toBe('auth-535'),
    },
    {
      name: 'the server echoes the secret: it is masked',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 cannot use ${PLAIN} (correct horse)\nC: QUIT\nS: 221 bye`,
      ),
      message: /535 cannot use \*\*\*\* \(\*\*\*\*\)$/,
      also: (finding) => expect(JSON.stringify(finding)).not.toMatch(/correct horse|AHVzZXJA/),
    },
    {
      name: 'Exchange Online takes no passwords any more: one finding, and its remedy first',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 550 5.7.30 Basic authentication is not supported for Client Submission. [x]\nC: AUTH PLAIN ${PLAIN}\nS: 550 5.7.30 Basic authentication is not supported for Client Submission. [x]\nC: QUIT\nS: 221 bye`,
      ),
      firstCause: /password is switched off/,
      also: ({ remedies }, all) => {
        expect(remedies[0]?.applies).toBe('Microsoft 365 (Exchange Online PowerShell)');
        expect(all.map(({ rule }) => rule)).not.toContain('auth-too-many-errors');
      },
    },
    {
      name: 'security defaults, where only the words tell the provider: its remedy first',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.\nC: QUIT\nS: 221 bye`,
      ),
      firstCause: /password is switched off/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('Microsoft 365 (Exchange Online PowerShell)'),
    },
    {
      name: 'two refusals and then success: a notice',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye`,
      ),
      severity: 'notice',
      message: /refused 2 logins.*later login in this session was accepted/,
    },
    {
      name: 'a challenge mechanism: the store may not be able to verify it',
      session: wire(
        `${START}\nC: AUTH CRAM-MD5\nS: 334 PDFAbXguZXhhbXBsZT4=\nC: ${token('user 0123456789abcdef0123456789abcdef')}\nS: 535 5.7.8 no`,
      ),
      also: ({ causes, message }) => {
        expect(causes[1]).toMatch(/cannot verify/);
        expect(message).not.toMatch(/0123456789abcdef/);
      },
    },
    {
      name: 'password logins are switched off',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant`,
      ),
      firstCause: /switched off/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'an empty password',
      session: wire(`${START}\nC: AUTH PLAIN ${token('\0user\0')}\nS: 535 5.7.8 no`),
      firstCause: /empty password/,
    },
    {
      name: 'Exchange Online and a wrong password: the same code, nothing is switched off',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [AB1CD.eurprd01.prod.outlook.com]\nC: QUIT\nS: 221 x`,
      ),
      also: ({ causes, actor }) => {
        expect(actor).toBe('client');
        expect(causes.join(' ')).not.toMatch(/SmtpClientAuthentication, security/);
      },
    },
    {
      name: 'Gmail: an app password is wanted',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535-5.7.8 Username and Password not accepted. For more information, go to\nS: 535 5.7.8  https://support.google.com/mail/?p=BadCredentials ab12 - gsmtp\nC: QUIT\nS: 221 x`,
      ),
      firstCause: /app password/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('Gmail and Google Workspace'),
    },
    {
      name: 'SendGrid: the user is the word apikey',
      session: spoken(
        `${START.replace('220 mx.example ESMTP', '220 SG ESMTP service ready at ismtpd-1')}\nC: AUTH PLAIN ${PLAIN}\nS: 535 Authentication failed: Bad username / password\nC: QUIT\nS: 221 x`,
      ),
      firstCause: /is the word apikey/,
    },
    {
      name: 'an address of a provider in the words is no sign of its server',
      session: spoken(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 no such login: user@gmx.de\nC: QUIT\nS: 221 x`),
      firstCause: /user name or the password is wrong/,
    },
    {
      name: 'OAuth: the error of the server is told',
      session: spoken(
        `${START}\nC: AUTH XOAUTH2 ${b64('user=a@b.example^Aauth=Bearer tok3n^A^A')}\nS: 334 ${b64('{"status":"401","schemes":"bearer","scope":"mail"}')}\nC: \nS: 535 5.7.8 no\nC: QUIT\nS: 221 x`,
      ),
      message: /with XOAUTH2: 535 5\.7\.8 no; its error: status 401, schemes bearer, scope mail$/,
      firstCause: /token is expired/,
      also: (finding) => expect(JSON.stringify(finding)).not.toContain('tok3n'),
    },
    {
      name: 'a line end within the password',
      session: spoken(`${START}\nC: AUTH PLAIN ${b64('\0user\0hunter22\n')}\nS: 535 5.7.8 no\nC: QUIT\nS: 221 x`),
      message: /seen in it: the password itself ends in a line end$/,
      firstCause: /does not arrive as it was meant/,
    },
    {
      name: 'a later login in another session that ended first: a notice',
      session: spoken(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 no\nC: QUIT\nS: 221 x`, {
        client: '198.51.100.7',
        server: '192.0.2.25',
      }),
      earlier: [wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 x`, { startSeconds: 60 })],
      severity: 'notice',
      message: /a later login of this client in another session was accepted$/,
    },
    {
      name: 'bytes of the client are missing before it',
      session: wire(
        `S: 220 mx.example\nC: EHLO a.example\nS: 250 AUTH PLAIN\n--gap 21 C--\nC: AUTH PLAIN ${PLAIN}\nS: 535 5.7.8 no`,
      ),
      confidence: 'hint',
      message: /less sure: 21 bytes of the client’s side were not captured/,
    },
  ],
  [
    { name: 'accepted', session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye`) },
    { name: '454: the server cannot check now', session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 454 4.7.0 later`) },
    { name: '535 to something else', session: wire(`${START}\nC: MAIL FROM:<a@b.example>\nS: 535 no`) },
    { name: 'no answer', session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}`) },
  ],
);
