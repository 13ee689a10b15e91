import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { ofTransport } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

const OPEN = lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go');
const GLUED = lines(OPEN, 'C: Subject: x', 'C: ', 'C: text.');
const LF = lines(OPEN, 'C: Subject: x\\x0a\\x0atext\\x0a.\\x0a\\-');

testRule(
  'eod-never-sent',
  [
    {
      name: 'the dot stands behind the text, and the client waits',
      session: wire(say(GLUED), { beforeClose: 60 }),
      severity: 'error',
      confidence: 'certain',
      message:
        /^21 octets of a message arrived and no end of data .* Both sides waited for 60 s, then the client closed$/,
      firstCause: /does not end in CRLF/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'LF throughout',
      session: wire(say(LF), { beforeClose: 5 }),
      message: /the lines end in LF alone/,
      firstCause: /LF alone/,
    },
    { name: 'LF throughout, and the server gives up', session: wire(say(LF), { close: 'server', beforeClose: 300 }) },
  ],
  [
    { name: 'ended', session: wire(say(GLUED, 'C: .', 'S: 250 ok'), { beforeClose: 60 }) },
    { name: 'the client leaves at once', session: wire(say(GLUED), { beforeClose: 1 }) },
    { name: 'LF throughout, and the client leaves at once', session: wire(say(LF)) },
    { name: 'a server that takes LF.LF', session: wire(say(LF, 'S: 250 ok'), { beforeClose: 60 }) },
    { name: 'the server closes', session: wire(say(GLUED), { close: 'server', beforeClose: 60 }) },
    { name: 'three minutes', session: wire(say(GLUED), { beforeClose: 200 }) },
    { name: 'not acknowledged', session: wire(say(GLUED), { beforeClose: 60, onTheWay: (all) => all.slice(0, -2) }) },
    { name: 'a hole', session: wire(say(GLUED, '--gap 5 C--', 'C: more'), { beforeClose: 60 }) },
    {
      name: 'a chunk',
      session: wire(say(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: BDAT 50 LAST', 'C: x')), { beforeClose: 60 }),
    },
  ],
);
