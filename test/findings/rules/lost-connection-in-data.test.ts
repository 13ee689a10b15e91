import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { extend, next, ofTransport, sessionOf, talk } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

const OPEN = lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go');
const HALF = lines(OPEN, 'C: Subject: half', 'C: ', 'C: and then');
const SMALL = OPEN.replace('SIZE 10240000', 'SIZE 10');

testRule(
  'lost-connection-in-data',
  [
    {
      name: 'FIN of the client',
      session: wire(say(HALF), { beforeClose: 1 }),
      severity: 'error',
      confidence: 'certain',
      message: /^The client closed the connection after 27 octets of the message, without its end \(1 s behind/,
      firstCause: /crashed/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'RST of the server',
      session: wire(say(HALF), { close: 'server', reset: true }),
      message: /^The server reset the connection after 27 octets.*; the reset fits the sender’s other packets$/,
      firstCause: /content filter/,
      also: ({ actor }, all) => {
        expect(actor).toBe('server');
        expect(ofTransport(all)).toEqual(['lost-connection-in-data']);
      },
    },
    { name: 'FIN of the server', session: wire(say(HALF), { close: 'server' }), message: /^The server closed/ },
    {
      name: 'before the first byte',
      session: wire(say(OPEN)),
      message: /before the first byte of the message/,
    },
    {
      name: 'inside a chunk',
      session: wire(say(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: BDAT 500 LAST', 'C: text'))),
      message: /after 6 octets/,
    },
    {
      name: 'the server closes, and the client goes on to the end',
      session: sessionOf(
        extend(
          talk(HALF),
          (so) => next(so, 'server', 'FA'),
          (so) => next(so, 'client', 'PA', Buffer.from('more\r\n.\r\n')),
          (so) => next(so, 'server', 'R'),
        ),
      ),
      message: /^The server closed/,
    },
  ],
  [
    { name: 'whole', session: wire(say(HALF, 'C: .', 'S: 250 ok')) },
    { name: 'whole, without a reply', session: wire(say(HALF, 'C: .')) },
    { name: 'the capture ends', session: wire(say(HALF), { close: 'none' }) },
    { name: 'more than the server takes', session: wire(say(SMALL, 'C: far too much'), { close: 'server' }) },
    { name: 'refused in the middle', session: wire(say(HALF, 'S: 552 5.3.4 too big'), { close: 'server' }) },
    {
      name: 'a reset from somewhere else',
      session: sessionOf(extend(talk(HALF), (so) => ({ ...next(so, 'server', 'RA'), ttl: 60 }))),
    },
    { name: 'the client waits a while first', session: wire(say(HALF), { beforeClose: 30 }) },
    { name: 'a hole in which the end may lie', session: wire(say(HALF, '--gap 40 C--')) },
    { name: 'a hole', session: wire(say(HALF, '--gap 40 C--', 'C: more')) },
    { name: 'outside a message', session: wire(say(HELLO, MAIL)) },
    {
      name: 'a PROXY header that was refused: every reply answers the command before',
      session: wire(
        say(
          'C: PROXY TCP4 203.0.113.9 192.0.2.25 51234 25\nS: 220 mx.example ESMTP\nS: 502 5.5.2 Error: command not recognized',
          'C: HELO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>',
          'S: 250 ok\nC: DATA\nS: 354 go\nC: QUIT',
        ),
      ),
    },
  ],
);
