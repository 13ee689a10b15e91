import { createGunzip } from 'node:zlib';
import { warn } from '../format/record-reader.ts';
import type { Scanner } from '../format/scan.ts';
import type { CaptureError, CaptureFacts } from '../packet-sink.ts';
import type { ReadOptions } from './options.ts';
import { captureError, DEFAULT_MAX_DECOMPRESSED_BYTES } from './options.ts';

/** Output comes in pieces of this size, and each is scanned before the next is made: memory does not depend on the input. */
const OUTPUT_CHUNK_BYTES = 256 * 1024;

/** RFC 1952 §2.3.1: ID1, ID2. */
export function isGzip(bytes: Buffer, length = bytes.length): boolean {
  return length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Feeds a scanner from gzip data (RFC 1952, any number of members) and finishes it. Input that ends early is a warning
 * with all that came before; so is what stands behind the last member and is none. A damaged stream is a `CaptureError`.
 *
 * One chunk is written at a time and waited for, so `source` may lend the same buffer again and again; and only then is
 * the end announced, since zlib drops the output of a last chunk that turns out to be incomplete.
 */
export async function gunzipInto(
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES;
  const gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
  let outputBytes = 0;
  let failure: unknown = null;
  let settle: (error: NodeJS.ErrnoException | null) => void = () => {};
  const over = new Promise<NodeJS.ErrnoException | null>((resolve) => {
    settle = resolve;
  });
  gunzip.on('data', (chunk: Buffer) => {
    // An exception here would surface in zlib's callback, where nobody can catch it.
    try {
      outputBytes += chunk.length;
      if (outputBytes > limit) throw tooLarge(limit, facts);
      scanner.push(chunk);
      options.tick?.();
    } catch (error) {
      failure ??= error;
      gunzip.destroy();
    }
  });
  gunzip.on('error', settle);
  gunzip.on('end', () => settle(null));
  gunzip.on('close', () => settle(null));

  let inputBytes = 0;
  let ended = false;
  let zlibError: NodeJS.ErrnoException | null = null;
  const finished = over.then((error) => {
    ended = true;
    zlibError = error;
  });
  try {
    for await (const chunk of source) {
      inputBytes += chunk.length;
      await Promise.race([finished, new Promise<void>((resolve) => gunzip.write(chunk, () => resolve()))]);
      if (ended || failure) break;
    }
    if (!ended && !failure) gunzip.end();
    if (!failure) await finished;
  } finally {
    gunzip.destroy();
  }
  if (failure) throw failure;
  explainEnd(zlibError, facts, outputBytes, inputBytes, gunzip.bytesWritten);
  return scanner.finish();
}

function explainEnd(
  error: NodeJS.ErrnoException | null,
  facts: CaptureFacts,
  outputBytes: number,
  inputBytes: number,
  consumedBytes: number,
): void {
  if (error === null) {
    if (consumedBytes < inputBytes) warn(facts, behindTheEnd(consumedBytes));
  } else if (error.code === 'Z_BUF_ERROR') {
    facts.cutShort = true;
    warn(facts, `The gzip data is cut short: it ends within its stream, at compressed byte offset ${inputBytes}.`);
  } else if (outputBytes > 0 && HEADER_ERRORS.has(error.message)) {
    warn(facts, behindTheEnd(consumedBytes));
  } else {
    throw captureError(
      'bad-block',
      facts.bytes,
      facts,
      error,
      `The gzip data is damaged near compressed byte offset ${consumedBytes} (${error.message}): what it holds can be ` +
        `read up to byte offset ${facts.bytes} only. Copy it again in binary mode, or compress it anew.`,
    );
  }
}

/** What zlib says while it reads a member's header: behind a complete member that is no damage, just other bytes. */
const HEADER_ERRORS = new Set([
  'incorrect header check',
  'unknown compression method',
  'invalid window size',
  'unknown header flags set',
]);

function behindTheEnd(offset: number): string {
  return `What follows the gzip data (near compressed byte offset ${offset}) is no gzip data and was not read.`;
}

function tooLarge(limit: number, facts: CaptureFacts): CaptureError {
  return captureError(
    'limit',
    facts.bytes,
    facts,
    undefined,
    `The compressed capture holds more than ${limit} bytes (byte offset ${facts.bytes}); what follows is not read. ` +
      'Decompress it first if it is to be trusted: `gzip -dc IN > OUT`.',
  );
}
