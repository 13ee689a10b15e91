import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { extend, next, ofTransport, sessionOf, talk } from '../support/packets.ts';
import { atMessage, DATA, HELLO, lines, MAIL, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

const SENT = lines(HELLO, MAIL, RCPT, 'S: 250 ok', DATA);
const CHUNK = lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: BDAT 6 LAST', 'C: text');
const ACCEPTED = Buffer.from('250 2.0.0 Ok: queued\r\n');
const REFUSED = Buffer.from('550 5.7.1 no\r\n');

/** The client closes after `pause` seconds, the reply comes `later`, and the client resets, or does not. */
function lateReply(pause: number, later: number, reply: Buffer, reset: boolean) {
  return sessionOf(
    extend(
      talk(SENT),
      (so) => next(so, 'server', 'A'),
      (so) => ({ ...next(so, 'client', 'FA'), pause }),
      (so) => ({ ...next(so, 'server', 'PA', reply), pause: later }),
      (so) => (reset ? { ...next(so, 'client', 'R') } : next(so, 'client', 'A')),
      (so) => next(so, 'server', 'FA'),
    ),
  );
}

testRule(
  'no-reply-after-dot',
  [
    {
      name: 'the client gives up after half a minute',
      session: wire(say(SENT), { beforeClose: 30 }),
      severity: 'error',
      confidence: 'certain',
      message: /^The message of 20 octets was sent whole and arrived; 30 s later the client closed, and no reply/,
      firstCause: /does not wait long enough/,
      also: (finding, all) => {
        expect(all[0]).toBe(finding);
        expect(ofTransport(all).length).toBe(1);
        expect(finding.evidence.length).toBe(2);
      },
    },
    {
      name: 'the acceptance comes when the client has left',
      session: lateReply(10, 10, ACCEPTED, true),
      severity: 'critical',
      message: /^The client left 10 s after the message, and the server accepted it 10 s later: .*: 250 2\.0\.0 Ok/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'a script that does not wait at all, and resets when the reply comes',
      session: lateReply(0, 0.5, ACCEPTED, true),
      severity: 'critical',
      firstCause: /script/,
    },
    {
      name: 'never acknowledged',
      session: wire(say(SENT), { beforeClose: 30, onTheWay: (all) => all.slice(0, -2) }),
      confidence: 'likely',
      message: /never acknowledged; .*probably lost/,
      firstCause: /never arrived/,
    },
    {
      name: 'the server closes instead of an answer',
      session: wire(say(SENT), { close: 'server', beforeClose: 5 }),
      severity: 'error',
      message: /the server closed, and no reply had come/,
      firstCause: /died over this message/,
      also: ({ actor }, all) => {
        expect(actor).toBe('server');
        expect(ofTransport(all).length).toBe(1);
      },
    },
    { name: 'a chunk', session: wire(say(CHUNK), { beforeClose: 60 }), message: /1 min later|60 s later/ },
    {
      name: 'QUIT was sent along with it',
      session: wire(say(SENT, 'C: QUIT'), { beforeClose: 30 }),
      message: /no reply had come/,
    },
  ],
  [
    { name: 'accepted', session: wire(say(atMessage('250 ok'))) },
    { name: 'refused', session: wire(say(atMessage('550 no'))) },
    { name: 'refused when nobody reads it any more', session: lateReply(10, 10, REFUSED, true) },
    { name: 'a half-closed client that reads on', session: lateReply(0, 0.5, ACCEPTED, false) },
    { name: 'accepted, and the client leaves without QUIT', session: wire(say(SENT, 'S: 250 ok')) },
    { name: 'the capture ends', session: wire(say(SENT), { close: 'none', quiet: 20 }) },
    { name: 'not whole', session: wire(say(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go', 'C: text'))) },
    { name: 'the reply lies in a hole', session: wire(say(SENT, '--gap 20 S--', 'C: QUIT', 'S: 221 bye')) },
  ],
);
