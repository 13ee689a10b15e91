import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN SCRAM-SHA-1';
const LOGIN = `C: AUTH SCRAM-SHA-1 ${b64('n,,n=alice,r=abc')}`;

testRule(
  'auth-432',
  [
    {
      name: 'a password transition is needed',
      session: spoken(`${START}\n${LOGIN}\nS: 432 4.7.12 A password transition is needed\nC: QUIT\nS: 221 x`),
      severity: 'error',
      confidence: 'certain',
      message: /login of “alice” with SCRAM-SHA-1: 432 4\.7\.12 .*once with PLAIN inside TLS$/,
      firstCause: /older than the mechanism/,
    },
  ],
  [
    { name: '454', session: spoken(`${START}\n${LOGIN}\nS: 454 4.7.0 later`) },
    {
      name: 'Exchange Online: a fourth connection',
      session: spoken(`${START}\n${LOGIN}\nS: 432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/x`),
    },
    { name: '432 to DATA', session: spoken(`${START}\nC: MAIL FROM:<a@b.example>\nS: 432 4.3.2 busy`) },
  ],
);
