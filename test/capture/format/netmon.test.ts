import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { CaptureLimits } from '../../../src/capture/format/limits.ts';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import { readCapture } from '../../../src/capture/source/file.ts';
import { readCaptureStream } from '../../../src/capture/source/stream.ts';
import { collectingSink } from '../../support/pcap-bytes.ts';
import { type Scan, scan } from './scanning.ts';

const capture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../captures/format/${name}`, import.meta.url)));
const SNOOP = scan(capture('snoop.snoop'));
const V1 = capture('netmon-1.cap');
const V2 = capture('netmon-2.cap');
const V23 = capture('netmon-2.3.cap');
const TABLE_OFFSET = 24;
const TABLE_BYTES = 28;

const folder = mkdtempSync(join(tmpdir(), 'smtpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function result(reading: (sink: ReturnType<typeof collectingSink>) => Promise<Scan['facts']>): Promise<Scan> {
  const sink = collectingSink();
  try {
    return { facts: await reading(sink), seen: sink.seen, error: null };
  } catch (error) {
    if (!(error instanceof CaptureError) || error.facts === null) throw error;
    const { code, offset, message, facts } = error;
    return { facts, seen: sink.seen, error: { code, offset, message } };
  }
}

const fromFile = (bytes: Buffer, limits: Partial<CaptureLimits> = {}) =>
  result((sink) => {
    const path = join(folder, 'capture');
    writeFileSync(path, bytes);
    return readCapture(path, sink, { limits });
  });

const fromStream = (bytes: Buffer, size = bytes.length) =>
  result(async (sink) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    return (await readCaptureStream(Readable.from(chunks), sink)).facts;
  });

function changed(bytes: Buffer, ...changes: [at: number, value: number][]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, value] of changes) copy.writeUInt32LE(value, at);
  return copy;
}

const tableOf = (bytes: Buffer) => bytes.readUInt32LE(TABLE_OFFSET);
const entry = (bytes: Buffer, index: number) => bytes.readUInt32LE(tableOf(bytes) + 4 * index);

describe('Network Monitor', () => {
  it('2.0 gives packets and times as they were, and says that the zone is not known', async () => {
    const { facts, seen, error } = await fromFile(V2);
    expect(error).toBeNull();
    expect(seen).toEqual(SNOOP.seen);
    expect(facts).toMatchObject({ format: 'netmon', packets: 17, linkTypes: [1], bytes: V2.length, cutShort: false });
    expect(facts.warnings).toEqual([expect.stringContaining('in which time zone')]);
  });

  it('1.x gives the packets with times to the millisecond', async () => {
    const { seen } = await fromFile(V1);
    expect(seen.map(({ hex }) => hex)).toEqual(SNOOP.seen.map(({ hex }) => hex));
    for (const [index, { timeUs }] of seen.entries()) {
      const late = (SNOOP.seen[index]?.timeUs ?? Number.NaN) - timeUs;
      expect(Math.abs(late)).toBeLessThanOrEqual(1000);
    }
  });

  it('2.3 gives each packet its kind of link, its own time and the number that Wireshark gives it', async () => {
    const { facts, seen } = await fromFile(V23);
    expect(facts).toMatchObject({ packets: 19, linkTypes: [1, 101, 105, 228], warnings: [] });
    expect(seen.map(({ frame }) => frame)).toEqual(SNOOP.seen.map((_, index) => index + 3));
    expect(seen.map(({ timeUs }) => timeUs)).toEqual(SNOOP.seen.map(({ timeUs }) => timeUs));
    expect(seen[0]).toMatchObject({ timeNanos: 700, timeDigits: 9, originalLength: 74 });
  });

  it.each([
    ['1.x', V1],
    ['2.0', V2],
    ['2.3', V23],
  ])('%s from a stream and compressed is the same', async (_, bytes) => {
    const whole = await fromFile(bytes);
    for (const size of [1, 7, 1000, bytes.length]) expect(await fromStream(bytes, size)).toEqual(whole);
    const packed = await fromFile(gzipSync(bytes));
    expect(packed).toEqual({ ...whole, facts: { ...whole.facts, compression: 'gzip' } });
  });

  it('from bytes that nobody can go back in is an error that says what to do', () => {
    expect(scan(V2).error).toMatchObject({
      code: 'limit',
      offset: 0,
      message: expect.stringContaining('Save it as a file'),
    });
  });

  it('cut anywhere gives all frames that are whole, and says where it is cut', async () => {
    const table = tableOf(V2);
    for (const end of [table + 10, table, table - 1, entry(V2, 9) + 20, entry(V2, 9) + 5]) {
      const { facts, seen, error } = await fromFile(V2.subarray(0, end));
      expect(error).toBeNull();
      const whole = SNOOP.seen.filter((_, index) => (index === 16 ? table : entry(V2, index + 1)) <= end);
      expect(seen).toEqual(whole);
      expect(facts.cutShort).toBe(true);
      expect(facts.warnings[0]).toBe(
        `The capture is cut short: the table of its frames at byte offset ${table} has ${Math.max(0, end - table)} of 68 bytes.`,
      );
    }
    const { facts } = await fromFile(V2.subarray(0, entry(V2, 9) + 20));
    expect(facts.warnings[1]).toMatch(new RegExp(`record of frame 10 at byte offset ${entry(V2, 9)} has 20 of`));
    expect((await fromFile(V2.subarray(0, 100))).error).toMatchObject({ code: 'empty', offset: 100 });
  });

  it('without a table is read in order, with a warning', async () => {
    for (const change of [
      [TABLE_OFFSET, 0],
      [TABLE_BYTES, 0],
      [TABLE_OFFSET, 40],
    ] as const) {
      const { facts, seen } = await fromFile(changed(V2, [...change]).subarray(0, tableOf(V2)));
      expect(seen).toEqual(SNOOP.seen);
      expect(facts.warnings[0]).toContain('no table of its frames (byte offset 24)');
    }
    const damaged = changed(V2, [TABLE_BYTES, 0], [entry(V2, 5) + 12, 0xffffffff]);
    const { facts, seen } = await fromFile(damaged);
    expect(seen).toHaveLength(5);
    expect(facts.warnings[1]).toContain(
      `At byte offset ${entry(V2, 5)}, where the record of frame 6 should be, is none`,
    );
    expect(await fromFile(changed(V2.subarray(0, 128), [TABLE_BYTES, 0]))).toMatchObject({ seen: [], error: null });
  });

  it('passes over entries that lead nowhere and counts them', async () => {
    const at = tableOf(V2);
    for (const position of [0, 127, V2.length - 3, 0xffffffff]) {
      const { facts, seen, error } = await fromFile(changed(V2, [at + 8, position], [at + 12, position]));
      expect(error).toBeNull();
      expect(seen).toHaveLength(15);
      expect(facts.warnings[0]).toBe(
        `The table of the capture names 2 frames that cannot be: the entry at byte offset ${at + 8} leads to byte offset ` +
          `${position}, where no frame is.`,
      );
    }
    const long = await fromFile(V2, { recordBytes: 100 });
    expect(long.seen.every(({ hex }) => hex.length / 2 <= 100)).toBe(true);
    expect(long.seen.length).toBeGreaterThan(5);
    expect(long.facts.warnings[0]).toContain('frames that cannot be');
  });

  it('whose frames lie over each other is an error before it costs more than its size', async () => {
    const at = tableOf(V2);
    const largest = Math.max(...SNOOP.seen.map(({ hex }) => hex.length / 2));
    const index = SNOOP.seen.findIndex(({ hex }) => hex.length / 2 === largest);
    const again = Buffer.concat([V2, ...new Array(1000).fill(V2.subarray(at + 4 * index, at + 4 * index + 4))]);
    const { seen, error } = await fromFile(changed(again, [TABLE_BYTES, 68 + 4000]));
    expect(error).toMatchObject({ code: 'bad-block', message: expect.stringContaining('lie over each other') });
    expect(seen.reduce((sum, { hex }) => sum + hex.length / 2, 0)).toBeLessThanOrEqual(again.length);
  });

  it('of another version is an error', async () => {
    const other = Buffer.from(V2);
    other[5] = 3;
    expect((await fromFile(other)).error).toMatchObject({ code: 'unsupported-version', offset: 4 });
  });

  it('with times that cannot be gives none', async () => {
    const start = Buffer.from(V2);
    start.writeUInt16LE(13, 10);
    expect((await fromFile(start)).seen.every(({ timeUs }) => Number.isNaN(timeUs))).toBe(true);
    // One second before the start, as a 64-bit number of microseconds whose tenths wrap.
    const before = Buffer.from(V2);
    before.writeBigUInt64LE(BigInt.asUintN(64, -10_000_000n) / 10n, entry(V2, 0));
    const first = (await fromFile(before)).seen[0]?.timeUs ?? 0;
    expect(Math.abs(first - ((SNOOP.seen[0]?.timeUs ?? 0) - 842 - 1_000_000))).toBeLessThan(1000);
  });

  it('of kinds that are not read keeps each apart from all link types', async () => {
    const kind = (value: number) => {
      const copy = Buffer.from(V23);
      for (let index = 3; index < 20; index++) {
        const at = entry(V23, index);
        copy.writeUInt16LE(value, at + 16 + V23.readUInt32LE(at + 12));
      }
      return copy;
    };
    expect((await fromFile(kind(4))).facts.linkTypes).toEqual([0x10004]);
    expect((await fromFile(kind(0xe083))).facts.linkTypes).toEqual([0x1e083]);
    expect((await fromFile(kind(0xe071))).facts.linkTypes).toEqual([0x71]);
    expect((await fromFile(kind(0xfffe))).facts.packets).toBe(2);
  });

  it('with any bytes changed throws nothing but a CaptureError, and a stream makes no difference', async () => {
    const field = fc.tuple(
      fc.oneof(
        fc.nat(140),
        fc.nat(20_000),
        fc.nat(80).map((at) => tableOf(V23) + at),
      ),
      fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(V1, V2, V23), fc.array(field, { maxLength: 8 }), async (file, changes) => {
        const damaged = Buffer.from(file);
        for (const [at, value] of changes) if (at >= 6) damaged[at % damaged.length] = value;
        const whole = await fromFile(damaged);
        expect(whole.seen.reduce((sum, { hex }) => sum + hex.length / 2, 0)).toBeLessThanOrEqual(damaged.length);
        const { facts, seen, error } = await fromStream(damaged, 999);
        expect({ facts, seen, error }).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});
