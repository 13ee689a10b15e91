import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const PLAIN = Buffer.from('\0user@example.net\0correct horse').toString('base64');
const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN CRAM-MD5';
const LOGIN = `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok\nC: QUIT\nS: 221 bye`;

testRule(
  'credentials-in-clear',
  [
    {
      name: 'between public addresses',
      session: wire(LOGIN),
      severity: 'critical',
      confidence: 'certain',
      message: /A login with PLAIN for “user@example\.net” went out without TLS; the server accepted it/,
      also: (finding) => expect(JSON.stringify(finding)).not.toMatch(/correct horse|AHVzZXJA/),
    },
    {
      name: 'between private addresses',
      session: wire(LOGIN, { client: '10.0.0.5', server: '192.168.1.2' }),
      severity: 'warning',
    },
    {
      name: 'between private IPv6 addresses',
      session: wire(LOGIN, { client: 'fd00::5', server: 'fe80::1' }),
      severity: 'warning',
    },
    { name: 'one end is public', session: wire(LOGIN, { client: '10.0.0.5' }), severity: 'critical' },
    {
      name: 'refused, and STARTTLS was on offer',
      session: wire(LOGIN.replace('235 ok', '535 no').replace('250-mx.example', '250-STARTTLS')),
      severity: 'critical',
      also: (_finding, all) => expect(all[0]?.rule).toBe('auth-535'),
    },
    {
      name: 'LOGIN',
      session: wire(
        `${START}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 ok`,
      ),
    },
  ],
  [
    { name: 'over loopback', session: wire(LOGIN, { client: '127.0.0.1', server: '127.0.0.1' }) },
    { name: 'over IPv6 loopback', session: wire(LOGIN, { client: '::1', server: '::1' }) },
    {
      name: 'CRAM-MD5',
      session: wire(`${START}\nC: AUTH CRAM-MD5\nS: 334 PDFAbXguZXhhbXBsZT4=\nC: dXNlciAwMTIz\nS: 235 ok`),
    },
    { name: 'no login', session: wire(`${START}\nC: QUIT\nS: 221 bye`) },
  ],
);
