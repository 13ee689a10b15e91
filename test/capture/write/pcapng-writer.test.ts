import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScanner } from '../../../src/capture/format/scan.ts';
import { newPacketMeta, type PacketMeta, type PacketSink } from '../../../src/capture/packet-sink.ts';
import { PcapngWriter } from '../../../src/capture/write/pcapng-writer.ts';

interface Packet extends Omit<PacketMeta, 'frame'> {
  readonly hex: string;
  readonly comment: string;
}

function written(packets: readonly Packet[], before: readonly Buffer[] = []): Buffer {
  const writer = new PcapngWriter('test');
  const blocks = [writer.begin(), ...before];
  for (const { hex, comment, ...meta } of packets) {
    const bytes = Buffer.concat([Buffer.from('lead'), Buffer.from(hex, 'hex')]);
    const comments = comment === '' ? [] : comment.split('\n');
    blocks.push(...writer.packet(bytes, 4, bytes.length, { ...newPacketMeta(), ...meta }, comments));
  }
  return Buffer.concat(blocks);
}

function read(file: Buffer): { packets: Packet[]; keyLogs: Buffer[]; warnings: string[] } {
  const packets: Packet[] = [];
  const keyLogs: Buffer[] = [];
  let comment = '';
  const sink: PacketSink = {
    comment: (_, text) => {
      comment = text;
    },
    keyLog: (text) => {
      keyLogs.push(text);
    },
    packet: (bytes, start, end, { frame: _, ...meta }) => {
      packets.push({ hex: bytes.toString('hex', start, end), comment, ...meta });
      comment = '';
    },
  };
  const scanner = createScanner(sink);
  scanner.push(file);
  return { packets, keyLogs, warnings: scanner.finish().warnings };
}

const anyPacket: fc.Arbitrary<Packet> = fc
  .record({
    hex: fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    cut: fc.nat(2000),
    timeUs: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
    timeNanos: fc.nat(999),
    timeDigits: fc.constantFrom(6 as const, 9 as const),
    linkType: fc.constantFrom(1, 101, 113, 276),
    comment: fc.constantFrom('', 'one', 'zwei \u00fcber', 'a\nb'),
  })
  .map(({ cut, ...packet }) => ({
    ...packet,
    timeNanos: packet.timeDigits === 6 ? 0 : packet.timeNanos,
    originalLength: packet.hex.length / 2 + cut,
  }));

describe('what is written', () => {
  it('is read as it was', () => {
    fc.assert(
      fc.property(fc.array(anyPacket, { maxLength: 20 }), (packets) => {
        const { packets: back, warnings } = read(written(packets));
        expect(back).toEqual(packets);
        expect(warnings).toEqual([]);
      }),
    );
  });

  it('keeps that a packet has no time', () => {
    const packet: Packet = { ...newPacketMeta(), hex: '450000', originalLength: 3, timeUs: Number.NaN, comment: '' };
    const [first, second] = read(written([packet, { ...packet, timeUs: 7 }])).packets;
    expect([first?.timeUs, second?.timeUs]).toEqual([Number.NaN, 7]);
  });

  it('holds packets longer than usual, and comments that are cut between two letters', () => {
    const packet: Packet = {
      ...newPacketMeta(),
      hex: 'ab'.repeat(300_000),
      originalLength: 300_000,
      comment: '\u00e4'.repeat(20_000),
    };
    const [back] = read(written([packet])).packets;
    expect(back?.hex).toBe(packet.hex);
    expect(back?.comment).toMatch(/^\u00e4{8192}$/);
  });

  it('brings secrets along', () => {
    const secrets = Buffer.from('CLIENT_RANDOM 00 11\n');
    expect(read(written([], [new PcapngWriter('x').keyLog(secrets)])).keyLogs).toEqual([secrets]);
  });
});
