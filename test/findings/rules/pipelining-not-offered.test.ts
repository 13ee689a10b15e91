import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SIZE 10240000';
const OFFERED = OPEN.replace('SIZE 10240000', 'PIPELINING');
const GROUP = 'C: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nS: 250 ok\nS: 250 ok';
const END = 'C: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye';

testRule(
  'pipelining-not-offered',
  [
    {
      name: 'two commands at once',
      session: wire(`${OPEN}\n${GROUP}\n${END}`),
      severity: 'warning',
      confidence: 'likely',
      message: /^The client sent RCPT before it could see the reply to MAIL; the server does not offer PIPELINING$/,
    },
    {
      name: 'behind HELO',
      session: wire(`S: 220 mx.example\nC: HELO client.example\nS: 250 mx.example\n${GROUP}\n${END}`),
    },
    {
      name: 'refused for it',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nS: 250 ok\nS: 500 5.5.1 Pipelining not supported\n${END}`,
      ),
      severity: 'error',
      message: /and objects: 500 5\.5\.1 Pipelining not supported/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
  ],
  [
    { name: 'offered', session: wire(`${OFFERED}\n${GROUP}\n${END}`) },
    {
      name: 'one after the other',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\n${END}`,
      ),
    },
    {
      name: 'a client that gave up and leaves',
      session: wire(`${OPEN}\nC: NOOP\n--30 s--\nC*: RSET\nS: 250 ok\nS: 250 ok\nC: QUIT\nS: 221 bye`),
    },
    {
      name: 'the offer lies in a hole',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\n--gap 14 S--\nS: 250 HELP\n${GROUP}\n${END}`,
      ),
    },
    {
      name: 'the dot and QUIT together',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: text\nC: .\nC*: QUIT\nS: 250 ok\nS: 221 bye`,
      ),
    },
  ],
);
