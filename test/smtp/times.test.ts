import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { Session } from '../../src/smtp/session.ts';
import { timesOf, waitsOf } from '../../src/smtp/times.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf, type Segment } from '../support/segments.ts';

const RAW_IP = 101;

/** The one session of these segments, each captured so many milliseconds after the one before; null: no time. */
function seen<T>(segments: readonly Segment[], pauses: readonly (number | null)[], use: (session: Session) => T): T {
  const results: T[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => {
    results.push(use(session));
  });
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  let us = 1_700_000_000_000_000;
  analysis.beginCapture('dialogue.pcap');
  segments.forEach((segment, i) => {
    const packet = packetOf(segment, {});
    const pause = i < pauses.length ? (pauses[i] as number | null) : 0;
    us += (pause ?? 0) * 1000;
    meta.frame++;
    meta.timeUs = pause === null ? Number.NaN : us;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  });
  analysis.finish();
  expect(results).toHaveLength(1);
  return results[0] as T;
}

// SYN, SYN/ACK, ACK; greeting, QUIT, reply; FIN, FIN, ACK.
const SHORT = segmentsOf('S: 220 mx.example\nC: QUIT\nS: 221 bye');

describe('where the time went', () => {
  it('is thinking beyond the round trip on either side of the capture', () => {
    // 40 ms to the server and back, 2 ms to the client and back.
    const pauses = [0, 40, 2, 140, 12, 41, 3];
    expect(
      seen(SHORT, pauses, (session) =>
        waitsOf(session).map(({ turn, for: side, networkSeconds, thinkingSeconds }) => [
          turn.lines[0],
          side,
          Math.round(networkSeconds * 1000),
          Math.round(thinkingSeconds * 1000),
        ]),
      ),
    ).toEqual([
      ['220 mx.example', 'server', 40, 100],
      ['QUIT', 'client', 2, 10],
      ['221 bye', 'server', 40, 1],
    ]);
    expect(seen(SHORT, pauses, timesOf)).toEqual({ clientSeconds: 0.013, serverSeconds: 0.101, networkSeconds: 0.124 });
  });

  it('adds up to the duration', () => {
    const pauses = [0, 7, 3, 11, 13, 17, 19, 23, 29];
    const [times, seconds] = seen(SHORT, pauses, (session) => [
      timesOf(session),
      (session.end.us - session.start.us) / 1e6,
    ]);
    expect(times).not.toBeNull();
    const { clientSeconds, serverSeconds, networkSeconds } = times as NonNullable<typeof times>;
    expect(clientSeconds + serverSeconds + networkSeconds).toBeCloseTo(seconds, 9);
  });

  it('is the server’s where the client left without the greeting it waited for', () => {
    const silent = segmentsOf('');
    expect(seen(silent, [0, 10, 0, 30_000], timesOf)).toMatchObject({ clientSeconds: 0, serverSeconds: 30 });
  });

  it('is the network’s where nobody answered', () => {
    expect(seen(SHORT.slice(0, 1), [0], timesOf)).toEqual({ clientSeconds: 0, serverSeconds: 0, networkSeconds: 0 });
  });

  it('has no network in it where the handshake was not captured', () => {
    expect(
      seen(SHORT.slice(3), [0, 50, 70], (session) => waitsOf(session).map(({ networkSeconds }) => networkSeconds)),
    ).toEqual([0, 0, 0]);
  });

  it('is unknown for packets without a time', () => {
    const none = SHORT.map(() => null);
    expect(seen(SHORT, none, timesOf)).toBeNull();
    expect(seen(SHORT, none, waitsOf)).toEqual([]);
  });
});
