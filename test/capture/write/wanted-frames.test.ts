import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { FrameSet } from '../../../src/capture/write/frame-set.ts';
import { type WantedConnection, WantedFrames } from '../../../src/capture/write/wanted-frames.ts';
import { segmentsOf } from '../../support/dialogue.ts';
import { packetOf } from '../../support/segments.ts';

const RAW_IP = 101;
const CLIENT = '192.0.2.10';
const OTHER = '192.0.2.11';

const packets = (client: string): Buffer[] =>
  segmentsOf('S: 220 mx.example\nC: QUIT\nS: 221 Bye').map((segment) => packetOf(segment, { client }));

function framesOf(wanted: readonly Partial<WantedConnection>[], captures: readonly (readonly Buffer[])[]): number[][] {
  const [first] = packets(CLIENT);
  const [port, server] = [first?.readUInt16BE(20) as number, [...(first as Buffer).subarray(16, 20)].join('.')];
  const connection: WantedConnection = {
    capture: 0,
    client: { address: CLIENT, port },
    server: { address: server, port: 25 },
    frames: { first: 1, last: packets(CLIENT).length, count: packets(CLIENT).length },
  };
  const chosen = new WantedFrames(wanted.map((one) => ({ ...connection, ...one })));
  captures.forEach((capture) => {
    chosen.beginCapture();
    const meta = newPacketMeta();
    meta.linkType = RAW_IP;
    for (const packet of capture) {
      meta.frame++;
      meta.originalLength = packet.length;
      chosen.packet(packet, 0, packet.length, meta);
    }
  });
  return captures.map((capture, index) => {
    const set = chosen.of(index);
    return capture.map((_, at) => at + 1).filter((frame) => set.has(frame));
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the packets of a connection', () => {
  const one = packets(CLIENT);
  const count = one.length;

  it('are those between its four ends, whatever lies between them', () => {
    const mixed = one.flatMap((packet, index) => [packet, packets(OTHER)[index] as Buffer]);
    expect(framesOf([{}], [mixed])).toEqual([mixed.map((_, at) => at + 1).filter((frame) => frame % 2 === 1)]);
  });

  it('are not those of one that uses the same ends before or after', () => {
    const twice = [...one, ...one, ...one];
    expect(framesOf([{ frames: { first: count + 1, last: 2 * count, count } }], [twice])).toEqual([
      range(count + 1, 2 * count),
    ]);
    expect(framesOf([{}, { frames: { first: 2 * count + 1, last: 3 * count, count } }], [twice])).toEqual([
      [...range(1, count), ...range(2 * count + 1, 3 * count)],
    ]);
  });

  it('may lie in the capture that follows', () => {
    expect(framesOf([{}], [one.slice(0, 3), [...packets(OTHER), ...one.slice(3)]])).toEqual([
      range(1, 3),
      range(count + 1, 2 * count - 3),
    ]);
    expect(framesOf([{ capture: 1 }], [one, one])).toEqual([[], range(1, count)]);
  });

  it('are none where nothing is wanted', () => {
    expect(framesOf([], [one])).toEqual([[]]);
  });
});

describe('a set of frames', () => {
  it('holds what was put into it, once', () => {
    const set = new FrameSet();
    for (const frame of [1, 8, 8, 100_000]) set.add(frame);
    expect([0, 1, 7, 8, 9, 99_999, 100_000, 1e9].filter((frame) => set.has(frame))).toEqual([1, 8, 100_000]);
    expect(set.count).toBe(3);
  });
});
