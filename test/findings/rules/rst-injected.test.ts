import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { extend, next, ofTransport, type Packet, sessionOf, talk } from '../support/packets.ts';
import { HELLO, lines, MAIL, RCPT } from '../support/refused.ts';

const ASKED = talk(lines(HELLO, MAIL, RCPT));
const reset = (packets: readonly Packet[], from: 'client' | 'server', how: Partial<Packet> = {}) =>
  sessionOf(extend(packets, (so) => ({ ...next(so, from, 'RA'), ...how })));
const numbered = (packets: readonly Packet[], id: number) =>
  packets.map((packet, index) => (packet.from === 'server' ? { ...packet, ipId: id === 0 ? 0 : id + index } : packet));
/** 80 ms to the server and back; the last command comes a second behind the reply before it. */
const far = ASKED.map((packet, index) => ({
  ...packet,
  pause: index === ASKED.length - 1 ? 1 : packet.from === 'server' ? 0.08 : 0,
}));

testRule(
  'rst-injected',
  [
    {
      name: 'another TTL',
      session: reset(ASKED, 'server', { ttl: 58 }),
      severity: 'error',
      confidence: 'likely',
      message:
        /^The connection was reset in the server’s name, 1 ms after RCPT; the reset arrived with TTL 58, where the server’s packets have 64$/,
      firstCause: /intrusion prevention/,
      also: (finding, all) => {
        expect(ofTransport(all)).toEqual([finding.rule]);
        expect(finding.evidence.map(({ direction }) => direction)).toEqual(['client', 'server']);
      },
    },
    {
      name: 'in the client’s name',
      session: reset(ASKED, 'client', { ttl: 128 }),
      message: /in the client’s name/,
      also: (finding, all) => expect(ofTransport(all)).toEqual([finding.rule]),
    },
    {
      name: 'an identification',
      session: reset(numbered(ASKED, 0), 'server', { ipId: 4711 }),
      message: /IP identification/,
    },
    { name: 'too early', session: reset(far, 'server'), message: /sooner than the server could have seen it$/ },
  ],
  [
    { name: 'as its other packets', session: reset(numbered(ASKED, 100), 'server', { ipId: 130 }) },
    { name: 'a RST without an identification', session: reset(numbered(ASKED, 100), 'server') },
    { name: 'one hop more', session: reset(ASKED, 'server', { ttl: 63 }) },
    { name: 'a round trip later', session: reset(far, 'server', { pause: 0.08 }) },
    {
      name: 'behind QUIT',
      session: reset(talk('S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: QUIT'), 'client', {
        ttl: 50,
      }),
    },
    {
      name: 'behind a FIN',
      session: sessionOf(
        extend(
          ASKED,
          (so) => next(so, 'client', 'FA'),
          (so) => ({ ...next(so, 'server', 'R'), ttl: 50 }),
        ),
      ),
    },
    {
      name: 'before the first byte of the server',
      session: reset(talk('C: EHLO client.example'), 'server', { ttl: 50 }),
    },
    { name: 'a close', session: sessionOf(extend(ASKED, (so) => ({ ...next(so, 'server', 'FA'), ttl: 50 }))) },
  ],
);
