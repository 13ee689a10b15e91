import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketSink } from '../../../src/capture/packet-sink.ts';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import { readCapture } from '../../../src/capture/source/file.ts';
import type { StreamReadOptions } from '../../../src/capture/source/stream.ts';
import { readCaptureStream } from '../../../src/capture/source/stream.ts';
import { collectingSink, pcapFile, pcapngFile, pcapRecord } from '../../support/pcap-bytes.ts';
import { scan } from '../format/scanning.ts';

const PACKETS = [
  { data: Buffer.from('220 mx.example ESMTP\r\n') },
  { data: Buffer.alloc(0) },
  { data: Buffer.from('EHLO c.example\r\n'), originalLength: 900 },
];
const SMALL = pcapFile(PACKETS);
/** Some megabytes that do not compress, in records that straddle every chunk. */
const LARGE = pcapFile(
  Array.from({ length: 3000 }, (_, i) => {
    const data = Buffer.alloc(1000 + (i % 451));
    for (let at = 0, x = i + 1; at < data.length; at++) {
      x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
      data[at] = x >>> 16;
    }
    return { data, timeUs: 1.7e15 + i };
  }),
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smtpscope-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(bytes: Buffer, name = 'capture'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(bytes: Buffer, options: StreamReadOptions = {}) {
  const sink = collectingSink();
  return { facts: await readCapture(written(bytes), sink, options), seen: sink.seen };
}

async function failure(path: string, sink: PacketSink = collectingSink(), options: StreamReadOptions = {}) {
  const error = await readCapture(path, sink, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CaptureError);
  return error as CaptureError;
}

describe('a capture file', () => {
  it.each([
    ['pcap', SMALL],
    ['pcapng', pcapngFile({ bigEndian: true, packets: PACKETS })],
    ['megabytes of pcap', LARGE],
    ['a file that is cut short', LARGE.subarray(0, 2_000_001)],
  ])('gives what its bytes give (%s), whatever its name', async (_, bytes) => {
    const { seen, facts, error } = scan(bytes);
    expect(error).toBeNull();
    expect(await read(bytes)).toEqual({ seen, facts });
    const path = written(bytes, 'notes.txt');
    expect(await readCapture(path, collectingSink())).toEqual(facts);
  });

  it('is read before the call returns, if it is not compressed', () => {
    const sink = collectingSink();
    void readCapture(written(LARGE), sink);
    expect(sink.seen).toHaveLength(3000);
  });

  it('tells progress, and ticks after each chunk', async () => {
    const progress: [number, number | null][] = [];
    let ticks = 0;
    await read(LARGE, { onProgress: (...told) => progress.push(told), tick: () => ticks++ });
    expect(progress.length).toBeGreaterThan(2);
    expect(progress.at(-1)).toEqual([LARGE.length, LARGE.length]);
    expect(ticks).toBe(progress.length);
  });

  it('lets through what the sink or tick throws, and is closed', async () => {
    const stop = new RangeError('enough');
    const throws = () => {
      throw stop;
    };
    for (const bytes of [SMALL, gzipSync(SMALL)]) {
      const path = written(bytes);
      const probe = openSync(path, 'r');
      closeSync(probe);
      await expect(readCapture(path, { packet: throws })).rejects.toBe(stop);
      await expect(readCapture(path, collectingSink(), { tick: throws })).rejects.toBe(stop);
      const next = openSync(path, 'r');
      closeSync(next);
      expect(next).toBe(probe); // the lowest free descriptor is the same as before
    }
  });

  it('that is damaged gives its facts with the error', async () => {
    const error = await failure(written(pcapFile([...PACKETS, { data: Buffer.alloc(5), capturedLength: 1e9 }])));
    expect(error).toMatchObject({
      code: 'bad-length',
      offset: SMALL.length,
      facts: { packets: 3, bytes: SMALL.length },
    });
  });

  it('that is empty or none is an error', async () => {
    expect(await failure(written(Buffer.alloc(0)))).toMatchObject({ code: 'empty', offset: 0 });
    expect(await failure(written(Buffer.from('hello world, hello')))).toMatchObject({
      code: 'not-a-capture',
      offset: 0,
    });
  });
});

describe('a path that cannot be read', () => {
  it('does not exist', async () => {
    const error = await failure(join(folder, 'absent.pcap'));
    expect(error).toMatchObject({ code: 'unreadable', offset: 0 });
    expect(error.message).toMatch(/no such file.*\(ENOENT\)/);
  });

  it('is a directory', async () => {
    const path = join(folder, 'a-directory');
    mkdirSync(path);
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'unreadable' });
    expect(error.message).toMatch(/directory.*\(EISDIR\)/);
  });

  it('leads through a file, or in a circle', async () => {
    expect((await failure(join(written(SMALL, 'file'), 'below'))).message).toMatch(/\(ENOTDIR\)/);
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    expect((await failure(loop)).message).toMatch(/\(ELOOP\)/);
  });

  it('may not be read', async (context) => {
    const path = written(SMALL, 'secret');
    if (process.getuid?.() !== 0) {
      spawnSync('chmod', ['000', path]);
      expect((await failure(path)).message).toMatch(/permission denied.*\(EACCES\)/);
      return;
    }
    // root may read anything: become nobody for the attempt.
    spawnSync('chmod', ['700', folder]);
    try {
      process.seteuid?.(65_534);
    } catch {
      context.skip('optional: this user cannot become another one');
    }
    try {
      expect((await failure(path)).message).toMatch(/permission denied.*\(EACCES\)/);
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('a path that is no file', () => {
  it('is read as a stream (FIFO)', async () => {
    for (const bytes of [SMALL, pcapngFile({ packets: PACKETS }), gzipSync(SMALL)]) {
      const path = join(folder, `fifo-${bytes.length}`);
      expect(spawnSync('mkfifo', [path]).status).toBe(0);
      const writer = spawn('sh', ['-c', `cat "$1" > "$2"`, 'sh', written(bytes), path]);
      const closed = new Promise((resolve) => writer.on('close', resolve));
      const facts = await readCapture(path, collectingSink());
      await closed;
      expect(facts).toMatchObject({ packets: 3, cutShort: false });
    }
  });

  it('may have nothing in it (/dev/null)', async () => {
    expect(await failure('/dev/null')).toMatchObject({ code: 'empty', offset: 0 });
  });
});

describe('gzip', () => {
  it.each([
    ['pcap', SMALL],
    ['pcapng', pcapngFile({ packets: PACKETS })],
    ['megabytes', LARGE],
  ])('of %s gives what its content gives', async (_, bytes) => {
    const { seen, facts } = scan(bytes);
    expect(await read(gzipSync(bytes))).toEqual({ seen, facts: { ...facts, compression: 'gzip' } });
  });

  it('of several members is one capture, wherever they are divided', async () => {
    const { seen, facts } = scan(SMALL);
    for (let at = 0; at <= SMALL.length; at += 3) {
      const members = Buffer.concat([gzipSync(SMALL.subarray(0, at)), gzipSync(SMALL.subarray(at))]);
      expect(await read(members), `divided at ${at}`).toEqual({ seen, facts: { ...facts, compression: 'gzip' } });
    }
    const three = Buffer.concat([0, 1_000_000, 2_000_000].map((at) => gzipSync(LARGE.subarray(at, at + 1_000_000))));
    expect((await read(three)).facts).toMatchObject({ bytes: 3_000_000, compression: 'gzip' });
  });

  it('may have a header with extra field, name, comment and checksum, and be cut in any of them', async () => {
    const plain = gzipSync(SMALL);
    const header = Buffer.from(plain.subarray(0, 10));
    header[3] = 2 | 4 | 8 | 16;
    const fields = Buffer.from('\x05\0extra' + 'smtp.pcap\0' + 'a comment\0' + 'hc', 'latin1');
    const rich = Buffer.concat([header, fields, plain.subarray(10)]);
    const { seen, facts } = scan(SMALL);
    expect(await read(rich)).toEqual({ seen, facts: { ...facts, compression: 'gzip' } });
    const slowly = Readable.from(
      Array.from(rich, (byte) => Buffer.of(byte)),
      { objectMode: false },
    );
    expect((await readCaptureStream(slowly, collectingSink())).facts.packets).toBe(3);
    // Behind a first member, so that there is a capture.
    for (let length = 3; length < 10 + fields.length; length++) {
      const cut = await read(Buffer.concat([plain, rich.subarray(0, length)]));
      expect(cut.facts, `cut at ${length}`).toMatchObject({
        packets: 3,
        cutShort: true,
        warnings: [expect.any(String)],
      });
    }
  });

  it('that is cut anywhere gives what came before, and a warning', async () => {
    const whole = gzipSync(SMALL);
    for (let length = 10; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      const sink = collectingSink();
      try {
        const facts = await readCapture(written(cut), sink);
        expect(facts.cutShort, `cut at ${length}`).toBe(true);
        expect(facts.warnings[0]).toMatch(new RegExp(`gzip data is cut short.* offset ${length}`));
      } catch (error) {
        // So little came out that it is no capture yet.
        expect(error).toMatchObject({ code: expect.stringMatching(/^(empty|not-a-capture)$/) });
        expect(sink.seen).toHaveLength(0);
      }
    }
    const trailerCut = await read(whole.subarray(0, -1));
    expect(trailerCut.seen).toHaveLength(3);
    const half = await read(gzipSync(LARGE).subarray(0, 1_500_000));
    expect(half.facts).toMatchObject({ cutShort: true, compression: 'gzip' });
    expect(half.facts.bytes).toBeGreaterThan(1_400_000);
    expect(half.seen).toEqual(scan(LARGE).seen.slice(0, half.seen.length));
  });

  it.each([
    ['text', Buffer.from('garbage')],
    ['one byte', Buffer.from('g')],
    ['zeros', Buffer.alloc(512)],
    ['what looks like gzip', Buffer.from('1f8b0700000000000000', 'hex')],
  ])('with %s behind its end is read, and a warning', async (_, behind) => {
    for (const bytes of [SMALL, LARGE]) {
      const { facts, seen } = await read(Buffer.concat([gzipSync(bytes), behind]));
      expect(seen).toHaveLength(scan(bytes).seen.length);
      expect(facts.cutShort).toBe(false);
      expect(facts.warnings).toEqual([expect.stringMatching(/is no gzip data and was not read/)]);
    }
  });

  it('that is damaged is an error, and what came before is there', async () => {
    const damaged = gzipSync(LARGE);
    damaged.fill(0xff, 2_000_000, 2_000_100);
    const sink = collectingSink();
    const error = await failure(written(damaged), sink);
    expect(error.code).toMatch(/^bad-(block|length)$/);
    expect(sink.seen.length).toBeGreaterThan(1000);
    expect(error.facts?.packets).toBe(sink.seen.length);
    const checksum = gzipSync(SMALL);
    checksum[checksum.length - 8]! ^= 1;
    expect(await failure(written(checksum))).toMatchObject({ code: 'bad-block', offset: SMALL.length });
    const length = gzipSync(SMALL);
    length.writeUInt32LE(SMALL.length + 1, length.length - 4);
    expect((await failure(written(length))).message).toMatch(/the length is wrong/);
    const header = gzipSync(SMALL);
    header[3] = 0xff;
    expect(await failure(written(header))).toMatchObject({ code: 'bad-block', offset: 0 });
  });

  it('may not grow beyond the limit', async () => {
    const bomb = gzipSync(Buffer.concat([SMALL, Buffer.alloc(2_000_000)]));
    expect(bomb.length).toBeLessThan(5_000);
    const path = written(bomb);
    expect((await readCapture(path, { packet() {} })).bytes).toBe(SMALL.length + 2_000_000);
    const error = await failure(path, collectingSink(), { limits: { decompressedBytes: 1_000_000 } });
    expect(error.code).toBe('limit');
    expect(error.message).toMatch(/more than 1000000 bytes/);
    expect(error.facts?.bytes).toBeLessThanOrEqual(1_000_000);
  });

  it('is decompressed in bounded memory', async () => {
    const record = pcapRecord(Buffer.alloc(250_000));
    const zeros = gzipSync(Buffer.concat([SMALL, ...new Array<Buffer>(1000).fill(record)]));
    const path = written(zeros);
    let packets = 0;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const facts = await readCapture(
      path,
      { packet: () => void packets++ },
      {
        tick: () => {
          most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        },
      },
    );
    expect(facts.packets).toBe(packets);
    expect(facts.bytes).toBe(SMALL.length + 1000 * record.length);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });

  it('tells progress in compressed bytes', async () => {
    const compressed = gzipSync(LARGE);
    const progress: [number, number | null][] = [];
    await read(compressed, { onProgress: (...told) => progress.push(told) });
    expect(progress.at(-1)).toEqual([compressed.length, compressed.length]);
  });
});
