/** LZ4 beside the program that everybody has: every kind of frame, cut, damaged, and made to hurt. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import type { Scanner } from '../../../src/capture/format/scan.ts';
import { newCaptureFacts } from '../../../src/capture/format/scan.ts';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import { compressionOf } from '../../../src/capture/source/decompress.ts';
import { unlz4Into } from '../../../src/capture/source/unlz4.ts';
import { needs } from '../../support/requirements.ts';

const { h32Raw } = await xxhash();

const FRAME = readFileSync(fileURLToPath(new URL('../../../captures/format/lz4.pcap.lz4', import.meta.url)));
const PLAIN = readFileSync(fileURLToPath(new URL('../../../captures/format/ethernet.pcap', import.meta.url)));

const folder = mkdtempSync(join(tmpdir(), 'smtpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Unpacked {
  bytes: Buffer;
  error: { code: string; message: string } | null;
  warnings: string[];
  cutShort: boolean;
}

/** What comes out; each chunk is overwritten once the next one is asked for. */
async function unpack(packed: Buffer, size = packed.length, decompressedBytes = 2 ** 31): Promise<Unpacked> {
  const pieces: Buffer[] = [];
  const facts = newCaptureFacts('lz4');
  const scanner: Scanner = {
    facts,
    push(chunk) {
      pieces.push(Buffer.from(chunk));
      facts.bytes += chunk.length;
    },
    finish: () => facts,
  };
  function* chunks() {
    const lent = Buffer.alloc(size);
    for (let at = 0; at < packed.length; at += size) {
      yield lent.subarray(0, packed.copy(lent, 0, at, at + size));
      lent.fill(0xbb);
    }
  }
  const done = (error: Unpacked['error']): Unpacked => {
    const { warnings, cutShort } = facts;
    return { bytes: Buffer.concat(pieces), error, warnings, cutShort };
  };
  try {
    await unlz4Into(scanner, chunks(), { limits: { decompressedBytes } });
    return done(null);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return done({ code: error.code, message: error.message });
  }
}

function lz4(input: Buffer, ...options: string[]): Buffer {
  // Of a file it knows the length.
  writeFileSync(join(folder, 'plain'), input);
  const { stdout, status, stderr } = spawnSync('lz4', ['-q', ...options, '-c', join(folder, 'plain')], {
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`lz4 ${options.join(' ')}: ${stderr}`);
  return stdout;
}

const random = (length: number) => {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (state * 16_807) % 2_147_483_647;
      return state & 255;
    }),
  );
};
/** Much that repeats near and far, runs of one byte, and what cannot be compressed at all. */
const CONTENT = Buffer.concat([
  ...new Array<Buffer>(40).fill(PLAIN),
  Buffer.alloc(300_000, 0x41),
  random(150_000),
  ...new Array<Buffer>(10).fill(PLAIN),
]);

describe('what lz4 writes', () => {
  const OPTIONS = [
    ['-1'],
    ['-9'],
    ['-12'],
    ['-B4', '-BD'],
    ['-B4', '-BI'],
    ['-B5', '-BD', '-BX'],
    ['-B7', '-BI', '-BX', '--content-size'],
    ['-B4', '-BD', '--no-frame-crc'],
    ['-l'],
    ['-l', '-9'],
  ];

  for (const options of OPTIONS) {
    it(options.join(' '), async (context) => {
      needs(context, 'lz4');
      const packed = lz4(CONTENT, ...options);
      for (const size of [packed.length, 65_536, 1001]) {
        const { bytes, error, warnings } = await unpack(packed, size);
        expect({ error, warnings }).toEqual({ error: null, warnings: [] });
        expect(bytes.equals(CONTENT)).toBe(true);
      }
    });

    it(`${options.join(' ')}, split at every byte`, async (context) => {
      needs(context, 'lz4');
      const packed = lz4(CONTENT.subarray(0, 1500), ...options);
      for (let at = 1; at < packed.length; at++) {
        expect((await unpack(packed, at)).bytes.equals(CONTENT.subarray(0, 1500))).toBe(true);
      }
    });
  }

  it('several frames of all kinds behind each other, with what is skipped between them', async (context) => {
    needs(context, 'lz4');
    const skipped = Buffer.from('5f2a4d1803000000abcdef', 'hex');
    const [old, one, other] = [lz4(PLAIN, '-l'), lz4(PLAIN, '-BD'), lz4(PLAIN, '-B4', '-BX')];
    for (const parts of [
      [one, other],
      [old, one, old],
      [one, skipped, old, skipped, other],
      [old, old],
    ]) {
      const { bytes, error, warnings } = await unpack(Buffer.concat(parts as Buffer[]), 777);
      expect({ error, warnings }).toEqual({ error: null, warnings: [] });
      const frames = parts.filter((part) => part !== skipped).length;
      expect(bytes.equals(Buffer.concat(new Array<Buffer>(frames).fill(PLAIN)))).toBe(true);
    }
    expect(compressionOf(old)).toBe('lz4');
  });

  it('of nothing is nothing', async (context) => {
    needs(context, 'lz4');
    expect(await unpack(lz4(Buffer.alloc(0)))).toMatchObject({ error: null, warnings: [] });
  });
});

/** A frame with 64 KiB blocks, no checksums but the header's, of these blocks. */
function frameOf(blocks: readonly Buffer[], flags = 0x40): Buffer {
  const described = Buffer.from([flags, 0x40]);
  const sized = blocks.map((block) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    return Buffer.concat([size, block]);
  });
  const check = Buffer.from([(h32Raw(described) >>> 8) & 0xff]);
  return Buffer.concat([Buffer.from('04224d18', 'hex'), described, check, ...sized, Buffer.alloc(4)]);
}

const block = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('damaged LZ4', () => {
  it('says which checksum is wrong', async (context) => {
    needs(context, 'lz4');
    const packed = lz4(PLAIN, '-B4', '-BX', '--content-size');
    const changed = (at: number) => {
      const copy = Buffer.from(packed);
      copy[at] = (copy[at] as number) ^ 1;
      return copy;
    };
    expect((await unpack(changed(14))).error?.message).toContain('the checksum of the header is wrong');
    expect((await unpack(changed(packed.length - 9))).error?.message).toContain('the checksum of a block is wrong');
    const content = await unpack(changed(packed.length - 1));
    expect(content.error).toMatchObject({
      code: 'bad-block',
      message: expect.stringContaining('(the checksum is wrong)'),
    });
    expect(content.bytes.equals(PLAIN)).toBe(true);
  });

  it('whose length is not what its header says is an error', async () => {
    const described = Buffer.concat([Buffer.from([0x48, 0x40]), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0])]);
    const check = Buffer.from([(h32Raw(described) >>> 8) & 0xff]);
    const frame = Buffer.concat([block('04224d18'), described, check, block('03000000 20 6869 00000000')]);
    expect((await unpack(frame)).error?.message).toContain('the length is wrong');
  });

  it.each([
    ['a distance of 0', '10 61 0000 00'],
    ['a distance beyond the beginning', '10 61 0200 00'],
    ['literals beyond its end', '50 6161'],
    ['a length that does not end', 'f0 ff ff'],
    ['a match length that does not end', '1f 61 0100 ff'],
    ['a distance that is cut', '10 61 01'],
    ['a match at its end', '10 61 0100'],
    ['more than a block may hold', `1f 61 0100 ${'ff'.repeat(300)} 00 10 61`],
  ])('with %s is an error', async (_, hex) => {
    for (const flags of [0x40, 0x60]) {
      const { error, bytes } = await unpack(frameOf([block('20 6869'), block(hex)], flags));
      // In a frame whose blocks depend on each other the block before is in reach.
      if (flags === 0x40 && hex === '10 61 0200 00') continue;
      expect(error).toMatchObject({ code: 'bad-block', message: expect.stringContaining('a block that cannot be') });
      expect(bytes.toString()).toBe('hi');
    }
  });

  it('with a block longer than its header allows is left before it is held', async () => {
    const frame = frameOf([]);
    frame.writeUInt32LE(65_537, 7);
    expect((await unpack(frame)).error).toMatchObject({ code: 'bad-block' });
    expect((await unpack(block('02214c18 ffffff7f 00'))).error).toMatchObject({ code: 'bad-block' });
  });

  it('looks back into the block before only where the header says so', async () => {
    const blocks = [block('40 61626364'), block('00 0400 10 21')];
    expect((await unpack(frameOf(blocks))).bytes.toString()).toBe('abcdabcd!');
    expect((await unpack(frameOf(blocks, 0x60))).error).toMatchObject({ code: 'bad-block' });
  });

  it('of unknown flags, or with a dictionary, is refused', async () => {
    for (const flags of [0x80, 0x00, 0x42]) expect((await unpack(frameOf([], flags))).error?.code).toBe('bad-block');
    const described = Buffer.from([0x41, 0x40, 1, 2, 3, 4]);
    const check = Buffer.from([(h32Raw(described) >>> 8) & 0xff]);
    const { error } = await unpack(Buffer.concat([block('04224d18'), described, check, Buffer.alloc(4)]));
    expect(error).toMatchObject({ code: 'limit', message: expect.stringContaining('lz4 -d -D') });
  });

  it('a bomb is left at the limit', async () => {
    const bomb = block(`1f 61 0100 ${'ff'.repeat(256)} 00 10 61`);
    const { error, bytes } = await unpack(frameOf(new Array<Buffer>(100).fill(bomb)), 100, 1_000_000);
    expect(error?.code).toBe('limit');
    expect(bytes.length).toBeLessThanOrEqual(1_000_000);
  });

  it('anywhere ends in bytes or in a sentence, and chunks make no difference', async () => {
    const change = fc.tuple(fc.nat(FRAME.length - 5), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 5 }),
        fc.integer({ min: 20, max: 3000 }),
        async (changes, size) => {
          const damaged = Buffer.from(FRAME);
          for (const [at, value] of changes) damaged[at + 4] = value;
          expect(await unpack(damaged, size)).toEqual(await unpack(damaged));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('cut anywhere gives the blocks that are whole', async () => {
    const frame = frameOf([block('20 6869'), block('20 6f6b')]);
    for (let length = 4; length < frame.length; length++) {
      const { bytes, cutShort, warnings } = await unpack(frame.subarray(0, length));
      expect(bytes.toString()).toBe(length < 14 ? '' : length < 21 ? 'hi' : 'hiok');
      expect(cutShort).toBe(true);
      expect(warnings).toEqual([expect.stringContaining(`at compressed byte offset ${length}`)]);
    }
  });
});
