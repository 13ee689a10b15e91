import { ReadableStream } from 'node:stream/web';
import { crc32 } from 'node:zlib';
import type { Scanner } from '../format/scan.ts';
import type { CaptureFacts } from '../packet-sink.ts';
import { damaged, handOn, tooDemanding, warnCutShort } from './decompress.ts';
import type { ReadOptions } from './options.ts';

/**
 * xz, through the package xz-decompress: Lasse Collin's own small decoder (XZ Embedded) as WebAssembly. It unpacks any
 * number of streams in pieces of 64 KiB and checks CRC-32 and CRC-64; its dictionary may have 64 MiB, which is what
 * `xz -9` takes. No input makes it hold more.
 */

const COMMAND = 'xz -dc IN > OUT';

/** What the decoder's numbers mean (xz.h of XZ Embedded). */
const UNSUPPORTED_CHECK = 2;
const MEMORY_LIMIT = 4;
const NO_STREAM = 5;
const OPTIONS = 6;
const INPUT_ENDS = 8;
/** No word of the decoder: there was no memory for it, say. */
const NO_NUMBER = 0;

/** See `decompressInto`. */
export async function unxzInto(
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  if (!('WebAssembly' in globalThis)) {
    throw tooDemanding(facts, 0, 'is unpacked with WebAssembly, which this Node runs without', COMMAND);
  }
  const XzReadableStream = await loadDecoder();
  const input = new PacedInput(source);
  // The decoder asks for a piece once it has taken all of the one before, which makes lent ones safe.
  const pieces = new ReadableStream<Uint8Array>({ pull: (controller) => input.pull(controller) }, { highWaterMark: 0 });
  const reader = new XzReadableStream(pieces).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw input.failure ?? new DecoderError(error);
      });
      if (done) break;
      if (value.length > 0)
        handOn(scanner, Buffer.from(value.buffer, value.byteOffset, value.length), options, COMMAND);
    }
  } catch (error) {
    if (!(error instanceof DecoderError)) {
      await reader.cancel().catch(() => {});
      throw error;
    }
    if (error.code === INPUT_ENDS) warnCutShort(facts, 'xz', input.offset);
    else if (error.code === NO_STREAM && facts.bytes > 0) {
      facts.warnings.push(
        `What follows the xz data, near compressed byte offset ${input.offset}, is no xz data and was not read.`,
      );
    } else throw explained(error, facts, input.offset);
  }
  return scanner.finish();
}

/** The package is CommonJS, built so that Node sees no names in it: all of it is the default export. */
async function loadDecoder() {
  return (await import('xz-decompress')).default.XzReadableStream;
}

function explained(error: DecoderError, facts: CaptureFacts, offset: number) {
  switch (error.code) {
    case UNSUPPORTED_CHECK:
      return tooDemanding(facts, offset, 'has checksums of a kind that is not known here', COMMAND);
    case MEMORY_LIMIT:
      return tooDemanding(facts, offset, 'asks for a dictionary of more than 64 MiB', COMMAND);
    case OPTIONS:
      return tooDemanding(facts, offset, 'uses filters or checksums that are not known here', COMMAND);
    case NO_NUMBER:
      return tooDemanding(facts, offset, `cannot be unpacked here: ${error.message}`, COMMAND);
    default:
      return damaged(facts, 'xz', offset, `error ${error.code} of its decoder`);
  }
}

class DecoderError extends Error {
  readonly code: number;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.code = Number(/error code (\d+)$/.exec(this.message)?.[1] ?? NO_NUMBER);
  }
}

/**
 * Hands over the input in pieces that end where a stream may end (each ends in "YZ"): what the decoder has unpacked in
 * one go is lost when anything behind it is wrong.
 */
class PacedInput {
  /** Bytes of the input that were handed over. */
  offset = 0;
  /** What the source threw. */
  failure: unknown = null;
  private readonly chunks: AsyncIterator<Buffer> | Iterator<Buffer>;
  private current: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer> | Iterable<Buffer>) {
    this.chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  async pull(controller: { enqueue(chunk: Uint8Array): void; close(): void }): Promise<void> {
    try {
      while (this.current.length === 0) {
        const next = await this.chunks.next();
        if (next.done) {
          controller.close();
          return;
        }
        this.current = next.value;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
    const end = footerEnd(this.current);
    const piece = this.current.subarray(0, end);
    this.current = this.current.subarray(piece.length);
    this.offset += piece.length;
    controller.enqueue(piece);
  }
}

/** Where the first stream footer in `bytes` ends: CRC-32 of the six bytes behind it, size of the index, flags, "YZ". */
function footerEnd(bytes: Buffer): number {
  for (let at = bytes.indexOf('YZ', 10); at >= 0; at = bytes.indexOf('YZ', at + 1)) {
    if (bytes[at - 2] === 0 && crc32(bytes.subarray(at - 6, at)) === bytes.readUInt32LE(at - 10)) return at + 2;
  }
  return bytes.length;
}
