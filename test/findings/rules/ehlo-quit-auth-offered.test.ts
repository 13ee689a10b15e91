import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

/** The dialogue of August 2007, with documentation addresses. */
const FOUNDING = `
S: 220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)
C: EHLO local
S: 250-mail.example.ne.jp Hello local [198.51.100.7], pleased to meet you
S: 250-AUTH CRAM-MD5 LOGIN PLAIN
S: 250-ENHANCEDSTATUSCODES
S: 250-PIPELINING
S: 250-8BITMIME
S: 250-SIZE 104857600
S: 250-DSN
S: 250-DELIVERBY
S: 250 HELP
C: QUIT
S: 221 2.0.0 mail.example.ne.jp closing connection`;

function offering(...extensions: string[]): string {
  const lines = ['mx.example at your service', ...extensions];
  return [
    'S: 220 mx.example ESMTP',
    'C: EHLO client.example',
    ...lines.map((line, i) => `S: 250${i === lines.length - 1 ? ' ' : '-'}${line}`),
    'C: QUIT',
    'S: 221 bye',
  ].join('\n');
}

const DELIVERY = `
S: 220 big.example ESMTP
C: EHLO client.example
S: 250 big.example
C: MAIL FROM:<a@client.example>
S: 250 ok
C: RCPT TO:<b@big.example>
S: 250 ok
C: DATA
S: 354 go
C: ${'x'.repeat(3000)}
C: .
S: 250 ok
C: QUIT
S: 221 bye`;

const LOGIN = `
S: 220 mx.example ESMTP
C: EHLO client.example
S: 250-mx.example
S: 250 AUTH PLAIN
C: AUTH PLAIN AHVzZXIAc2VjcmV0
S: 235 ok
C: QUIT
S: 221 bye`;

testRule(
  'ehlo-quit-auth-offered',
  [
    {
      name: 'the founding case',
      session: wire(FOUNDING),
      severity: 'error',
      confidence: 'certain',
      message: /AUTH CRAM-MD5 LOGIN PLAIN and left with QUIT 10 ms later/,
      firstCause: /lacks the mechanisms.*No worthy mechs found/s,
      also: (finding, all) => {
        expect(all[0]?.rule).toBe('ehlo-quit-auth-offered');
        expect(finding.actor).toBe('client');
        expect(finding.remedies[0]?.applies).toMatch(/Debian and Ubuntu/);
        expect(finding.remedies.some(({ commands }) => commands.some((c) => c.includes('cyrus-sasl-plain')))).toBe(
          true,
        );
        expect(finding.causes.join('\n')).toMatch(/local data error while talking to/);
        expect(finding.causes.some((cause) => cause.startsWith('A probe'))).toBe(true);
        expect(finding.causes[0]).not.toMatch(/noplaintext/);
        expect(finding.evidence.map(({ turn }) => turn)).toEqual([2, 3]);
      },
    },
    {
      name: 'PLAIN and LOGIN only, no STARTTLS: missing mechanisms and policy stand side by side',
      session: wire(offering('AUTH PLAIN LOGIN', 'SIZE 10240000')),
      severity: 'error',
      also: ({ causes }) => {
        expect(causes[0]).toMatch(/lacks the mechanisms/);
        expect(causes[1]).toMatch(/noplaintext/);
      },
    },
    {
      name: 'PLAIN and LOGIN with STARTTLS on offer: turning TLS on is the cure',
      session: wire(offering('STARTTLS', 'AUTH PLAIN LOGIN')),
      firstCause: /STARTTLS is on offer/,
      also: ({ remedies }) => expect(remedies[0]?.commands.join()).toMatch(/smtp_tls_security_level = encrypt/),
    },
    {
      name: 'only Windows mechanisms',
      session: wire(offering('AUTH NTLM GSSAPI')),
      firstCause: /Windows mechanisms/,
    },
    { name: 'only OAuth', session: wire(offering('AUTH XOAUTH2')), firstCause: /OAuth/ },
    { name: 'AUTH= alone', session: wire(offering('AUTH=LOGIN PLAIN')), message: /AUTH LOGIN PLAIN/ },
    { name: 'AUTH on the last line, in small letters', session: wire(offering('auth cram-md5')), message: /CRAM-MD5/ },
    { name: 'AUTH without a mechanism', session: wire(offering('AUTH')), firstCause: /names no mechanism/ },
    {
      name: 'a bare FIN instead of QUIT',
      session: wire(offering('AUTH PLAIN').replace(/C: QUIT\nS: 221 bye/, '')),
      message: /closed the connection/,
      confidence: 'certain',
    },
    {
      name: 'a RST instead of QUIT',
      session: wire(offering('AUTH PLAIN').replace(/C: QUIT\nS: 221 bye/, ''), { reset: true }),
      message: /reset the connection/,
    },
    {
      name: 'the handshake is not in the capture',
      session: wire(offering('AUTH PLAIN').replace('S: 220 mx.example ESMTP\n', ''), { midStream: true }),
      confidence: 'likely',
      message: /less sure: the capture does not show how the connection began/,
    },
    {
      name: 'the server greets the client with its own name: a loop comes first',
      session: wire(offering('AUTH PLAIN').replace('220 mx.example', '220 client.example')),
      firstCause: /A loop/,
    },
    {
      name: 'the client has sent larger messages elsewhere than the SIZE here',
      session: wire(offering('AUTH PLAIN', 'SIZE 2000')),
      earlier: [wire(DELIVERY, { server: '203.0.113.9' })],
      firstCause: /larger than the SIZE/,
      message: /3,002 octets elsewhere/,
    },
    {
      name: 'a scanner by its name',
      session: wire(offering('AUTH PLAIN').replace('EHLO client.example', 'EHLO scan-1.internet-census.org')),
      severity: 'notice',
      firstCause: /A probe/,
    },
    {
      name: 'a monitor by its name',
      session: wire(offering('AUTH PLAIN').replace('EHLO client.example', 'EHLO nagios.example.net')),
      severity: 'notice',
    },
    {
      name: 'logged in on another connection at the same time',
      session: wire(offering('AUTH PLAIN')),
      earlier: [wire(LOGIN, { server: '203.0.113.9' })],
      severity: 'notice',
      message: /logged in on another connection/,
    },
    {
      name: 'logged in long before: that explains nothing',
      session: wire(offering('AUTH PLAIN'), { startSeconds: 3600 }),
      earlier: [wire(LOGIN)],
      severity: 'error',
    },
    {
      name: 'a person with telnet',
      session: wire(
        offering('AUTH PLAIN').replace('C: EHLO', '--4 s--\nC: EHLO').replace('C: QUIT', '--2 s--\nC: QUIT'),
      ),
      severity: 'notice',
      message: /a person/,
    },
  ],
  [
    { name: 'EHLO and QUIT in one segment', session: wire(FOUNDING.replace('C: QUIT', 'C*: QUIT')) },
    {
      name: 'QUIT in flight before the reply had ended',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nC: QUIT\nS: 250-mx.example\nS: 250 AUTH PLAIN\nS: 221 bye`,
      ),
    },
    {
      name: 'a hole of the client between EHLO and QUIT',
      session: wire(FOUNDING.replace('C: QUIT', '--gap 30 C--\nC: QUIT')),
    },
    {
      name: 'an EHLO reply with a hole in it',
      session: wire(offering('AUTH PLAIN').replace('S: 250 AUTH', '--gap 20 S--\nS: 250 AUTH')),
    },
    {
      name: 'a hole before the EHLO reply: its beginning may be missing',
      session: wire(offering('AUTH PLAIN').replace('S: 250-mx', '--gap 20 S--\nS: 250-mx')),
    },
    { name: 'no AUTH on offer', session: wire(offering('PIPELINING')) },
    { name: 'a login was tried', session: wire(LOGIN) },
    {
      name: 'a second EHLO',
      session: wire(FOUNDING.replace('C: QUIT', 'C: EHLO again.example\nS: 250 AUTH PLAIN\nC: QUIT')),
    },
    { name: 'NOOP before QUIT', session: wire(FOUNDING.replace('C: QUIT', 'C: NOOP\nS: 250 ok\nC: QUIT')) },
    { name: 'STARTTLS', session: wire(FOUNDING.replace('C: QUIT', 'C: STARTTLS\nS: 454 no\nC: QUIT')) },
    { name: 'the server sends the client away', session: wire(FOUNDING.replace('C: QUIT', 'S: 421 closing\nC: QUIT')) },
    {
      name: 'the server closes first',
      session: wire(offering('AUTH PLAIN').replace(/C: QUIT\nS: 221 bye/, ''), { close: 'server' }),
    },
    {
      name: 'the connection is still open',
      session: wire(offering('AUTH PLAIN').replace(/C: QUIT\nS: 221 bye/, ''), { close: 'none' }),
    },
    { name: 'a mail is sent', session: wire(DELIVERY) },
    { name: 'the greeting was a refusal', session: wire(FOUNDING.replace('S: 220', 'S: 554')) },
  ],
);
