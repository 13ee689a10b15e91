import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { ofTransport } from '../support/packets.ts';
import { atMessage, HELLO, MAIL, QUIT, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

/** Segment 9 is RCPT, 11 DATA, 13 the first line of the message, 18 QUIT. */
const DELIVERY = atMessage('250 ok');

testRule(
  'slow-client',
  [
    {
      name: 'before RCPT',
      session: wire(say(DELIVERY), { pauses: { 9: 14 } }),
      severity: 'notice',
      confidence: 'certain',
      message: /^Inside a transaction the client was silent for 14 s before RCPT$/,
      firstCause: /looks something up/,
      also: ({ evidence }, all) => {
        expect(evidence.map(({ direction }) => direction)).toEqual(['server', 'client']);
        expect(ofTransport(all).length).toBe(1);
      },
    },
    {
      name: 'behind 354',
      session: wire(say(DELIVERY), { pauses: { 13: 40 } }),
      message: /40 s before the message$/,
      firstCause: /makes or fetches the message/,
    },
    {
      name: 'a person',
      session: wire(say(DELIVERY), { pauses: { 9: 12, 11: 15, 13: 11 } }),
      message: /15 s before DATA, and for more than 10 s 3 times in all$/,
      firstCause: /person types/,
    },
    {
      name: 'between two chunks',
      session: wire(
        say(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: BDAT 3', 'C: x', 'S: 250 ok', 'C: BDAT 3 LAST', 'C: y', 'S: 250 ok'),
        {
          pauses: { 14: 20 },
        },
      ),
      message: /before BDAT/,
    },
  ],
  [
    { name: 'nine seconds', session: wire(say(DELIVERY), { pauses: { 9: 9 } }) },
    { name: 'before MAIL', session: wire(say(DELIVERY), { pauses: { 7: 60 } }) },
    { name: 'before QUIT', session: wire(say(DELIVERY), { pauses: { 19: 60 } }) },
    {
      name: 'before QUIT, nothing sent',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 550 no', QUIT), { pauses: { 11: 60 } }),
    },
    {
      name: 'before the next transaction',
      session: wire(say(DELIVERY.replace(/\nC: QUIT[\s\S]*/, ''), MAIL), { pauses: { 20: 60 } }),
    },
    { name: 'the server is slow', session: wire(say(DELIVERY), { pauses: { 10: 60 } }) },
    { name: 'a hole', session: wire(say(HELLO, MAIL, '--gap 30 S--', RCPT, 'S: 250 ok'), { pauses: { 9: 20 } }) },
  ],
);
