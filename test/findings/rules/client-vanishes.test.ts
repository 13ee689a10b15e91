import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { ofTransport } from '../support/packets.ts';
import { atRcpt, GOOD, HELLO, lines, MAIL, QUIT, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

testRule(
  'client-vanishes',
  [
    {
      name: 'behind an accepted recipient',
      session: wire(say(HELLO, MAIL, GOOD), { beforeClose: 3 }),
      severity: 'notice',
      confidence: 'certain',
      message:
        /^The client closed the connection in the middle of a transaction with 1 recipient, 3 s after the reply to RCPT, without QUIT$/,
      firstCause: /check whether an address exists/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'no patience',
      session: wire(say(HELLO, MAIL, RCPT), { beforeClose: 30, reset: true }),
      message: /^The client reset .* 30 s after RCPT, which had no reply yet/,
      firstCause: /waits less long/,
    },
    { name: 'behind MAIL', session: wire(say(HELLO, MAIL)), message: /with 0 recipients/ },
    { name: 'behind DATA that has no reply', session: wire(say(HELLO, MAIL, GOOD, 'C: DATA')), message: /after DATA/ },
  ],
  [
    { name: 'QUIT', session: wire(say(HELLO, MAIL, GOOD, QUIT)) },
    {
      name: 'behind a reply without its code: enhanced-as-code',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 4.7.1 Please try again'), { beforeClose: 15 }),
    },
    { name: 'RSET, and it leaves', session: wire(say(HELLO, MAIL, GOOD, 'C: RSET', 'S: 250 ok')) },
    { name: 'behind a refusal', session: wire(say(atRcpt('550 5.1.1 no').replace(/\nC: QUIT[\s\S]*/, ''))) },
    { name: 'one of two was refused', session: wire(say(HELLO, MAIL, GOOD, RCPT, 'S: 550 5.1.1 no')) },
    { name: 'the server closes', session: wire(say(HELLO, MAIL, GOOD), { close: 'server' }) },
    { name: 'inside a message', session: wire(say(HELLO, MAIL, GOOD, 'C: DATA', 'S: 354 go', 'C: x')) },
    { name: 'no transaction', session: wire(say(HELLO)) },
    { name: 'a hole', session: wire(say(HELLO, MAIL, '--gap 40 C--')) },
    { name: 'another hole', session: wire(say(HELLO, MAIL, '--gap 40 S--', 'C: NOOP')) },
    { name: 'the capture ends', session: wire(say(lines(HELLO, MAIL)), { close: 'none' }) },
  ],
);
