import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (...lines: readonly string[]) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\n${lines.join('\n')}\nS: 250 HELP\nC: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye`;

testRule(
  'auth-empty-or-odd',
  [
    {
      name: 'no mechanism',
      session: wire(talk('S: 250-AUTH ')),
      severity: 'warning',
      confidence: 'certain',
      message: /offers “AUTH” without any mechanism/,
      firstCause: /no mechanism/,
    },
    { name: 'no mechanism, in the old spelling', session: wire(talk('S: 250-AUTH=')), message: /“AUTH=”/ },
    {
      name: 'two lines that differ',
      session: wire(talk('S: 250-AUTH PLAIN LOGIN', 'S: 250-AUTH CRAM-MD5')),
      message: /in 2 lines that differ: “AUTH PLAIN LOGIN”, “AUTH CRAM-MD5”/,
      firstCause: /Two parts/,
    },
  ],
  [
    { name: 'one line', session: wire(talk('S: 250-AUTH PLAIN LOGIN')) },
    { name: 'the twin for old clients', session: wire(talk('S: 250-AUTH PLAIN LOGIN', 'S: 250-AUTH=PLAIN LOGIN')) },
    { name: 'the same twice', session: wire(talk('S: 250-AUTH PLAIN LOGIN', 'S: 250-AUTH login plain')) },
    { name: 'a hole in the offer', session: wire(talk('S: 250-AUTH PLAIN', '--gap 10 S--', 'S: 250-AUTH LOGIN')) },
  ],
);
