import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN =
  'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 CHUNKING\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'nul-in-stream',
  [
    {
      name: 'in a message',
      session: wire(`${OPEN}\nC: DATA\nS: 354 go\nC: a\\x00b\nC: .\nS: 250 ok\n${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /^NUL was sent in 1 message$/,
    },
    {
      name: 'in a command',
      session: wire(`S: 220 mx.example\nC: EHLO client\\x00.example\nS: 250 mx.example\n${END}`),
      message: /1 command or reply$/,
    },
  ],
  [
    { name: 'none', session: wire(`${OPEN}\nC: DATA\nS: 354 go\nC: ab\nC: .\nS: 250 ok\n${END}`) },
    { name: 'in a chunk', session: wire(`${OPEN}\nC: BDAT 5 LAST\nC: a\\x00b\nS: 250 ok\n${END}`) },
    {
      name: 'binary junk has no lines',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: \\x01\\x80\\x0a\\x0d\\x17\\x08\\xff\\x00\\x0a\\-\nS: 500 what\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
