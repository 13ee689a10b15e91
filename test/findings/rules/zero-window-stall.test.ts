import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { extend, next, ofTransport, type Packet, sessionOf, talk, textOf } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';

const OPEN = extend(talk(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go')), (so) =>
  next(so, 'client', 'A', textOf(500)),
);
const shut = (by: 'client' | 'server') => extend(OPEN, (so) => ({ ...next(so, by, 'A'), window: 0 }));
const opens = (packets: readonly Packet[], by: 'client' | 'server', pause: number) =>
  extend(
    packets,
    (so) => ({ ...next(so, by, 'A'), pause }),
    (so) => next(so, 'client', 'PA', Buffer.from('\r\n.\r\n')),
    (so) => next(so, 'server', 'PA', Buffer.from('250 ok\r\n')),
    (so) => next(so, 'client', 'FA'),
    (so) => next(so, 'server', 'FA'),
  );

testRule(
  'zero-window-stall',
  [
    {
      name: 'the server, for eight seconds',
      session: sessionOf(opens(shut('server'), 'server', 8)),
      severity: 'warning',
      confidence: 'certain',
      message: /^The server could take nothing more for 8 s: its receive window was 0, and the client had to wait$/,
      firstCause: /filter/,
      also: ({ actor, evidence }) => {
        expect(actor).toBe('server');
        expect(evidence[0]?.frame).toBe(OPEN.length + 1);
      },
    },
    { name: 'for over a minute', session: sessionOf(opens(shut('server'), 'server', 65)), severity: 'error' },
    {
      name: 'to the end',
      session: sessionOf(extend(shut('server'), (so) => ({ ...next(so, 'client', 'RA'), pause: 70 }))),
      severity: 'error',
      message: /was 0 to the end/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'the client',
      session: sessionOf(opens(shut('client'), 'client', 10)),
      message: /^The client could take nothing/,
      firstCause: /client does not read/,
    },
  ],
  [
    { name: 'one second', session: sessionOf(opens(shut('server'), 'server', 1)) },
    {
      name: 'a reset has a window of 0',
      session: sessionOf(extend(OPEN, (so) => ({ ...next(so, 'server', 'R'), window: 0 }))),
    },
    { name: 'never', session: sessionOf(opens(OPEN, 'server', 60)) },
  ],
);
