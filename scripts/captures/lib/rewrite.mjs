// Copies of a capture in another shape: same packets, same times. Reads what the scenes record: classic pcap,
// little-endian, microseconds, Ethernet.
//
// Usage: node rewrite.mjs SHAPE INPUT OUTPUT, where SHAPE is one of the keys of `shapes` below.
import { readFileSync, writeFileSync } from 'node:fs';

const [shape, input, output] = process.argv.slice(2);
const source = readFileSync(input);

function records() {
  const all = [];
  for (let at = 24; at < source.length; ) {
    const captured = source.readUInt32LE(at + 8);
    all.push({
      seconds: source.readUInt32LE(at),
      micros: source.readUInt32LE(at + 4),
      wire: source.readUInt32LE(at + 12),
      frame: source.subarray(at + 16, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return all;
}

function pcap({ linkType = 1, bigEndian = false, frame = (bytes) => bytes }) {
  const u16 = bigEndian ? 'writeUInt16BE' : 'writeUInt16LE';
  const u32 = bigEndian ? 'writeUInt32BE' : 'writeUInt32LE';
  const header = Buffer.alloc(24);
  header[u32](0xa1b2c3d4, 0);
  header[u16](2, 4);
  header[u16](4, 6);
  header[u32](262_144, 16);
  header[u32](linkType, 20);
  return Buffer.concat([
    header,
    ...records().flatMap((record) => {
      const bytes = frame(record.frame);
      const head = Buffer.alloc(16);
      head[u32](record.seconds, 0);
      head[u32](record.micros, 4);
      head[u32](bytes.length, 8);
      head[u32](record.wire + bytes.length - record.frame.length, 12);
      return [head, bytes];
    }),
  ]);
}

/** Puts tags behind the two addresses, in front of the type of what is inside (IEEE 802.1Q, 802.1ad). */
const tagged = (tags) => (frame) => Buffer.concat([frame.subarray(0, 12), Buffer.from(tags), frame.subarray(12)]);

/** BSD loopback: the address family in the byte order of the host that captured, here a little-endian one. */
const family = (frame) => (frame.readUInt16BE(12) === 0x86dd ? 30 : 2);

const shapes = {
  'big-endian': () => pcap({ bigEndian: true }),
  vlan: () => pcap({ frame: tagged([0x81, 0x00, 0x00, 0x64]) }),
  'vlan-stacked': () => pcap({ frame: tagged([0x88, 0xa8, 0x00, 0x0a, 0x81, 0x00, 0x00, 0x64]) }),
  'raw-ip': () => pcap({ linkType: 101, frame: (frame) => frame.subarray(14) }),
  'bsd-loopback': () =>
    pcap({ linkType: 0, frame: (frame) => Buffer.concat([Buffer.from([family(frame), 0, 0, 0]), frame.subarray(14)]) }),
  'cut-short': () => source.subarray(0, source.length - 40),
};

writeFileSync(output, shapes[shape]());
