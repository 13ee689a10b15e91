import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import { createPcapParserScanner } from '../../../src/capture/source/pcap-parser-scanner.ts';
import { readCaptureStream } from '../../../src/capture/source/stream.ts';
import { collectingSink, pcapFile, pcapHeader, pcapngFile, pcapRecord } from '../../support/pcap-bytes.ts';
import type { Scan } from '../format/scanning.ts';
import { scan } from '../format/scanning.ts';

const PACKETS = [
  { data: Buffer.from('220 mx.example ESMTP\r\n'), timeUs: 1_700_000_000_000_000 },
  { data: Buffer.alloc(0), timeUs: 1_700_000_000_000_001 },
  { data: Buffer.from('EHLO c.example\r\n'), timeUs: 4_000_000_000_999_999, originalLength: 900 },
  { data: Buffer.alloc(300, 0x2e) },
];

function inChunks(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

/** What `readCaptureStream` makes of the bytes, in the same shape as `scan`, with the path beside it. */
async function stream(bytes: Buffer, size = bytes.length || 1): Promise<Scan & { path: string | null }> {
  const sink = collectingSink();
  try {
    const { facts, path } = await readCaptureStream(inChunks(bytes, size), sink);
    return { seen: sink.seen, facts, error: null, path };
  } catch (error) {
    if (!(error instanceof CaptureError) || !error.facts) throw error;
    const { code, offset, message, facts } = error;
    return { seen: sink.seen, facts, error: { code, offset, message }, path: null };
  }
}

describe('which way a stream is read', () => {
  it.each([
    ['classic pcap, little-endian', pcapFile(PACKETS), 'pcap-parser'],
    ['classic pcap, big-endian', pcapFile(PACKETS, { bigEndian: true }), 'pcap-parser'],
    ['classic pcap without a packet', pcapFile([]), 'pcap-parser'],
    ['nanosecond pcap', pcapFile(PACKETS, { nano: true }), 'scanner'],
    ['nanosecond pcap, big-endian', pcapFile(PACKETS, { nano: true, bigEndian: true }), 'scanner'],
    ['pcap of a1b2cd34', pcapFile(PACKETS, { magic: 0xa1b2cd34 }), 'scanner'],
    ['pcap older than 2.4', pcapFile(PACKETS, { minor: 3 }), 'scanner'],
    ['pcapng', pcapngFile({ packets: PACKETS }), 'scanner'],
    ['pcapng, big-endian', pcapngFile({ bigEndian: true, packets: PACKETS }), 'scanner'],
    ['gzip of classic pcap', gzipSync(pcapFile(PACKETS)), 'scanner'],
    ['gzip of pcapng', gzipSync(pcapngFile({ packets: PACKETS })), 'scanner'],
  ])('%s', async (_, bytes, path) => {
    for (const size of [1, 5, bytes.length]) {
      const result = await stream(bytes, size);
      expect(result.path).toBe(path);
      expect(result.error).toBeNull();
      expect(result.facts.cutShort).toBe(false);
      expect(result.facts.warnings).toEqual([]);
    }
  });

  it('leads to the same packets and facts as reading them at once', async () => {
    for (const bytes of [pcapFile(PACKETS, { nano: true }), pcapngFile({ packets: PACKETS })]) {
      expect(await stream(bytes, 9)).toEqual({ ...scan(bytes), path: 'scanner' });
      const { seen, facts } = await stream(gzipSync(bytes), 9);
      expect(seen).toEqual(scan(bytes).seen);
      expect(facts).toEqual({ ...scan(bytes).facts, compression: 'gzip' });
    }
  });
});

describe.each([{ bigEndian: false }, { bigEndian: true }])(
  'pcap-parser and our scanner, bigEndian: $bigEndian',
  (order) => {
    const file = pcapFile(PACKETS, { ...order, snaplen: 65_535, linkType: 113 });

    /** By the parser directly, so that this holds for every prefix that is a pcap at all. */
    async function parse(bytes: Buffer, size: number): Promise<Scan> {
      const sink = collectingSink();
      const parser = await createPcapParserScanner(sink);
      try {
        for (let at = 0; at < bytes.length; at += size) {
          const lent = Buffer.from(bytes.subarray(at, at + size));
          parser.push(lent);
          lent.fill(0xbb);
        }
        return { seen: sink.seen, facts: parser.finish(), error: null };
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        expect(error.facts).toBe(parser.facts);
        const { code, offset, message } = error;
        return { seen: sink.seen, facts: parser.facts, error: { code, offset, message } };
      }
    }

    it('agree packet by packet in chunks of every size', async () => {
      const ours = scan(file);
      expect(ours.seen).toHaveLength(PACKETS.length);
      for (let size = 1; size <= file.length; size++)
        expect(await parse(file, size), `chunks of ${size}`).toEqual(ours);
      for (const size of [1, 30, 1000]) expect(await stream(file, size)).toEqual({ ...ours, path: 'pcap-parser' });
    });

    it('agree on a file that is cut anywhere', async () => {
      for (let length = 4; length < file.length; length++) {
        const cut = file.subarray(0, length);
        const ours = scan(cut);
        expect(await parse(cut, 1), `cut at ${length}`).toEqual(ours);
        expect(await parse(cut, 64), `cut at ${length}`).toEqual(ours);
        expect(await stream(cut), `cut at ${length}`).toMatchObject(ours);
      }
    });

    it('agree on every length field that lies', async () => {
      let errors = 0;
      for (const lie of [0, 1, 299, 301, 65_535, 262_144, 262_145, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
        for (const at of PACKETS.keys()) {
          const packets = PACKETS.map((packet, i) => (i === at ? { ...packet, capturedLength: lie } : packet));
          const bytes = pcapFile(packets, { ...order, snaplen: 65_535 });
          const ours = scan(bytes);
          if (ours.error) errors++;
          expect(await parse(bytes, 1), `${lie} in packet ${at}`).toEqual(ours);
          expect(await stream(bytes), `${lie} in packet ${at}`).toMatchObject(ours);
        }
      }
      expect(errors).toBeGreaterThanOrEqual(4 * PACKETS.length);
    });

    it('agree on a packet that takes many chunks', async () => {
      const bytes = pcapFile([Buffer.alloc(250_000, 1), Buffer.alloc(0), Buffer.alloc(70_000, 2)], order);
      for (const size of [1000, 65_536])
        expect(await stream(bytes, size)).toEqual({ ...scan(bytes), path: 'pcap-parser' });
    });

    it('agree on thousands of packets in chunks as a pipe gives them', async () => {
      const many = Array.from({ length: 5000 }, (_, i) => ({
        data: Buffer.alloc((i * 37) % 1500, i),
        timeUs: 1e15 + i,
      }));
      const bytes = pcapFile(many, order);
      expect(await stream(bytes, 65_536)).toEqual({ ...scan(bytes), path: 'pcap-parser' });
    });
  },
);

describe('a stream', () => {
  it.each([
    ['pcap-parser', pcapHeader(), pcapRecord(PACKETS[0] as { data: Buffer })],
    ['scanner', pcapngFile({}), pcapngFile({ packets: PACKETS.slice(0, 1) }).subarray(48)],
  ])('gives each packet as soon as its bytes are there (%s)', async (path, head, record) => {
    const source = new PassThrough();
    const sink = collectingSink();
    const done = readCaptureStream(source, sink);
    source.write(head);
    for (let count = 1; count <= 3; count++) {
      source.write(record.subarray(0, 10));
      source.write(record.subarray(10));
      await expect.poll(() => sink.seen.length, { timeout: 5000 }).toBe(count);
    }
    source.end();
    expect(await done).toMatchObject({ path, facts: { packets: 3 } });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'empty', 0],
    ['text', Buffer.from('hello world, this is no capture'), 'not-a-capture', 0],
    ['a few bytes', Buffer.from('hi'), 'not-a-capture', 0],
    ['pcap of version 3', pcapFile(PACKETS, { major: 3 }), 'unsupported-version', 4],
    ['LZ4 of nothing', Buffer.from('04224d186440a70000000005 5d cc 02'.replaceAll(' ', ''), 'hex'), 'empty', 0],
    ['Zstandard of three letters', Buffer.from('28b52ffd2003190000616263', 'hex'), 'not-a-capture', 0],
    ['gzip of nothing', gzipSync(Buffer.alloc(0)), 'empty', 0],
    ['gzip of text', gzipSync(Buffer.from('hello world, this is no capture')), 'not-a-capture', 0],
    ['gzip of gzip', gzipSync(gzipSync(pcapFile(PACKETS))), 'unsupported-format', 0],
  ])('of %s is an error', async (_, bytes, code, offset) => {
    for (const size of [1, 1000]) expect((await stream(bytes, size)).error).toMatchObject({ code, offset });
  });

  it.each([
    ['pcap-parser', pcapHeader(), pcapRecord({ data: Buffer.alloc(0), capturedLength: 0xffff_ffff })],
    ['scanner', pcapHeader({ nano: true }), pcapRecord({ data: Buffer.alloc(0), capturedLength: 0xffff_ffff })],
  ])('without end behind a lying length is left at once, and closed (%s)', async (_, head, record) => {
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        yield head;
        yield record;
        for (;;) {
          sent++;
          yield Buffer.alloc(65_536, 0xff);
        }
      })(),
      { objectMode: false },
    );
    await expect(readCaptureStream(endless, collectingSink())).rejects.toMatchObject({
      code: 'bad-length',
      offset: 24,
    });
    expect(endless.destroyed).toBe(true);
    expect(sent).toBeLessThan(10);
  });

  it('that fails is an error with its offset and facts, and what came before is there', async () => {
    const sink = collectingSink();
    const broken = Readable.from(
      (async function* () {
        yield pcapFile(PACKETS);
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      })(),
      { objectMode: false },
    );
    const error = await readCaptureStream(broken, sink).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ code: 'unreadable', offset: pcapFile(PACKETS).length, facts: { packets: 4 } });
    expect((error as Error).message).toMatch(/ECONNRESET/);
    expect(sink.seen).toHaveLength(4);
  });

  it('lets through what the sink or tick throws, and is closed', async () => {
    const stop = new RangeError('enough');
    for (const bytes of [pcapFile(PACKETS), pcapngFile({ packets: PACKETS }), gzipSync(pcapFile(PACKETS))]) {
      for (const [sink, tick] of [
        [
          {
            packet: () => {
              throw stop;
            },
          },
          () => {},
        ],
        [
          { packet() {} },
          () => {
            throw stop;
          },
        ],
      ] as const) {
        const source = inChunks(bytes, bytes.length);
        await expect(readCaptureStream(source, sink, { tick })).rejects.toBe(stop);
        expect(source.destroyed).toBe(true);
      }
    }
  });

  it('tells progress and ticks after each chunk', async () => {
    const file = pcapFile(PACKETS);
    const progress: [number, number | null][] = [];
    let ticks = 0;
    await readCaptureStream(inChunks(file, 100), collectingSink(), {
      onProgress: (...told) => progress.push(told),
      tick: () => ticks++,
    });
    expect(progress.at(-1)).toEqual([file.length, null]);
    expect(progress.map(([bytes]) => bytes)).toEqual(progress.map((_, i) => Math.min(100 * (i + 1), file.length)));
    expect(ticks).toBe(Math.ceil(file.length / 100));
  });

  it('may give any array of bytes', async () => {
    const chunks = Readable.from([new Uint8Array(pcapFile(PACKETS))]);
    expect((await readCaptureStream(chunks, collectingSink())).facts.packets).toBe(4);
  });

  it('of text instead of bytes is a mistake of the caller', async () => {
    const source = inChunks(pcapFile(PACKETS), 50);
    source.setEncoding('latin1');
    await expect(readCaptureStream(source, collectingSink())).rejects.toBeInstanceOf(TypeError);
  });

  it('without bytes for a while says so about four times a second, and stops saying so at its end', async () => {
    const source = new PassThrough();
    const told: number[] = [];
    const done = readCaptureStream(source, collectingSink(), { idle: (elapsedMs) => told.push(elapsedMs) });
    source.write(pcapFile(PACKETS));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    source.end();
    await done;
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(5);
    expect(told.at(-1)).toBeGreaterThan(told.length * 250 - 150);
    const before = told.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(told).toHaveLength(before);
  });

  it('ends with what idle throws', async () => {
    const stop = new RangeError('enough');
    const source = new PassThrough();
    source.write(pcapHeader());
    const idle = () => {
      throw stop;
    };
    await expect(readCaptureStream(source, collectingSink(), { idle })).rejects.toBe(stop);
    expect(source.destroyed).toBe(true);
  });
});

describe('the deprecated `new Buffer` of pcap-parser', () => {
  it('is never reached, so that its warning never reaches a terminal', async () => {
    const RealBuffer = globalThis.Buffer;
    let constructed = 0;
    globalThis.Buffer = new Proxy(RealBuffer, {
      construct(_, [length]: [number]) {
        constructed++;
        return RealBuffer.alloc(length);
      },
    });
    try {
      const file = pcapFile(PACKETS);
      for (const size of [1, 17, 30, file.length]) expect((await stream(file, size)).path).toBe('pcap-parser');
      expect(constructed).toBe(0);
      // Left to itself it does: the trap works.
      const { parse } = await import('pcap-parser');
      const feed = Object.assign(new EventEmitter(), { pause() {}, resume() {} });
      parse(feed);
      feed.emit('data', file.subarray(0, 30));
      feed.emit('data', file.subarray(30));
      expect(constructed).toBe(1);
    } finally {
      globalThis.Buffer = RealBuffer;
    }
  });
});
