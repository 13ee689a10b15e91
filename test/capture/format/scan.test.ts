import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScanner } from '../../../src/capture/format/scan.ts';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import {
  collectingSink,
  PcapngWriter,
  pcapFile,
  pcapHeader,
  pcapngFile,
  pcapRecord,
} from '../../support/pcap-bytes.ts';
import { scan } from './scanning.ts';

const PACKETS = [
  { data: Buffer.from('220 mx.example ESMTP\r\n'), timeUs: 1_700_000_000_000_000 },
  { data: Buffer.alloc(0), timeUs: 1_700_000_000_000_001 },
  { data: Buffer.from('EHLO c.example\r\n'), timeUs: 1_700_000_000_999_999, originalLength: 900 },
  { data: Buffer.from('.'), timeUs: 1_700_000_001_000_000 },
];

const ng = new PcapngWriter();
const FILES: Record<string, Buffer> = {
  'pcap little-endian': pcapFile(PACKETS),
  'pcap big-endian': pcapFile(PACKETS, { bigEndian: true }),
  'pcap nanosecond': pcapFile(PACKETS, { nano: true }),
  'pcap a1b2cd34': pcapFile(PACKETS, { magic: 0xa1b2cd34 }),
  'pcapng, two sections and byte orders': pcapngFile({ packets: PACKETS }, { bigEndian: true, packets: PACKETS }),
  'pcapng, all blocks': Buffer.concat([
    ng.section(),
    ng.block(0xbad, Buffer.alloc(0)),
    ng.interface({ tsresol: 9 }),
    ng.enhanced(PACKETS[0] as { data: Buffer }),
    ng.block(0xbad, Buffer.alloc(40)),
    ng.simple(Buffer.from('simple')),
    ng.block(4, Buffer.alloc(8)),
    ng.old(Buffer.from('old')),
    ng.statistics({ options: [[5, ng.u64(2n)]] }),
  ]),
};
const EVERY_FILE = Object.entries(FILES);

describe.each(EVERY_FILE)('%s', (_, file) => {
  const whole = scan(file);
  const headerBytes = file[0] === 0x0a ? file.readUInt32LE(4) : 24;

  it('is read to its end', () => {
    expect(whole.error).toBeNull();
    expect(whole.facts).toMatchObject({ bytes: file.length, cutShort: false, warnings: [] });
    expect(whole.seen.length).toBeGreaterThan(2);
  });

  it('gives the same in chunks of every size', () => {
    for (let size = 1; size <= file.length; size++) expect(scan(file, size)).toEqual(whole);
  });

  it('gives the same when it is split anywhere', () => {
    for (let at = 1; at < file.length; at++) expect(scan(file, at, file.length)).toEqual(whole);
  });

  it('gives every complete packet and one warning when it is cut anywhere, in chunks of any size', () => {
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      const result = scan(cut);
      expect(scan(cut, 1), `cut at ${length}`).toEqual(result);
      expect(scan(cut, 7), `cut at ${length}`).toEqual(result);
      if (length < 4) {
        expect(result.error).toMatchObject({ code: length === 0 ? 'empty' : 'not-a-capture', offset: 0 });
        continue;
      }
      if (length < headerBytes) {
        // Not even its link type is known: there is nothing to analyse.
        expect(result.error).toMatchObject({ code: 'empty', offset: length });
        expect(result.error?.message).toContain(`at byte offset ${length} of `);
        expect(result.facts.warnings).toEqual([]);
        continue;
      }
      expect(result.error).toBeNull();
      expect(result.seen).toEqual(whole.seen.slice(0, result.seen.length));
      expect(result.facts.bytes).toBe(length);
      expect(result.facts.warnings).toHaveLength(result.facts.cutShort ? 1 : 0);
      // What was cut off is missing, what was not is there: the rest, read by itself, completes it.
      const [, offset, have, want] =
        /at byte offset (\d+) has (\d+) of (\d+) bytes/.exec(result.facts.warnings[0] ?? '') ?? [];
      if (result.facts.cutShort) {
        expect(Number(offset) + Number(have)).toBe(length);
        expect(Number(have)).toBeLessThan(Number(want));
        expect(Number(offset) + Number(want)).toBeLessThanOrEqual(file.length);
      }
    }
    const counts = Array.from({ length: file.length - 3 }, (_, i) => scan(file.subarray(0, i + 4)).seen.length);
    expect(counts.at(-1)).toBe(whole.seen.length);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it('ends in an error or in fewer packets, never otherwise, when any four bytes are damaged', () => {
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      for (let at = 0; at + 4 <= file.length; at++) {
        const damaged = Buffer.from(file);
        damaged.writeUInt32LE(value, at);
        const result = scan(damaged);
        expect(scan(damaged, 5), `${value} at ${at}`).toEqual(result);
        if (result.error) expect(result.error.message).toMatch(/byte offset \d+/);
        expect(result.facts.packets).toBe(result.seen.length);
      }
    }
  });
});

describe('recognition', () => {
  it('says that an empty capture is empty', () => {
    expect(scan(Buffer.alloc(0)).error).toMatchObject({ code: 'empty', offset: 0 });
  });

  it.each([
    ['iptrace 2.0\0\0\0\0\0', 'iptrace', 'editcap'],
    ['XCP\x00002.002\0\0\0\0\0', 'NetXRay', 'editcap'],
    ['TRSNIFF data    \x1a', 'a Sniffer capture', 'editcap'],
    ['\x28\xb5\x2f\xfd\x04\x00\x41\x00\x00\x61\x62\x63', 'Zstandard data inside', 'zstd -d'],
    ['\xfd7zXZ\0\0\x04', 'xz data inside', 'xz -dc'],
    ['\x04\x22\x4d\x18\x64\x40', 'LZ4 data inside', 'lz4 -d'],
    ['BZh91AY&SY', 'bzip2', 'bzip2 -dc'],
    ['\x1f\x8b\x08\0\0\0\0\0', 'gzip', 'gzip -dc'],
    ['PK\x03\x04\x14\0\0\0', 'zip', 'unzip'],
  ])('names %j and the command that converts it', (first, name, command) => {
    const bytes = Buffer.from(first, 'latin1');
    for (const result of [scan(bytes), scan(bytes, 1), scan(Buffer.concat([bytes, Buffer.alloc(100)]))]) {
      expect(result.error).toMatchObject({ code: 'unsupported-format', offset: 0 });
      expect(result.error?.message).toContain(name);
      expect(result.error?.message).toContain(`\`${command}`);
    }
  });

  it('recognises ERF, which has no magic number, by its first records', () => {
    const record = Buffer.from('00472f0081d7484102050018000000081751000dbc036d80', 'hex');
    expect(scan(Buffer.concat([record, record, record])).error?.message).toMatch(/ERF/);
    expect(scan(record).error?.message).toMatch(/ERF/);
  });

  it.each([
    ['text', Buffer.from('From: alice@client.example\nTo: bob@mx.example\n\nNot a capture, whatever its name.\n')],
    ['a short text', Buffer.from('hi')],
    ['zeros', Buffer.alloc(5000)],
    ['a program', Buffer.from('7f454c4602010100000000000000000003003e0001000000', 'hex')],
    ['part of a magic number', Buffer.from('d4c3b2', 'hex')],
  ])('says of %s that it is no capture, and what is one', (_, bytes) => {
    for (const result of [scan(bytes), scan(bytes, 1), scan(bytes, 3)]) {
      expect(result.error).toMatchObject({ code: 'not-a-capture', offset: 0 });
      expect(result.error?.message).toMatch(/byte offset 0 .*tcpdump -w/);
      expect(result.error?.message).not.toMatch(/ERF/);
    }
  });

  it('prints nothing of a file that is no capture but hex', () => {
    expect(scan(Buffer.from('\x1b[31mred\x1b[0m\x07\x07\x07\x07\x07\x07')).error?.message).not.toContain('\x1b');
  });

  it('throws the same error again on every later call', () => {
    const scanner = createScanner(collectingSink());
    const junk = Buffer.alloc(64, 0x5a);
    const first = (() => {
      try {
        scanner.push(junk);
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(first).toBeInstanceOf(CaptureError);
    expect((first as CaptureError).facts).toBe(scanner.facts);
    expect(() => scanner.push(pcapFile(PACKETS))).toThrow(first as CaptureError);
    expect(() => scanner.finish()).toThrow(first as CaptureError);
  });

  it('lets through what the sink throws', () => {
    const scanner = createScanner({
      packet() {
        throw new RangeError('enough');
      },
    });
    expect(() => scanner.push(pcapFile(PACKETS))).toThrow(RangeError);
  });
});

describe('hostile input', () => {
  const junk = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
  const start = fc.constantFrom(
    Buffer.alloc(0),
    pcapHeader(),
    pcapHeader({ bigEndian: true, nano: true }),
    Buffer.concat([pcapHeader({ snaplen: 0xffff_ffff }), pcapRecord(Buffer.from('one'))]),
    ng.section(),
    Buffer.concat([ng.section(), ng.interface(), ng.interface({ tsresol: 0x9e })]),
    pcapngFile({ bigEndian: true, packets: PACKETS }),
  );

  it('never throws anything but CaptureError, and chunks make no difference', () => {
    fc.assert(
      fc.property(start, junk, fc.integer({ min: 1, max: 50 }), (head, tail, size) => {
        const bytes = Buffer.concat([head, tail]);
        expect(scan(bytes, size)).toEqual(scan(bytes)); // anything but a CaptureError is thrown on
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws anything but CaptureError on a capture with any bytes changed', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(FILES)), fc.array(change, { maxLength: 12 }), (file, changes) => {
        const damaged = Buffer.from(file);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        expect(scan(damaged, 11)).toEqual(scan(damaged));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not hold what it passes over, nor what a length field only promises', () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 7);
    const grown = (first: Buffer, mebibytes: number): number => {
      const scanner = createScanner(collectingSink());
      scanner.push(first);
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      for (let i = 0; i < mebibytes; i++) {
        scanner.push(mebibyte);
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
      expect(scanner.finish().cutShort).toBe(true);
      return most / mebibyte.length;
    };
    // A block that is passed over may claim 4 GiB. A packet of 16 MiB and one of a block of 64 MiB are held when they
    // come, not before: half of them is the most that doubling has spare.
    const passed = Buffer.concat([
      ng.section(),
      ng.block(0xbad, Buffer.alloc(0), { first: 0xffff_fff0 }).subarray(0, 8),
    ]);
    expect(grown(passed, 256)).toBeLessThan(4);
    const lying = pcapRecord({ data: Buffer.alloc(0), capturedLength: 16 * 1024 * 1024 });
    expect(grown(Buffer.concat([pcapHeader({ snaplen: 0xffff_ffff }), lying]), 1)).toBeLessThan(6);
    const block = ng.block(6, Buffer.alloc(0), { first: 64 * 1024 * 1024 }).subarray(0, 8);
    expect(grown(Buffer.concat([ng.section(), ng.interface(), block]), 1)).toBeLessThan(6);
  });

  it('warns of the same thing once, however often it happens', () => {
    const scanner = createScanner({ packet() {} });
    const never = ng.enhanced({ data: Buffer.alloc(0), ticks: 2n ** 64n - 1n });
    const optionsOutside = ng.block(1, Buffer.concat([Buffer.alloc(8), Buffer.alloc(4, 0xee)]));
    const often = (block: Buffer) => new Array<Buffer>(5000).fill(block);
    scanner.push(Buffer.concat([ng.section(), ...often(optionsOutside), ...often(never)]));
    const { packets, warnings } = scanner.finish();
    expect(packets).toBe(5000);
    expect(warnings).toHaveLength(2);
  });
});
