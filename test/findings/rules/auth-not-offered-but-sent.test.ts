import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example';
const LOGIN = `C: AUTH PLAIN ${b64('\0alice\0hunter22')}`;

testRule(
  'auth-not-offered-but-sent',
  [
    {
      name: 'a mechanism that is not listed, and accepted',
      session: spoken(`${HELLO}\nS: 250 AUTH CRAM-MD5 LOGIN\n${LOGIN}\nS: 235 ok\nC: QUIT\nS: 221 x`),
      severity: 'warning',
      confidence: 'certain',
      message:
        /sent AUTH PLAIN, which the reply to EHLO does not list \(on offer: CRAM-MD5 and LOGIN\); the server took it all the same$/,
      also: ({ actor }) => expect(actor).toBe('developer'),
    },
    {
      name: 'no AUTH at all',
      session: spoken(
        `${HELLO}\nS: 250 SIZE 1000\n${LOGIN}\nS: 502 5.5.2 Error: command not recognized\nC: QUIT\nS: 221 x`,
      ),
      message: /\(AUTH is not in it\)$/,
    },
    {
      name: 'refused for the password: both are told',
      session: spoken(`${HELLO}\nS: 250 AUTH LOGIN\n${LOGIN}\nS: 535 no\nC: QUIT\nS: 221 x`),
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).toContain('auth-535'),
    },
  ],
  [
    { name: 'listed', session: spoken(`${HELLO}\nS: 250 AUTH LOGIN plain\n${LOGIN}\nS: 235 ok`) },
    { name: 'listed in the old form', session: spoken(`${HELLO}\nS: 250 AUTH=LOGIN PLAIN\n${LOGIN}\nS: 235 ok`) },
    { name: 'refused with 504, which says it', session: spoken(`${HELLO}\nS: 250 AUTH LOGIN\n${LOGIN}\nS: 504 no`) },
    {
      name: 'after HELO: there is no list',
      session: spoken(`S: 220 x.example\nC: HELO a.example\nS: 250 hi\n${LOGIN}\nS: 235 ok`),
    },
    {
      name: 'a hole in the reply to EHLO',
      session: spoken(
        `S: 220 mx.example\nC: EHLO a.example\nS: 250-mx.example\n--gap 19 S--\nS: 250 SIZE 1000\n${LOGIN}\nS: 235 ok\nC: QUIT\nS: 221 x`,
      ),
    },
    {
      name: 'a hole before it, in which another EHLO may have been answered',
      session: spoken(`${HELLO}\nS: 250 AUTH LOGIN\n--gap 40 S--\n${LOGIN}\nS: 235 ok\nC: QUIT\nS: 221 x`),
    },
  ],
);
