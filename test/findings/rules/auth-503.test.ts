import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example';
const LOGIN = `C: AUTH PLAIN ${b64('\0alice\0hunter22')}`;

testRule(
  'auth-503',
  [
    {
      name: 'not on offer',
      session: spoken(
        `${HELLO}\nS: 250 SIZE 1000\n${LOGIN}\nS: 503 5.5.1 Error: authentication not enabled\nC: QUIT\nS: 221 x`,
      ),
      severity: 'error',
      confidence: 'certain',
      message: /did not take the login of “alice” with PLAIN at this moment, for it offers no AUTH here: 503 5\.5\.1/,
      firstCause: /switched off on this port/,
      also: ({ actor }, all) => {
        expect(actor).toBe('client');
        expect(all.map(({ rule }) => rule)).not.toContain('auth-not-offered-but-sent');
      },
    },
    {
      name: 'logged in already',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN\n${LOGIN}\nS: 235 ok\n${LOGIN}\nS: 503 5.5.1 already authenticated\nC: QUIT\nS: 221 x`,
      ),
      message: /for the client was logged in already/,
      firstCause: /second time/,
      also: ({ actor }) => expect(actor).toBe('developer'),
    },
    {
      name: 'inside a transaction',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN\nC: MAIL FROM:<a@b.example>\nS: 250 ok\n${LOGIN}\nS: 503 5.5.1 MAIL transaction in progress\nC: QUIT\nS: 221 x`,
      ),
      message: /in the middle of a mail transaction/,
    },
    {
      name: 'without EHLO',
      session: spoken(`S: 220 mx.example\n${LOGIN}\nS: 503 5.5.1 Error: send HELO/EHLO first\nC: QUIT\nS: 221 x`),
      message: /without an EHLO before it/,
    },
    {
      name: 'after a transaction that was reset: the reason is not known',
      session: spoken(
        `${HELLO}\nS: 250 AUTH PLAIN\nC: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RSET\nS: 250 ok\n${LOGIN}\nS: 503 no\nC: QUIT\nS: 221 x`,
      ),
      message: /at this moment: 503 no$/,
    },
  ],
  [
    {
      name: 'only STARTTLS was on offer: auth-only-after-tls speaks for it',
      session: spoken(
        `${HELLO}\nS: 250 STARTTLS\n${LOGIN}\nS: 503 AUTH command used when not advertised\nC: QUIT\nS: 221 x`,
      ),
    },
    {
      name: 'behind a refused EHLO',
      session: spoken(
        `S: 220 mx.example\nC: EHLO bad_name\nS: 501 bad name\n${LOGIN}\nS: 503 send EHLO first\nC: QUIT\nS: 221 x`,
      ),
    },
    { name: '503 to DATA', session: spoken(`${HELLO}\nS: 250 AUTH PLAIN\nC: DATA\nS: 503 no`) },
  ],
);
