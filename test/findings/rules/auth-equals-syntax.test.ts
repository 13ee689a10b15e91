import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (...lines: readonly string[]) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\n${lines.join('\n')}\nS: 250 HELP\nC: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye`;

testRule(
  'auth-equals-syntax',
  [
    {
      name: 'the old line alone',
      session: wire(talk('S: 250-AUTH=LOGIN PLAIN')),
      severity: 'warning',
      confidence: 'certain',
      message: /offers “AUTH=LOGIN PLAIN” and no “AUTH ” line/,
    },
  ],
  [
    { name: 'the line of the standard', session: wire(talk('S: 250-AUTH LOGIN PLAIN')) },
    { name: 'both', session: wire(talk('S: 250-AUTH LOGIN PLAIN', 'S: 250-AUTH=LOGIN PLAIN')) },
    { name: 'the other line lies in a hole', session: wire(talk('S: 250-AUTH=LOGIN PLAIN', '--gap 22 S--')) },
  ],
);
