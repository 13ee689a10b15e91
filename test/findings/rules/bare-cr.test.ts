import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const HEADER = 'C: Date: Tue, 14 Nov 2023 22:13:20 +0000\nC: From: a@client.example\nC: ';
const mail = (body: string, reply = '250 ok') =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${HEADER}\n${body}\nC: .\nS: ${reply}\nC: QUIT\nS: 221 bye`;

testRule(
  'bare-cr',
  [
    {
      name: 'in a message',
      session: wire(mail('C: one\\x0dtwo')),
      severity: 'notice',
      confidence: 'certain',
      message: /^CR without LF in 1 message$/,
    },
    { name: 'CR CR LF', session: wire(mail('C: one\\x0d\nC: two')), severity: 'notice' },
    {
      name: 'in a command',
      session: wire('S: 220 mx.example\nC: EHLO client\\x0d.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye'),
      severity: 'warning',
      message: /in 1 command$/,
    },
    {
      name: 'refused for it',
      session: wire(mail('C: one\\x0dtwo', '554 bare CR in message')),
      severity: 'error',
      message: /refuses for it: 554/,
    },
  ],
  [
    { name: 'CRLF everywhere', session: wire(mail('C: one\nC: two')) },
    { name: 'bare LF alone', session: wire(mail('C: one\\x0atwo')) },
    { name: 'LF in the next packet', session: wire(mail('C: one\\x0d\\-\nC: \\x0a\\-')) },
    {
      name: 'binary junk has no lines',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: \\x01\\x80\\x0a\\x0d\\x17\\x08\\xff\\x00\\x0a\\-\nS: 500 what\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
