import { expect } from 'vitest';
import type { Finding } from '../../../src/findings/rule.ts';
import { testRule } from '../support/expect.ts';
import { ofTransport } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';
import { wire as timed } from '../support/wire.ts';

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
    ...['421 4.4.2 mx.example timeout exceeded', '451 4.4.1 timeout waiting for input'].map((reply) => ({
      name: `LF throughout, and the server says that it waited: ${reply.slice(0, 3)}`,
      session: timed(`${LF}\n--300 s--\nS: ${reply}`, { close: 'server' }),
      severity: 'error' as const,
      message: /the lines end in LF alone\. Both sides waited for 5 min, then the server closed/,
      // Neither did the server take that for the end, nor was it slow.
      also: (finding: Finding, all: readonly Finding[]) =>
        expect(all.map(({ rule }) => rule)).toEqual([finding.rule, 'bare-lf']),
    })),
  ],
  [
    { name: 'ended', session: wire(say(GLUED, 'C: .', 'S: 250 ok'), { beforeClose: 60 }) },
    { name: 'the client leaves at once', session: wire(say(GLUED), { beforeClose: 1 }) },
    { name: 'LF throughout, and the client leaves at once', session: wire(say(LF)) },
    { name: 'a server that takes LF.LF', session: wire(say(LF, 'S: 250 ok'), { beforeClose: 60 }) },
    {
      name: 'a server that takes LF.LF, and says a minute later that it will not',
      session: timed(`${LF}\n--60 s--\nS: 451 later`),
    },
    { name: 'a server that takes LF.LF, and scans for five minutes', session: timed(`${LF}\n--300 s--\nS: 250 ok`) },
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
