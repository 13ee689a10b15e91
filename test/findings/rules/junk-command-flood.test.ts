import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';
const END = 'C: QUIT\nS: 221 bye';
const many = (number: number, verb: string) => `C: ${verb}\nS: 250 ok\n`.repeat(number);

testRule(
  'junk-command-flood',
  [
    {
      name: 'NOOP',
      session: wire(`${OPEN}\n${many(120, 'NOOP')}${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /^The client sent 121 commands in a row without a mail: EHLO and NOOP$/,
    },
    { name: 'RSET and NOOP', session: wire(`${OPEN}\n${many(60, 'NOOP')}${many(60, 'RSET')}${END}`) },
  ],
  [
    { name: 'a hundred', session: wire(`${OPEN}\n${many(99, 'NOOP')}${END}`) },
    {
      name: 'a mail in between',
      session: wire(
        `${OPEN}\n${many(60, 'NOOP')}C: MAIL FROM:<a@client.example>\nS: 250 ok\n${many(60, 'NOOP')}${END}`,
      ),
    },
    {
      name: 'questions for mailboxes have their own',
      session: wire(`S: 220 mx.example\nC: HELO client.example\nS: 250 mx.example\n${many(120, 'VRFY a')}${END}`),
    },
  ],
);
