import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const end = 'C: QUIT\nS: 221 bye';

testRule(
  'multiline-code-mismatch',
  [
    {
      name: 'the list of extensions breaks off with 421',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\\x0d\\x0a250-SIZE\\x0d\\x0a421 4.3.2 going down',
        { close: 'server' },
      ),
      severity: 'error',
      confidence: 'certain',
      message: /^A reply to EHLO begins with 250- and goes on with 421$/,
    },
    {
      name: 'in several packets',
      session: wire(`S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 251-SIZE\nS: 250 HELP\n${end}`),
      message: /begins with 250- and goes on with 251/,
    },
  ],
  [
    {
      name: 'one code',
      session: wire(`S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 HELP\n${end}`),
    },
    {
      name: 'the greeting',
      session: wire(`S: 220-mx.example\nS: 250 hello\nC: EHLO client.example\nS: 250 mx.example\n${end}`),
    },
    {
      name: 'other numbers in the text',
      session: wire(`S: 220 mx.example\nC: EHLO client.example\nS: 250-500 users here\nS: 250 HELP\n${end}`),
    },
    {
      name: 'a hole inside the reply',
      session: wire(`S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\n--gap 12 S--\nS: 221 bye`),
    },
  ],
);
