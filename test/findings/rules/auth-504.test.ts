import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example';

testRule(
  'auth-504',
  [
    {
      name: 'a mechanism that is not on offer',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN LOGIN\nC: AUTH CRAM-MD5\nS: 504 5.3.3 AUTH mechanism CRAM-MD5 not available\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
      confidence: 'certain',
      message: /does not take the login with CRAM-MD5: 504 5\.3\.3 .*; on offer: PLAIN and LOGIN$/,
      firstCause: /does not choose from what the server offers/,
      also: ({ actor }, all) => {
        expect(actor).toBe('client');
        expect(all.map(({ rule }) => rule)).not.toContain('auth-not-offered-but-sent');
      },
    },
    {
      name: 'Exchange, where it is listed',
      session: spoken(`${HELLO}\nS: 250 AUTH NTLM LOGIN\nC: AUTH LOGIN\nS: 504 5.7.4 Unrecognized authentication type`),
      firstCause: /cannot do/,
      also: ({ actor, causes }) => {
        expect(actor).toBe('server');
        expect(causes[1]).toMatch(/receive connector/);
      },
    },
    {
      name: 'Postfix that wants TLS',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN\nC: AUTH PLAIN ${b64('\0a\0bbbb')}\nS: 504 5.5.4 Encryption required for requested authentication mechanism`,
      ),
      firstCause: /only inside TLS/,
      also: ({ remedies }) => expect(remedies[0]?.text).toMatch(/TLS/),
    },
    {
      name: 'the next mechanism succeeds: told, and still an error',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN LOGIN\nC: AUTH CRAM-MD5\nS: 504 no\nC: AUTH PLAIN ${b64('\0a\0bbbb')}\nS: 235 ok\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
      message: /a later login in this session was accepted$/,
    },
  ],
  [
    {
      name: '504 to MAIL',
      session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\nC: MAIL FROM:<a@b.example> FOO=1\nS: 504 no`),
    },
    { name: '501', session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\nC: AUTH PLAIN !\nS: 501 no`) },
  ],
);
