/** Snapshot lengths that leave little, or nothing, of the payload: what was cut is told as cut, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analysed, type Captured, cutTo, sent } from '../support/captured.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf, shuffle } from '../support/segments.ts';

const IP_AND_TCP = 40;
const DIALOGUE = segmentsOf(`
  S: 220 mx.example ESMTP
  C: HELO client.example
  S: 250 mx.example
  C: QUIT
  S: 221 bye`);
const PACKETS: Captured[] = DIALOGUE.map((segment, index) => ({ bytes: packetOf(segment), atUs: index * 1_000 }));
/** Of client and server: HELO … and QUIT, the greeting and two replies. */
const SAID = [27, 47] as const;

const read = (packets: readonly Captured[]) =>
  analysed(packets, ({ session: { transport, outcome }, findings }) => ({
    outcome,
    rules: findings.map(({ rule }) => rule),
    bytes: [transport.client.bytes, transport.server.bytes],
    cut: [transport.client.truncatedBytes, transport.server.truncatedBytes],
    missing: [transport.client.missingBytes, transport.server.missingBytes],
    retransmissions: [transport.client.retransmissions, transport.server.retransmissions],
  }));

describe.each([
  ['from the first packet on', PACKETS],
  ['begun in mid-session', PACKETS.slice(3)],
  // The client's ACK of the greeting stands before it.
  ['out of order', [0, 1, 4, 3, 2, 5, 7, 6, 8, 9, 10].flatMap((index) => PACKETS[index] ?? [])],
])('a capture %s', (_name, packets) => {
  it.each([0, 1, 2, 5])('that keeps %i bytes of each payload', (kept) => {
    const { sessions, warnings } = read(cutTo(IP_AND_TCP + kept, packets));
    const [session, ...others] = sessions;
    expect(others).toEqual([]);
    expect(session).toMatchObject({
      outcome: 'incomplete',
      rules:
        packets === PACKETS.slice(3)
          ? ['snaplen-truncated', 'mid-stream']
          : expect.arrayContaining(['snaplen-truncated']),
      bytes: [2 * kept, 3 * kept],
      cut: [SAID[0] - 2 * kept, SAID[1] - 3 * kept],
      missing: [SAID[0] - 2 * kept, SAID[1] - 3 * kept],
      retransmissions: [0, 0],
    });
    expect(session?.rules).not.toContain('gap');
    expect(warnings).toEqual([]);
  });
});

it('what was sent again is counted, though nothing of it was kept', () => {
  const again = PACKETS.flatMap((packet, index) =>
    index === 4 ? [packet, { ...packet, atUs: packet.atUs + 300 }] : [packet],
  );
  expect(read(cutTo(IP_AND_TCP, again)).sessions).toMatchObject([{ retransmissions: [1, 0], missing: SAID }]);
});

it('a packet that brings cut bytes and new ones counts each once', () => {
  const [syn, synAck, answer, greeting] = PACKETS as [Captured, Captured, Captured, Captured];
  const text = '220 mx.example ESMTP\r\n';
  const [seq, ack] = [greeting.bytes.readUInt32BE(24), greeting.bytes.readUInt32BE(28)];
  const longer = sent({ from: 'server', atUs: 5_000, flags: 'PA', seq, ack, payload: `${text}${text}` });
  const cut = cutTo(IP_AND_TCP + 4, [syn, synAck, answer, greeting, longer]);
  expect(read(cut).sessions).toMatchObject([
    { bytes: [0, 4], cut: [0, 40], missing: [0, 40], retransmissions: [0, 0], rules: ['snaplen-truncated'] },
  ]);
});

it('in any order of the packets, and with some of them sent again, each byte is counted once: kept, or cut', () => {
  const keys = fc.array(fc.nat(30), { minLength: PACKETS.length, maxLength: PACKETS.length });
  fc.assert(
    fc.property(keys, fc.nat(12), fc.array(fc.nat(PACKETS.length - 1), { maxLength: 3 }), (order, kept, again) => {
      // Behind the handshake, so that the first bytes are known.
      const rest = shuffle([...PACKETS.slice(3), ...again.map((index) => PACKETS[index] as Captured)], order);
      const packets = [...PACKETS.slice(0, 3), ...rest].map((packet, index) => ({ ...packet, atUs: index * 1_000 }));
      const [session, ...others] = read(cutTo(IP_AND_TCP + kept, packets)).sessions;
      expect(others).toEqual([]);
      for (const side of [0, 1] as const) {
        expect((session?.bytes[side] ?? 0) + (session?.missing[side] ?? 0)).toBe(SAID[side]);
        expect(session?.cut[side]).toBe(session?.missing[side]);
      }
    }),
    { numRuns: 300 },
  );
});

describe('a snapshot length inside the headers', () => {
  it.each([
    ['of IP', 19],
    ['of IP, before the ports', 23],
    ['of TCP', 39],
  ])('%s leaves no session, and says so', (_where, bytes) => {
    const { sessions, warnings } = read(cutTo(bytes, PACKETS));
    expect(sessions).toEqual([]);
    expect(warnings).toEqual([
      `${PACKETS.length} packets were cut by the snapshot length before their headers ended and were not read: capture whole packets (\`tcpdump -s 0\`)`,
    ]);
  });

  it('of other ports is of no interest', () => {
    const other = PACKETS.map(({ atUs }) => sent({ from: 'client', atUs, sport: 443, dport: 50_000 }));
    expect(read(cutTo(39, other))).toEqual({ sessions: [], warnings: [] });
  });
});
