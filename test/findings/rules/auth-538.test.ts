import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example';
const LOGIN = `C: AUTH PLAIN ${b64('\0user@example.net\0hunter22')}\nS: 538 5.7.11 Encryption required for requested authentication mechanism`;

testRule(
  'auth-538',
  [
    {
      name: 'PLAIN in clear, STARTTLS and AUTH on offer',
      session: spoken(`${HELLO}\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\n${LOGIN}\nC: QUIT\nS: 221 bye`),
      severity: 'error',
      confidence: 'certain',
      message:
        /takes the login of “user@example\.net” with PLAIN only inside TLS: 538 5\.7\.11 .*; STARTTLS was on offer$/,
      firstCause: /does not use the STARTTLS/,
      also: (finding, all) => {
        expect(JSON.stringify(finding)).not.toMatch(/hunter22|AHVzZXJA/);
        expect(all.map(({ rule }) => rule)).not.toContain('auth-not-offered-but-sent');
      },
    },
    {
      name: 'no STARTTLS on offer',
      session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\n${LOGIN}`),
      firstCause: /STARTTLS is not on offer/,
    },
  ],
  [
    {
      name: 'a hole before it: what the reply answers is not known',
      session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\n--gap 20 C--\n${LOGIN}\nC: QUIT\nS: 221 bye`),
    },
    {
      name: 'only STARTTLS was on offer: auth-only-after-tls speaks for it',
      session: spoken(`${HELLO}\nS: 250 STARTTLS\n${LOGIN}\nC: QUIT\nS: 221 bye`),
    },
    { name: 'accepted', session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\n${LOGIN.replace(/S: 538.*/, 'S: 235 ok')}`) },
  ],
);
