/** When silence is spoken of: once each, and judged when a rule can be certain. */
import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { Patience } from '../../../src/cli/live/patience.ts';
import { type Analysis, createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import { segmentsOf } from '../../support/dialogue.ts';
import { packetOf } from '../../support/segments.ts';

const RAW_IP = 101;
const SECOND = 1e6;
const HANDSHAKE = segmentsOf('', { close: 'none' });

/** The first `count` packets of a handshake, all at time 0, from each of so many clients. */
function watched(count: number, clients = 1): Analysis {
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, () => {});
  analysis.beginCapture('v0');
  for (let client = 1; client <= clients; client++) send(analysis, count, 0, client);
  return analysis;
}

function send(analysis: Analysis, count: number, timeUs: number, client = 1): void {
  for (const segment of HANDSHAKE.slice(0, count)) {
    const packet = packetOf(segment, { client: `192.0.2.${client}` });
    const meta = { ...newPacketMeta(), linkType: RAW_IP, timeUs, frame: ++frames, originalLength: packet.length };
    analysis.packet(packet, 0, packet.length, meta);
  }
}

let frames = 0;

/** What is said at each second, and the rules that hold when it is judged. At `repeats` the SYN is sent once more. */
function said(analysis: Analysis, seconds: number, repeats: readonly number[] = []): string[] {
  const patience = new Patience();
  const all: string[] = [];
  for (let second = 1; second <= seconds; second++) {
    const nowUs = second * SECOND;
    if (repeats.includes(second)) send(analysis, 1, nowUs);
    analysis.tick(nowUs);
    for (const { connection, words, judge } of patience.look(analysis, nowUs)) {
      if (words !== null) all.push(`${second} ${words}`);
      if (judge) all.push(...analysis.soFar(connection, nowUs).findings.map(({ rule }) => `${second} ${rule}`));
    }
  }
  return all;
}

describe('silence', () => {
  it('of a server that is not there', () => {
    // As Linux repeats it.
    expect(said(watched(1), 14, [1, 3, 7])).toEqual(['2 SYN sent; no answer yet', '10 port25-syn-unanswered']);
  });

  it('of a server that took the connection and does not greet', () => {
    expect(said(watched(3), 60)).toEqual(['5 connected; nothing has come from the server yet', '30 greeting-timeout']);
  });

  it('of a handshake that is not complete', () => {
    expect(said(watched(2), 9)).toEqual(['2 SYN and SYN/ACK; the handshake is not complete']);
  });

  it('of many at once is no flood of lines', () => {
    const analysis = watched(1, 200);
    const patience = new Patience();
    const perLook = [2, 3, 4].map((second) => {
      analysis.tick(second * SECOND);
      return patience.look(analysis, second * SECOND).filter(({ words }) => words !== null).length;
    });
    expect(perLook[0]).toBeGreaterThan(0);
    expect(Math.max(...perLook)).toBeLessThanOrEqual(20);
  });
});
