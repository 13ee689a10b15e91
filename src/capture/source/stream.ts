import { pcapVariant } from '../format/pcap.ts';
import type { Scanner } from '../format/scan.ts';
import { createScanner } from '../format/scan.ts';
import type { CaptureFacts, PacketSink } from '../packet-sink.ts';
import { compressionOf, decompressInto } from './decompress.ts';
import type { ReadOptions } from './options.ts';
import { unreadable } from './options.ts';
import { createPcapParserScanner } from './pcap-parser-scanner.ts';
import { SpillFile } from './spill-file.ts';

export interface StreamReadOptions extends ReadOptions {
  /**
   * Called about four times a second while no bytes arrive, with the milliseconds since the last ones: time passes for
   * open sessions although the capture does not say so. May throw to stop.
   */
  idle?: (elapsedMs: number) => void;
  /** Whether the stream was destroyed by who reads no more: then that is its end, and no fault. */
  isLeft?: () => boolean;
}

/** Who reads the records: the npm package, or our own scanner. */
export type StreamPath = 'pcap-parser' | 'scanner';

const IDLE_INTERVAL_MS = 250;

/** Magic and version: enough to choose who reads. */
const PEEK_BYTES = 8;

/**
 * Reads a capture that arrives by itself, and hands over each packet as soon as its bytes are there. Classic pcap with
 * microseconds goes through pcap-parser, everything else through our scanner; the facts are the same either way. Throws
 * `CaptureError` (with `facts`), and whatever the sink or a callback throws; then the stream is destroyed.
 */
export async function readCaptureStream(
  readable: NodeJS.ReadableStream,
  sink: PacketSink,
  options: StreamReadOptions = {},
): Promise<{ facts: CaptureFacts; path: StreamPath }> {
  const source = buffersOf(readable, options);
  let scanner: Scanner | null = null;
  let path: StreamPath = 'scanner';
  const { limits, tick } = options;
  const store = new SpillFile();
  try {
    const head = await peek(source);
    const compression = compressionOf(head);
    if (compression !== null) {
      scanner = createScanner(sink, { compression, limits, tick, store });
      return { facts: await decompressInto(compression, scanner, startingWith(head, source), options), path };
    }
    if (isForPcapParser(head)) path = 'pcap-parser';
    scanner =
      path === 'pcap-parser'
        ? await createPcapParserScanner(sink, limits)
        : createScanner(sink, { limits, tick, store });
    for await (const chunk of startingWith(head, source)) {
      scanner.push(chunk);
      tick?.();
    }
    return { facts: scanner.finish(), path };
  } catch (error) {
    if (error instanceof SourceError) throw unreadable(error.cause, scanner?.facts.bytes ?? 0, scanner?.facts);
    throw error;
  } finally {
    store.close();
    await source.return();
  }
}

/** Version 2.4 alone: it accepts older ones, but some of those have their two lengths the other way round. */
function isForPcapParser(head: Buffer): boolean {
  const variant = head.length < PEEK_BYTES ? null : pcapVariant(head, 0);
  if (variant === null || variant.nanosecond || variant.recordHeaderBytes !== 16) return false;
  return head.readUInt32BE(4) === (variant.bigEndian ? 0x00020004 : 0x02000400);
}

async function peek(source: AsyncGenerator<Buffer, void>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < PEEK_BYTES) {
    const next = await source.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* startingWith(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  if (head.length > 0) yield head;
  yield* rest;
}

/** The stream itself failed, as opposed to what was made of its bytes. */
class SourceError extends Error {
  constructor(cause: unknown) {
    super('the stream failed', { cause });
  }
}

/** The stream's chunks, with progress told and idle time watched. Ends the stream when it is left early. */
async function* buffersOf(
  readable: NodeJS.ReadableStream,
  { idle, isLeft, onProgress }: StreamReadOptions,
): AsyncGenerator<Buffer, void> {
  let lastBytesAt = performance.now();
  let readBytes = 0;
  let idleFailure: { error: unknown } | null = null;
  const timer =
    idle &&
    setInterval(() => {
      const elapsedMs = performance.now() - lastBytesAt;
      if (idleFailure || elapsedMs < IDLE_INTERVAL_MS / 2) return;
      try {
        idle(elapsedMs);
      } catch (error) {
        idleFailure = { error };
        (readable as NodeJS.ReadableStream & { destroy(error: Error): void }).destroy(new Error('stopped'));
      }
    }, IDLE_INTERVAL_MS);
  timer?.unref();
  try {
    for await (const chunk of readable) {
      if (typeof chunk === 'string')
        throw new TypeError('a capture is read from a stream of bytes: do not set an encoding');
      lastBytesAt = performance.now();
      readBytes += chunk.length;
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      onProgress?.(readBytes, null);
      lastBytesAt = performance.now();
    }
  } catch (error) {
    if (idleFailure) throw (idleFailure as { error: unknown }).error;
    if (isLeft?.() === true) return;
    throw error instanceof TypeError ? error : new SourceError(error);
  } finally {
    clearInterval(timer);
  }
}
