import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { again, extend, next, ofTransport, sessionOf, talk, textOf } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

const OPEN = lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go');
const HALF = lines(OPEN, 'C: Subject: half', 'C: ', 'C: and then');
const shut = extend(
  talk(HALF),
  (so) => ({ ...next(so, 'server', 'A'), window: 0 }),
  (so) => ({ ...next(so, 'client', 'PA', textOf(100)), pause: 1 }),
  (so) => ({ ...next(so, 'server', 'FA'), ack: 0, pause: 200 }),
);

testRule(
  'data-stall',
  [
    {
      name: 'silent to the end',
      session: wire(say(HALF), { close: 'server', beforeClose: 300 }),
      severity: 'error',
      confidence: 'certain',
      message: /^After 27 octets of the message the client sent no more for 5 min; then the server ended it$/,
      firstCause: /program that makes the message/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'the server gives up in words',
      session: wire(say(HALF, 'S: 421 4.4.2 mx.example Error: timeout exceeded'), { pauses: { 16: 300 } }),
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'nothing at all behind 354',
      session: wire(say(OPEN), { beforeClose: 200 }),
      message: /^The client asked to send a message and sent none of it for 3 min/,
      firstCause: /sends nothing at all/,
    },
    {
      name: 'a chunk that is too short',
      session: wire(say(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: BDAT 500 LAST', 'C: text')), { beforeClose: 300 }),
      firstCause: /chunk/,
    },
    {
      name: 'still silent, and others talk',
      session: wire(say(HALF), { close: 'none', quiet: 200, onTheWay: (all) => [...all, next(all, 'server', 'A')] }),
      message: /it is still silent$/,
    },
  ],
  [
    { name: 'two minutes', session: wire(say(HALF), { close: 'server', beforeClose: 120 }) },
    { name: 'a message that is whole', session: wire(say(HALF, 'C: .'), { beforeClose: 300 }) },
    { name: 'line ends are LF', session: wire(say(OPEN, 'C: text\\x0a.\\x0a\\-'), { beforeClose: 300 }) },
    { name: 'the window is shut', session: sessionOf(shut) },
    {
      name: 'large segments vanish',
      session: sessionOf(
        extend(talk(OPEN), (so) => next(so, 'client', 'A', textOf(1460))).flatMap((one, index, all) =>
          index === all.length - 1 ? [one, ...again(one, 8)] : [one],
        ),
        { quiet: 200 },
      ),
    },
    { name: 'a hole', session: wire(say(HALF, '--gap 300 C--', 'C: more'), { beforeClose: 300 }) },
    {
      name: 'DATA was refused',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 550 no', 'C: DATA', 'S: 554 no'), { beforeClose: 300 }),
    },
  ],
);
