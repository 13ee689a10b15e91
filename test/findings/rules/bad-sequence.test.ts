import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 PIPELINING';
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok';
const RCPT = 'C: RCPT TO:<b@mx.example>\nS: 250 ok';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'bad-sequence',
  [
    {
      name: 'RCPT before MAIL, refused',
      session: wire(`${OPEN}\nC: RCPT TO:<b@mx.example>\nS: 503 5.5.1 need MAIL\n${END}`),
      severity: 'warning',
      confidence: 'certain',
      message: /^RCPT or DATA was sent without a MAIL before it: 503 5\.5\.1 need MAIL$/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
    {
      name: 'MAIL before EHLO, taken',
      session: wire(`S: 220 mx.example\n${MAIL}\nC: RSET\nS: 250 ok\n${END}`),
      message: /^MAIL was sent before EHLO or HELO, and the server took no offence$/,
    },
    {
      name: 'MAIL in a mail',
      session: wire(`${OPEN}\n${MAIL}\nC: MAIL FROM:<c@client.example>\nS: 503 nested\n${END}`),
      message: /inside a mail transaction: 503/,
    },
    {
      name: 'DATA before RCPT',
      session: wire(`${OPEN}\n${MAIL}\nC: DATA\nS: 503 need RCPT\n${END}`),
      message: /without a RCPT/,
    },
    {
      name: 'a 503 that says nothing more',
      session: wire(`${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 503 not now\n${END}`),
      message: /^MAIL came out of order: 503 not now$/,
    },
  ],
  [
    {
      name: 'in order, twice',
      session: wire(
        `${OPEN}\n${MAIL}\n${RCPT}\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok\n${MAIL}\n${RCPT}\nC: RSET\nS: 250 ok\n${MAIL}\n${END}`,
      ),
    },
    {
      name: 'what follows a refused MAIL',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nC*: DATA\nS: 550 no\nS: 503 need MAIL\nS: 503 need RCPT\n${END}`,
      ),
    },
    {
      name: 'EHLO inside a mail begins anew',
      session: wire(`${OPEN}\n${MAIL}\nC: EHLO client.example\nS: 250 mx.example\n${MAIL}\n${END}`),
    },
    {
      name: 'AUTH has its own',
      session: wire(`${OPEN}\nC: AUTH PLAIN AGEAYg==\nS: 503 5.5.1 AUTH not available\n${END}`),
    },
    {
      name: 'the EHLO lies in a hole',
      session: wire(`S: 220 mx.example\n--gap 22 C--\nS: 250 mx.example\n${MAIL}\n${END}`),
    },
    {
      name: 'all recipients refused, DATA all the same',
      session: wire(
        `${OPEN}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 no\nC: DATA\nS: 503 no valid recipients\n${END}`,
      ),
    },
  ],
);
