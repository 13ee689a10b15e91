import { expect } from 'vitest';
import { DATA, HELLO, lines, QUIT, RCPT, testDialogues } from '../support/refused.ts';

const mail = (parameters: string, ...reply: string[]) =>
  lines(HELLO, `C: MAIL FROM:<a@client.example>${parameters}`, ...reply.map((line) => `S: ${line}`));

testDialogues(
  'size-declared-too-big',
  [
    {
      name: 'above the offer, and refused',
      text: lines(mail(' SIZE=20000000', '552 5.3.4 Message size exceeds fixed limit'), QUIT),
      severity: 'error',
      confidence: 'certain',
      message: /The mail of 20,000,000 octets is larger than the server takes \(10,240,000 octets\): 552/,
      firstCause: /more than about 7\.5 MB/,
      also: ({ evidence }) => expect(evidence.map(({ turn }) => turn)).toEqual([2, 3, 4]),
    },
    {
      name: 'refused without a declared size',
      text: lines(mail('', '552 message too big'), QUIT),
      message: /^The mail is larger/,
    },
    {
      name: 'above the offer, and the client leaves',
      text: lines(mail(' SIZE=20000000', '250 ok'), 'C: RSET', 'S: 250 ok', QUIT),
      severity: 'error',
      message: /10,240,000 octets\)$/,
    },
    {
      name: 'above the offer, and accepted: a notice',
      text: lines(mail(' SIZE=20000000', '250 ok'), RCPT, 'S: 250 ok', DATA, 'S: 250 ok', QUIT),
      severity: 'notice',
    },
    {
      name: 'below the offer, and refused for it',
      text: lines(mail(' SIZE=5000', '552 5.3.4 too big'), QUIT),
      severity: 'error',
    },
    {
      name: 'a recipient’s own limit',
      text: lines(mail(' SIZE=5000', '250 ok'), RCPT, 'S: 552 5.2.3 message larger than this mailbox takes', QUIT),
      severity: 'error',
    },
  ],
  [
    { name: 'within the offer', text: lines(mail(' SIZE=5000', '250 ok'), RCPT, 'S: 250 ok', DATA, 'S: 250 ok', QUIT) },
    {
      name: 'an offer without a limit',
      text: lines(mail(' SIZE=20000000', '250 ok').replace('SIZE 10240000', 'SIZE 0'), QUIT),
    },
    { name: 'a full disk', text: lines(mail(' SIZE=5000', '452 4.3.1 Insufficient system storage'), QUIT) },
    { name: 'refused for another reason', text: lines(mail(' SIZE=20000000', '550 5.7.1 Sender rejected'), QUIT) },
    {
      name: 'after the message',
      text: lines(mail('', '250 ok'), RCPT, 'S: 250 ok', DATA, 'S: 552 5.3.4 too big', QUIT),
    },
  ],
);
