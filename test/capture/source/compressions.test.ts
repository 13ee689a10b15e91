/** zstd, xz, LZ4 and gzip: whole, cut, damaged, several in a row, and made to hurt. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createScanner } from '../../../src/capture/format/scan.ts';
import { CaptureError, type CaptureFacts } from '../../../src/capture/packet-sink.ts';
import { compressionOf, decompressInto } from '../../../src/capture/source/decompress.ts';
import { collectingSink, type SeenPacket } from '../../support/pcap-bytes.ts';

const format = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../captures/format/${name}`, import.meta.url)));
const PLAIN = format('ethernet.pcap');
const COMPRESSED = [
  ['zstd', format('zstd.pcap.zst'), 'Zstandard'],
  ['xz', format('xz.pcap.xz'), 'xz'],
  ['lz4', format('lz4.pcap.lz4'), 'LZ4'],
  ['gzip', format('gzip.pcap.gz'), 'gzip'],
] as const;

interface Reading {
  seen: SeenPacket[];
  facts: CaptureFacts;
  error: CaptureError | null;
}

/** Each chunk is overwritten once the next one is asked for, as a file's are. */
async function read(bytes: Buffer, size = bytes.length, maxDecompressedBytes = 1e9): Promise<Reading> {
  const sink = collectingSink();
  const compression = compressionOf(bytes);
  const scanner = createScanner(sink, { compression });
  function* chunks() {
    const lent = Buffer.alloc(size);
    for (let at = 0; at < bytes.length; at += size) {
      yield lent.subarray(0, bytes.copy(lent, 0, at, at + size));
      lent.fill(0xbb);
    }
  }
  try {
    if (compression !== null)
      await decompressInto(compression, scanner, chunks(), {
        limits: { decompressedBytes: maxDecompressedBytes },
      });
    else scanner.push(bytes);
    return { seen: sink.seen, facts: scanner.finish(), error: null };
  } catch (error) {
    if (!(error instanceof CaptureError) || error.facts === null) throw error;
    return { seen: sink.seen, facts: error.facts, error };
  }
}

const plain = await read(PLAIN);

describe.each(COMPRESSED)('%s', (compression, bytes, name) => {
  it('holds what the plain capture holds, in chunks of any size', async () => {
    expect(compressionOf(bytes)).toBe(compression);
    for (const size of [1, 2, 7, 1000, bytes.length]) {
      const { seen, facts, error } = await read(bytes, size);
      expect(error).toBeNull();
      expect(seen).toEqual(plain.seen);
      expect(facts).toEqual({ ...plain.facts, compression });
    }
  });

  it('may be several in a row, with a capture divided between them', async () => {
    // One is an empty capture of 24 bytes, so the second's header would be a record: the plain files are told apart.
    const two = await read(Buffer.concat([bytes, bytes]), 500);
    const expected = await read(Buffer.concat([PLAIN, PLAIN]));
    expect(two.facts.bytes).toBe(expected.facts.bytes);
    expect(two.seen).toEqual(expected.seen);
    const hint = / It came out of compressed data, which may be what is damaged: `\w+ -t FILE` tells\.$/;
    expect(two.error?.message).toMatch(hint);
    expect(two.error?.message.replace(hint, '')).toBe(expected.error?.message);
  });

  it('cut anywhere gives what came before, and says so', async () => {
    let last = 0;
    for (let length = 8; length < bytes.length; length += 61) {
      const { seen, facts, error } = await read(bytes.subarray(0, length), 300);
      if (error !== null) {
        expect(error.code).toBe('empty');
        continue;
      }
      expect(seen.length).toBeGreaterThanOrEqual(last);
      last = seen.length;
      expect(seen).toEqual(plain.seen.slice(0, seen.length));
      expect(facts.cutShort).toBe(true);
      expect(facts.warnings.join()).toMatch(new RegExp(`${name} data is cut short`));
    }
  });

  it('with something else behind it is read, and what is behind is named', async () => {
    const { seen, facts } = await read(Buffer.concat([bytes, Buffer.from('something else entirely')]));
    expect(seen).toEqual(plain.seen);
    expect(facts.warnings).toEqual([expect.stringMatching(new RegExp(`no ${name} data and was not read`))]);
  });

  it('damaged anywhere ends in packets or in a sentence', async () => {
    const damaged = Buffer.from(bytes);
    const codes = new Set<string>();
    for (let at = 6; at < bytes.length; at += 13) {
      damaged[at] = (bytes[at] as number) ^ 0x55;
      codes.add((await read(damaged)).error?.code ?? 'read');
      damaged[at] = bytes[at] as number;
    }
    expect([...codes]).toContain('bad-block');
  });

  it('with one bit wrong never reads as something else', async () => {
    const damaged = Buffer.from(bytes);
    let told = 0;
    for (let at = 0; at < bytes.length; at += 3) {
      damaged[at] = (bytes[at] as number) ^ (1 << (at % 8));
      const { seen, facts, error } = compressionOf(damaged) === compression ? await read(damaged) : plain;
      if (error !== null || facts.warnings.length > 0) told++;
      else expect(seen, `byte ${at}`).toEqual(plain.seen);
      damaged[at] = bytes[at] as number;
    }
    expect(told).toBeGreaterThan(bytes.length / 6);
  });

  it('is left where it holds more than is allowed', async () => {
    const { error, facts } = await read(bytes, bytes.length, 10_000);
    expect(error).toMatchObject({
      code: 'limit',
      message: expect.stringMatching(/more than 10000 bytes.*decompress it first/),
    });
    expect(facts.bytes).toBeLessThanOrEqual(10_000);
  });
});

describe('zstd made to hurt', () => {
  const u24 = (value: number) => Buffer.from([value & 255, (value >> 8) & 255, value >> 16]);
  /** A frame of blocks that repeat one byte: 4 bytes for 128 KiB each. */
  const bomb = (window: number, blocks: number, size: number) =>
    Buffer.concat([
      Buffer.from('28b52ffd', 'hex'),
      Buffer.from([0, window]),
      ...Array.from({ length: blocks }, (_, index) =>
        Buffer.concat([u24((size << 3) | 2 | (index === blocks - 1 ? 1 : 0)), Buffer.from([0])]),
      ),
    ]);
  const header = PLAIN.subarray(0, 24);
  const headerFrame = Buffer.concat([Buffer.from('28b52ffd2018', 'hex'), u24((24 << 3) | 1), header]);

  it('a frame behind a frame goes on in the same capture', async () => {
    // 24 bytes of header, then zeros: records without bytes.
    const { facts, error } = await read(Buffer.concat([headerFrame, bomb(0x38, 4, 16)]));
    expect(error).toBeNull();
    expect(facts).toMatchObject({ packets: 4, bytes: 24 + 64 });
  });

  it('a bomb is left at the limit', async () => {
    const { error, facts } = await read(Buffer.concat([headerFrame, bomb(0x38, 1000, 131_072)]), 1e6, 5e6);
    expect(error?.code).toBe('limit');
    expect(facts.bytes).toBeLessThanOrEqual(5e6);
  });

  it('a window that is too large is refused before anything is allocated', async () => {
    for (const window of [0xf8, 0x90]) {
      const { error } = await read(bomb(window, 1, 10));
      expect(error).toMatchObject({
        code: 'limit',
        message: expect.stringMatching(/window of \d+ bytes.*zstd -d --long=31/),
      });
    }
  });

  it('what needs a dictionary, has unknown flags or blocks is refused', async () => {
    const frame = (rest: string) => Buffer.from(`28b52ffd${rest}`, 'hex');
    expect((await read(frame('2107000000000000'))).error?.message).toMatch(/dictionary.*zstd -d -D/);
    expect((await read(frame('0838000000'))).error).toMatchObject({ code: 'bad-block' });
    expect((await read(frame('0038ffffff'))).error).toMatchObject({ code: 'bad-block' });
  });

  it('a skippable frame in front, as pzstd writes it, is passed over', async () => {
    const [, bytes] = COMPRESSED[0];
    const { seen } = await read(Buffer.concat([Buffer.from('502a4d1804000000cafecafe', 'hex'), bytes]), 5);
    expect(seen).toEqual(plain.seen);
  });
});

describe('xz made to hurt', () => {
  it('a dictionary of more than 64 MiB is refused', async () => {
    // The properties byte of LZMA2 in the first block's header, and that header's checksum made right again.
    const bytes = Buffer.from(format('xz.pcap.xz'));
    const filter = bytes.indexOf(Buffer.from('2101', 'hex'), 12);
    bytes[filter + 2] = 30;
    const headerBytes = ((bytes[12] as number) + 1) * 4;
    const { crc32 } = await import('node:zlib');
    bytes.writeUInt32LE(crc32(bytes.subarray(12, 12 + headerBytes - 4)), 12 + headerBytes - 4);
    expect((await read(bytes)).error).toMatchObject({
      code: 'limit',
      message: expect.stringMatching(/dictionary of more than 64 MiB.*xz -dc/),
    });
  });
});
