import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SIZE 10240000';
const HEADER = 'C: Date: Tue, 14 Nov 2023 22:13:20 +0000\nC: From: a@client.example\nC: ';
const mail = (body: string, reply = '250 ok') =>
  `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${HEADER}\n${body}\nC: .\nS: ${reply}\nC: QUIT\nS: 221 bye`;

testRule(
  'bare-lf',
  [
    {
      name: 'in a message',
      session: wire(mail('C: one\\x0atwo')),
      severity: 'notice',
      confidence: 'certain',
      message: /^LF without CR in 1 message$/,
    },
    {
      name: 'in a command',
      session: wire('S: 220 mx.example\nC: EHLO client.example\\x0a\\-\nS: 250 mx.example\nC: QUIT\nS: 221 bye'),
      severity: 'warning',
      message: /in 1 command$/,
    },
    {
      name: 'in a reply: the server’s',
      session: wire('S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\\x0a\\-\nC: QUIT\nS: 221 bye'),
      severity: 'warning',
      message: /in 1 reply$/,
      also: ({ actor }) => {
        if (actor !== 'server') throw new Error(`${actor}`);
      },
    },
    {
      name: 'refused for it',
      session: wire(mail('C: one\\x0atwo', '550 5.5.2 Error: bare <LF> received')),
      severity: 'error',
      message: /refuses for it: 550 5\.5\.2/,
      also: (_, all) => {
        if (all.some(({ rule }) => rule === 'rejected-other')) throw new Error('told twice');
      },
    },
  ],
  [
    { name: 'CRLF everywhere', session: wire(mail('C: one\nC: two')) },
    {
      name: 'in a chunk, which has no lines',
      session: wire(
        `${OPEN.replace('SIZE', 'CHUNKING')}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: BDAT 9 LAST\nC: one\\x0atwo\nS: 250 ok\nC: QUIT\nS: 221 bye`,
      ),
    },
    { name: 'a refusal that speaks of it, and none was seen', session: wire(mail('C: one', '550 bare LF received')) },
    { name: 'a hole where the CR may have been', session: wire(mail('C: one\\-\n--gap 1 C--\nC: \\x0atwo')) },
    {
      name: 'binary junk has no lines',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: \\x01\\x80\\x0a\\x0d\\x17\\x08\\xff\\x00\\x0a\\-\nS: 500 what\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
