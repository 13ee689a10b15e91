import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { tls13 } from '../support/handshakes.ts';
import { extend, next, ofTransport, sessionOf, talk } from '../support/packets.ts';
import { atRcpt, DATA, HELLO, lines, MAIL, QUIT, RCPT } from '../support/refused.ts';
import { say, wire } from '../support/spoken.ts';

const close = 'server' as const;

testRule(
  'server-closes-first',
  [
    {
      name: 'instead of an answer',
      session: wire(say(HELLO, MAIL, RCPT), { close, beforeClose: 2 }),
      severity: 'warning',
      confidence: 'certain',
      message: /^The server closed the connection 2 s after RCPT, which it never answered, without 421 or 221$/,
      firstCause: /process died/,
      also: (finding, all) => {
        expect(ofTransport(all)).toEqual([finding.rule]);
        expect(finding.evidence.map(({ direction }) => direction)).toEqual(['client', 'server']);
      },
    },
    {
      name: 'instead of three answers',
      session: wire(say(HELLO, 'C: MAIL FROM:<a@client.example>', RCPT, 'C: DATA'), { close }),
      message: /after MAIL, RCPT and DATA, which it never answered/,
    },
    {
      name: 'a reset between two commands',
      session: wire(say(HELLO, MAIL), { close, reset: true, beforeClose: 20 }),
      message: /^The server reset the connection 20 s after its reply to MAIL/,
      firstCause: /waits less long/,
    },
    {
      name: 'behind the greeting',
      session: wire(say('S: 220 mx.example ESMTP'), { close }),
      message: /after its greeting/,
    },
  ],
  [
    { name: '221', session: wire(say(HELLO, QUIT), { close }) },
    { name: 'behind QUIT, without 221', session: wire(say(HELLO, 'C: QUIT'), { close }) },
    { name: '421', session: wire(say(HELLO, 'S: 421 4.3.2 shutting down'), { close }) },
    { name: 'a refusal', session: wire(say(atRcpt('550 5.7.1 no').replace(/\nC: QUIT[\s\S]*/, '')), { close }) },
    { name: 'the client closes first', session: wire(say(HELLO, MAIL), { close: 'client' }) },
    { name: 'no byte', session: wire(say(), { close }) },
    { name: 'five minutes of silence', session: wire(say(HELLO, MAIL), { close, beforeClose: 300 }) },
    {
      name: 'inside a message',
      session: wire(say(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go', 'C: x'), { close }),
    },
    { name: 'behind a message', session: wire(say(HELLO, MAIL, RCPT, 'S: 250 ok', DATA), { close }) },
    {
      name: 'a reset that is not the server’s',
      session: sessionOf(extend(talk(lines(HELLO, MAIL, RCPT)), (so) => ({ ...next(so, 'server', 'RA'), ttl: 50 }))),
    },
    { name: 'inside TLS', session: wire(say(HELLO, 'C: STARTTLS', 'S: 220 go', tls13), { close }) },
    {
      name: 'text where TLS had been agreed to',
      session: wire(say(HELLO, 'C: STARTTLS', 'S: 220 go', 'C: EHLO client.example'), { close }),
    },
    { name: 'half a greeting', session: wire(say('S: 220-mx.example ESMTP'), { close }) },
    {
      name: 'a client that spoke first',
      session: wire(say('C: EHLO client.example', 'S: 220 mx.example', 'S: 250 mx.example'), {
        close,
        onTheWay: (all) => all,
      }),
    },
    { name: 'its last words lie in a hole', session: wire(say(HELLO, MAIL, '--gap 30 S--', 'C: NOOP'), { close }) },
    { name: 'the capture ends', session: wire(say(HELLO, MAIL), { close: 'none' }) },
  ],
);
