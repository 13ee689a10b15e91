import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (...lines: string[]) => {
  const octets = lines.reduce((sum, line) => sum + line.length + 2, 0);
  return wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 CHUNKING\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: BDAT ${octets} LAST\n${lines.map((line) => `C: ${line}`).join('\n')}\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
};

testRule(
  'dot-stuffing-in-bdat',
  [
    {
      name: 'every line has two',
      session: talk('Subject: x', '..one', '..two'),
      severity: 'warning',
      confidence: 'likely',
      message: /^BDAT carried 2 lines with two dots/,
    },
  ],
  [
    { name: 'one line has one', session: talk('Subject: x', '..one', '.two') },
    { name: 'no dots', session: talk('Subject: x', 'one') },
    {
      name: 'DATA',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: Subject: x\nC: ..one\nC: .\nS: 250 ok',
      ),
    },
  ],
);
