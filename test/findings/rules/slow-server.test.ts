import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { again, extend, next, ofTransport, type Packet, sessionOf, talk } from '../support/packets.ts';
import { atMessage, DATA, HELLO, MAIL, QUIT, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

/** What the client says in these lines. */
function bytes(...text: readonly string[]): Buffer {
  const said = text
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('C: '));
  return Buffer.from(said.map((line) => `${line.slice(3)}\r\n`).join(''));
}

/** Segment 10 is the reply to RCPT, 16 the one to the message (of five lines and a dot). */
const DELIVERY = atMessage('250 ok');
const asked = extend(talk('S: 220 mx.example ESMTP'), (so) => next(so, 'client', 'PA', Buffer.from('NOOP\r\n')));
const resent = extend([...asked, ...again(asked.at(-1) as Packet, 4, 1)], (so) =>
  next(so, 'server', 'PA', Buffer.from('250 ok\r\n')),
);

testRule(
  'slow-server',
  [
    {
      name: 'RCPT',
      session: wire(say(DELIVERY), { pauses: { 10: 12 } }),
      severity: 'notice',
      confidence: 'certain',
      message: /^The server took 12 s to reply to RCPT$/,
      firstCause: /checks the sender or the recipient/,
      also: ({ evidence }, all) => {
        expect(evidence.map(({ direction }) => direction)).toEqual(['client', 'server']);
        expect(ofTransport(all).length).toBe(1);
      },
    },
    {
      name: 'a multiple of five',
      session: wire(say(DELIVERY), { pauses: { 10: 15 } }),
      firstCause: /multiple of five/,
    },
    {
      name: 'the message, for over a minute',
      session: wire(say(DELIVERY), { pauses: { 17: 72 } }),
      severity: 'warning',
      message: /72 s to reply to the message$/,
      firstCause: /scanned/,
    },
    {
      name: 'three that were sent and answered together',
      session: sessionOf(
        extend(
          talk(HELLO),
          (so) => next(so, 'client', 'PA', bytes(MAIL, RCPT, 'C: DATA')),
          (so) => ({ ...next(so, 'server', 'PA', Buffer.from('250 ok\r\n250 ok\r\n354 go\r\n')), pause: 12 }),
        ),
      ),
      message: /^The server took 12 s to reply to MAIL, RCPT and DATA$/,
    },
    {
      name: 'all of them',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 250 ok', QUIT), { pauses: { 5: 21, 8: 21, 10: 21, 12: 21 } }),
      message: /; 4 of 4 replies took more than 10 s/,
      firstCause: /on purpose/,
    },
  ],
  [
    { name: 'nine seconds', session: wire(say(DELIVERY), { pauses: { 10: 9 } }) },
    { name: 'the greeting', session: wire(say(DELIVERY), { pauses: { 3: 20 } }) },
    { name: 'the client is slow', session: wire(say(DELIVERY), { pauses: { 9: 20 } }) },
    { name: 'the command had to be sent again', session: sessionOf(resent) },
    {
      name: 'the server gives up a message that does not come',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go', 'C: x', 'S: 421 4.4.2 timeout'), {
        pauses: { 14: 60 },
      }),
    },
    {
      name: 'a hole',
      session: wire(say(HELLO, MAIL, '--gap 30 S--', RCPT, 'S: 250 ok', DATA), { pauses: { 10: 20 } }),
    },
  ],
);
