import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SIZE 1000000';
const END = 'C: QUIT\nS: 221 bye';
const mail = (body: string, reply = '250 ok') =>
  wire(
    `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: Date: x\nC: From: a@client.example\nC: \nC: ${body}\nC: .\nS: ${reply}\n${END}`,
  );

testRule(
  'line-too-long',
  [
    {
      name: 'in the message',
      session: mail('x'.repeat(999)),
      severity: 'notice',
      confidence: 'certain',
      message: /^The message has a line of 1,001 octets, and 1,000 are allowed$/,
    },
    {
      name: 'refused for it',
      session: mail('x'.repeat(1200), '550 maximum allowed line length is 998 octets, got 1200'),
      severity: 'error',
      message: /the server refuses it: 550/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
    {
      name: 'a command',
      session: wire(`${OPEN}\nC: NOOP ${'x'.repeat(510)}\nS: 250 ok\n${END}`),
      message: /A command line is of 517 octets, and 512/,
    },
    {
      name: 'a reply',
      session: wire(`${OPEN}\nC: NOOP\nS: 250 ${'x'.repeat(600)}\n${END}`),
      message: /A reply has a line of 606 octets/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'MAIL, with what SIZE adds',
      session: wire(`${OPEN}\nC: MAIL FROM:<${'x'.repeat(530)}@client.example> SIZE=1\nS: 250 ok\n${END}`),
      message: /and 538 are allowed/,
    },
  ],
  [
    { name: 'a thousand octets', session: mail('x'.repeat(998)) },
    { name: '512 octets', session: wire(`${OPEN}\nC: NOOP ${'x'.repeat(505)}\nS: 250 ok\n${END}`) },
    {
      name: 'a long reply of short lines',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\n${`S: 250-${'x'.repeat(60)}\n`.repeat(12)}S: 250 HELP\n${END}`,
      ),
    },
    { name: 'AUTH may be long', session: wire(`${OPEN}\nC: AUTH GSSAPI ${'x'.repeat(900)}\nS: 535 no\n${END}`) },
    {
      name: 'in a chunk',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 CHUNKING\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: BDAT 1202 LAST\nC: ${'x'.repeat(1200)}\nS: 250 ok\n${END}`,
      ),
    },
    {
      name: 'a hole where the line may have ended',
      session: mail(`${'x'.repeat(600)}\\-\n--gap 40 C--\nC: ${'x'.repeat(600)}`),
    },
  ],
);
