import { describe, expect, it } from 'vitest';
import { findingsOf, testRule } from '../support/expect.ts';
import { again, extend, next, ofTransport, type Packet, sessionOf, talk, textOf } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';

const OPEN = talk(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go'));

/**
 * A message of so many segments; every `nth` is sent twice, `copied` tells the copies apart or not. `late`: the second time
 * is behind the acknowledgment.
 */
function message(segments: number, nth: number, copied = false, late = false): Packet[] {
  const packets = [...OPEN];
  for (let i = 0; i < segments; i++) {
    const segment: Packet = { ...next(packets, 'client', 'A', textOf(1000)), ipId: 100 + i };
    packets.push(segment);
    if (late) packets.push(next(packets, 'server', 'A'));
    if (i % nth === 0)
      packets.push({ ...segment, ipId: copied ? (segment.ipId ?? 0) : 5000 + i, pause: copied ? 0 : 0.3 });
    if (!late) packets.push(next(packets, 'server', 'A'));
  }
  return extend(
    packets,
    (so) => next(so, 'client', 'PA', Buffer.from('\r\n.\r\n')),
    (so) => next(so, 'server', 'PA', Buffer.from('250 ok\r\n')),
    (so) => next(so, 'client', 'FA'),
    (so) => next(so, 'server', 'FA'),
  );
}

const command = extend(talk('S: 220 mx.example ESMTP'), (so) =>
  next(so, 'client', 'PA', Buffer.from('EHLO client.example\r\n')),
);
const lost = [...command, ...again(command.at(-1) as Packet, 6)];

testRule(
  'retransmission-storm',
  [
    {
      name: 'one in ten',
      session: sessionOf(message(40, 10)),
      severity: 'warning',
      confidence: 'likely',
      message:
        /^4 segments of the client had to be sent again, for \d+ that brought something new \(9 %\): 4 by timeout$/,
      firstCause: /loses packets/,
      also: (finding, all) => expect(all[0]).toBe(finding),
    },
    {
      name: 'one in ten, for nothing: they had arrived',
      session: sessionOf(message(40, 10, false, true)),
      message: /\(9 %\): 4 that had been acknowledged$/,
      firstCause: /acknowledgements get lost on the way back/,
    },
    {
      name: 'six timeouts in a row, and no answer',
      session: sessionOf(lost),
      message:
        /^The client had to send one segment 6 times more in 31 s|^The client had to send one segment 6 times more in \d+ s, and the server never acknowledged it$/,
      firstCause: /receiver is gone/,
      also: ({ evidence }) => expect(evidence[0]?.note).toBe('sent again 6 times'),
    },
    {
      name: 'six, and it arrives at last',
      session: sessionOf(extend(lost, (so) => next(so, 'server', 'A'))),
      message: /acknowledged it at last$/,
    },
  ],
  [
    { name: 'one in forty', session: sessionOf(message(40, 40)) },
    { name: 'a few segments', session: sessionOf(message(8, 4)) },
    { name: 'every packet stands twice in the capture', session: sessionOf(message(40, 1, true)) },
    { name: 'three timeouts', session: sessionOf([...command, ...again(command.at(-1) as Packet, 3)]) },
  ],
);

describe('a few lost packets', () => {
  it('are no finding', () =>
    expect(ofTransport(findingsOf({ name: '', session: sessionOf(message(200, 50)) }))).toEqual([]));
});
