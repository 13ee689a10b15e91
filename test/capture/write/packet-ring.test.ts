import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { PacketRing } from '../../../src/capture/write/packet-ring.ts';
import { watchPorts } from '../../../src/wire/frame-view.ts';
import { segmentsOf } from '../../support/dialogue.ts';
import { packetOf } from '../../support/segments.ts';

const RAW_IP = 101;
const packets = segmentsOf('S: 220 mx.example\nC: QUIT\nS: 221 Bye').map((segment) => packetOf(segment, {}));
const [syn] = packets as [Buffer];
const end = (at: number, port: number) => ({
  address: [...syn.subarray(at, at + 4)].join('.'),
  port: syn.readUInt16BE(port),
});
const ENDS = { capture: 0, client: end(12, 20), server: end(16, 22) };
const count = packets.length;

function ringOf(limitBytes: number, times: number): PacketRing {
  const ring = new PacketRing(watchPorts([25]), limitBytes);
  const meta = { ...newPacketMeta(), linkType: RAW_IP };
  for (let i = 0; i < times; i++) {
    for (const packet of packets) {
      meta.frame++;
      meta.originalLength = packet.length;
      const lent = Buffer.from(packet);
      ring.packet(lent, 0, lent.length, meta);
      lent.fill(0);
    }
  }
  return ring;
}

describe('the last packets of a wire', () => {
  it('are given out once, those of each connection between the same ends apart', () => {
    const ring = ringOf(1e6, 2);
    const second = { ...ENDS, frames: { first: count + 1, last: 2 * count, count } };
    const first = { ...ENDS, frames: { first: 1, last: count, count } };
    expect(ring.take(first).map(({ bytes }) => bytes)).toEqual(packets);
    expect(ring.take(first)).toEqual([]);
    expect(ring.take(second).map(({ meta }) => meta.frame)).toEqual(packets.map((_, at) => count + at + 1));
    expect(ring.lost).toBe(0);
  });

  it('are no more than there is room for: the oldest go first', () => {
    const ring = ringOf(2000, 50);
    const all = ring.take({ ...ENDS, frames: { first: 1, last: 50 * count, count: 50 * count } });
    expect(all.length).toBeGreaterThan(1);
    expect(all.length).toBeLessThan(8);
    expect(all.at(-1)?.meta.frame).toBe(50 * count);
    expect(ring.lost).toBe(50 * count - all.length);
  });

  it('do not count as lost when they were given out', () => {
    const ring = ringOf(1e6, 1);
    ring.take({ ...ENDS, frames: { first: 1, last: count, count } });
    expect(ring.lost).toBe(0);
  });

  it('are let go of once they were given out, however long it goes on', () => {
    const ring = new PacketRing(watchPorts([25]), 64e6);
    const meta = { ...newPacketMeta(), linkType: RAW_IP };
    const large = Buffer.concat([syn, Buffer.alloc(9_000)]);
    large.writeUInt16BE(large.length, 2);
    meta.originalLength = large.length;
    const begun = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let round = 0; round < 200; round++) {
      const first = meta.frame + 1;
      for (let i = 0; i < 100; i++) {
        meta.frame++;
        ring.packet(large, 0, large.length, meta);
      }
      ring.take({ ...ENDS, frames: { first, last: meta.frame, count: 100 } });
      most = Math.max(most, process.memoryUsage().arrayBuffers - begun);
    }
    expect(ring.lost).toBe(0);
    // 180 megabytes went through.
    expect(most).toBeLessThan(90e6);
  });
});
