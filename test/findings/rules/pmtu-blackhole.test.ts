import { describe, expect, it } from 'vitest';
import { findingsOf, testRule } from '../support/expect.ts';
import { again, extend, next, ofTransport, type Packet, sessionOf, talk, textOf } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';

const OPEN = talk(lines(HELLO, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go'));

/** A message in segments of this size; the first is sent again so often. */
function vanishing(size: number, times: number): Packet[] {
  const sent = extend(
    OPEN,
    (so) => next(so, 'client', 'A', textOf(size)),
    (so) => next(so, 'client', 'PA', textOf(300)),
  );
  return [...sent, ...again(sent[OPEN.length] as Packet, times)];
}

const fin = (packets: readonly Packet[], pause = 0) =>
  extend(packets, (so) => ({ ...next(so, 'client', 'FA'), pause }));
const acknowledged = (packets: readonly Packet[]) => extend(packets, (so) => next(so, 'server', 'A'));

testRule(
  'pmtu-blackhole',
  [
    {
      name: 'the first full segment of a message never arrives',
      session: sessionOf(fin(vanishing(1448, 5))),
      severity: 'error',
      confidence: 'likely',
      message:
        /^The client sent a full segment of 1,448 bytes 5 times more in 15 s and the server never acknowledged it, while pieces of up to 30 bytes arrived$/,
      firstCause: /smaller packets only/,
      also: (finding, all) => {
        expect(ofTransport(all)).toEqual([finding.rule]);
        expect(finding.evidence[0]?.length).toBe(1448);
        expect(finding.evidence[0]?.turn).not.toBeNull();
      },
    },
    { name: 'no close was seen', session: sessionOf(vanishing(1460, 3)) },
    {
      name: 'the server’s large reply',
      session: sessionOf(
        extend(talk('S: 220 mx.example ESMTP\nC: HELP'), (so) => next(so, 'server', 'A', textOf(1460))).flatMap(
          (one, index, all) => (index === all.length - 1 ? [one, ...again(one, 4)] : [one]),
        ),
      ),
      message: /^The server sent/,
    },
  ],
  [
    { name: 'acknowledged in the end', session: sessionOf(acknowledged(vanishing(1448, 5))) },
    { name: 'sent again twice', session: sessionOf(vanishing(1448, 2)) },
    { name: 'a small segment', session: sessionOf(vanishing(400, 5)) },
    {
      name: 'full segments arrived before',
      session: sessionOf(
        extend(
          OPEN,
          (so) => next(so, 'client', 'A', textOf(1448)),
          (so) => next(so, 'server', 'A'),
          (so) => next(so, 'client', 'A', textOf(1448)),
        ).flatMap((one, index, all) => (index === all.length - 1 ? [one, ...again(one, 5)] : [one])),
      ),
    },
    {
      name: 'nothing at all arrived',
      session: sessionOf(
        extend(talk(''), (so) => next(so, 'client', 'A', textOf(1460))).flatMap((one, index, all) =>
          index === all.length - 1 ? [one, ...again(one, 5)] : [one],
        ),
      ),
    },
  ],
);

describe('what follows from it is not told beside it', () => {
  it('a message that is not whole, a storm of repetitions', () => {
    expect(ofTransport(findingsOf({ name: '', session: sessionOf(fin(vanishing(1448, 8), 200)) }))).toEqual([
      'pmtu-blackhole',
    ]);
  });
});
