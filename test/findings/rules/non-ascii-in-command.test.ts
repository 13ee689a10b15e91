import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SMTPUTF8';
const END = 'C: QUIT\nS: 221 bye';
const UMLAUT = '\\xc3\\xbc';

testRule(
  'non-ascii-in-command',
  [
    {
      name: 'in EHLO',
      session: wire(`S: 220 mx.example\nC: EHLO b${UMLAUT}ro.example\nS: 250 mx.example\n${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /^Octets above 127 in 1 command \(EHLO\), without SMTPUTF8$/,
    },
    {
      name: 'in a reply',
      session: wire(`S: 220 mx.example f${UMLAUT}r alle\nC: EHLO client.example\nS: 250 mx.example\n${END}`),
      message: /1 reply, without/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'in a path, not asked for, and taken',
      session: wire(`${OPEN}\nC: MAIL FROM:<${UMLAUT}@client.example>\nS: 250 ok\nC: RSET\nS: 250 ok\n${END}`),
      message: /\(MAIL\)/,
    },
  ],
  [
    {
      name: 'asked for',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<${UMLAUT}@client.example> SMTPUTF8\nS: 250 ok ${UMLAUT}\nC: RCPT TO:<${UMLAUT}@mx.example>\nS: 250 ok\n${END}`,
      ),
    },
    {
      name: 'refused for want of SMTPUTF8',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<${UMLAUT}@client.example>\nS: 553 5.6.7 no\n${END}`,
      ),
    },
    { name: 'telnet', session: wire('C*: \\xff\\xfd\\x03\\-\nS: 220 mx.example\nC: \nS: 500 what') },
    {
      name: 'in a message',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: ${UMLAUT}\nC: .\nS: 250 ok\n${END}`,
      ),
    },
    {
      name: 'binary junk has no lines',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: \\x01\\x80\\x0a\\x0d\\x17\\x08\\xff\\x00\\x0a\\-\nS: 500 what\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
