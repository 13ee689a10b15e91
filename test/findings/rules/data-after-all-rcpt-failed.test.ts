import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 PIPELINING';
const group = (data: string, ...replies: string[]) =>
  `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nC*: RCPT TO:<c@mx.example>\nC*: DATA\n${replies.map((reply) => `S: ${reply}`).join('\n')}\n${data}\nC: QUIT\nS: 221 bye`;

testRule(
  'data-after-all-rcpt-failed',
  [
    {
      name: 'the message is sent',
      session: wire(
        group('C: Subject: x\nC: \nC: text\nC: .\nS: 554 no valid recipients', '250 ok', '550 no', '550 no', '354 go'),
      ),
      severity: 'warning',
      confidence: 'certain',
      message:
        /^All 2 recipients were refused, the server took DATA all the same, and the client sent 20 octets of message: 554/,
    },
  ],
  [
    {
      name: 'a lone dot',
      session: wire(group('C: .\nS: 554 no valid recipients', '250 ok', '550 no', '550 no', '354 go')),
    },
    {
      name: 'one was accepted',
      session: wire(group('C: text\nC: .\nS: 250 ok', '250 ok', '550 no', '250 ok', '354 go')),
    },
    {
      name: 'DATA refused too',
      session: wire(group('C: RSET\nS: 250 ok', '250 ok', '550 no', '550 no', '554 no valid recipients')),
    },
    {
      name: 'a reply lies in a hole',
      session: wire(
        group('C: text\nC: .\nS: 250 ok', '250 ok', '550 no').replace(
          'S: 550 no\n',
          'S: 550 no\n--gap 8 S--\nS: 354 go\n',
        ),
      ),
    },
  ],
);
