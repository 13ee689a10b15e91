import { CAPTURE_LIMITS } from '../format/limits.ts';
import { createScanner, type Scanner } from '../format/scan.ts';
import { CaptureError, type CaptureFacts, type PacketSink } from '../packet-sink.ts';
import { type CompressedInput, InputEnds } from './compressed-input.ts';
import type { ReadOptions } from './options.ts';
import { captureError } from './options.ts';
import { SpillFile } from './spill-file.ts';

/**
 * Compressed captures: which kind the first bytes announce, who unpacks it, and what all of them have in common. Each
 * is loaded when a capture asks for it.
 */

export type Compression = NonNullable<CaptureFacts['compression']>;

const ZSTD_MAGIC = Buffer.from('28b52ffd', 'hex');
/** Frames, and the older form of `lz4 -l`. A skippable frame in front is taken for one of zstd, which has the same number. */
const LZ4_MAGICS = [Buffer.from('04224d18', 'hex'), Buffer.from('02214c18', 'hex')];
const XZ_MAGIC = Buffer.from('fd377a585a00', 'hex');

export function compressionOf(head: Buffer): Compression | null {
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip'; // RFC 1952 §2.3.1
  if (head.subarray(0, 4).equals(ZSTD_MAGIC) || isZstdSkippable(head)) return 'zstd';
  if (LZ4_MAGICS.some((magic) => head.subarray(0, 4).equals(magic))) return 'lz4';
  return head.subarray(0, 6).equals(XZ_MAGIC) ? 'xz' : null;
}

/** A frame that holds no data (RFC 8878 §3.1.2); pzstd begins with one. */
function isZstdSkippable(head: Buffer): boolean {
  return head.length >= 4 && (head[0] as number) >> 4 === 5 && head.readUIntLE(1, 3) === 0x184d2a;
}

/**
 * Feeds a scanner from compressed data and finishes it. Input that ends early is a warning with all that came before;
 * damage is a `CaptureError`. `source` may lend the same buffer again and again.
 */
export async function decompressInto(
  compression: Compression,
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  switch (compression) {
    case 'gzip':
      return (await import('./gunzip.ts')).gunzipInto(scanner, source, options);
    case 'zstd':
      return (await import('./unzstd.ts')).unzstdInto(scanner, source, options);
    case 'lz4':
      return (await import('./unlz4.ts')).unlz4Into(scanner, source, options);
    case 'xz':
      return (await import('./unxz.ts')).unxzInto(scanner, source, options);
  }
}

/** A scanner of its own for compressed data; a format that must be whole to be read is copied for that. */
export async function decompressCopied(
  compression: Compression,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  sink: PacketSink,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const store = new SpillFile();
  try {
    const { limits, tick } = options;
    return await decompressInto(
      compression,
      createScanner(sink, { compression, limits, tick, store }),
      source,
      options,
    );
  } finally {
    store.close();
  }
}

/** Hands one decompressed piece on, unless it is one too many. */
export function handOn(scanner: Scanner, piece: Buffer, options: ReadOptions, command: string): void {
  const limit = options.limits?.decompressedBytes ?? CAPTURE_LIMITS.decompressedBytes;
  if (scanner.facts.bytes + piece.length > limit) throw tooLarge(limit, scanner.facts, command);
  try {
    scanner.push(piece);
  } catch (error) {
    // The checksum at the end of the data would tell, and is not reached.
    if (error instanceof CaptureError && (error.code === 'bad-length' || error.code === 'bad-block')) {
      const [program] = command.split(' ');
      error.message += ` It came out of compressed data, which may be what is damaged: \`${program} -t FILE\` tells.`;
    }
    throw error;
  }
  options.tick?.();
}

/**
 * Compressed data of one part behind the other: members, frames. `part` reads one from `input`, and returns null, or the
 * offset at which stands something else. Finishes the scanner. Input that ends early is a warning with all that came
 * before; so is what stands behind the last part and is none.
 */
export async function unpackParts(
  scanner: Scanner,
  input: CompressedInput,
  name: string,
  part: (isFirst: boolean) => Promise<number | null>,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  try {
    for (let isFirst = true; isFirst || (await input.hasMore()); isFirst = false) {
      const end = await part(isFirst);
      if (end === null) continue;
      facts.warnings.push(
        `What follows the ${name} data, from compressed byte offset ${end}, is no ${name} data and was not read.`,
      );
      break;
    }
  } catch (error) {
    if (!(error instanceof InputEnds)) throw error;
    warnCutShort(facts, name, input.offset);
  }
  return scanner.finish();
}

export function warnCutShort(facts: CaptureFacts, name: string, compressedOffset: number): void {
  facts.cutShort = true;
  facts.warnings.push(
    `The ${name} data is cut short: it ends within its stream, at compressed byte offset ${compressedOffset}.`,
  );
}

export function damaged(facts: CaptureFacts, name: string, compressedOffset: number, what: string): CaptureError {
  return captureError(
    'bad-block',
    facts.bytes,
    facts,
    undefined,
    `The ${name} data is damaged near compressed byte offset ${compressedOffset} (${what}): its content could be read up ` +
      `to byte offset ${facts.bytes} only. Copy it again in binary mode, or compress it anew.`,
  );
}

/** What the format allows and we do not do: the program that made the file can. */
export function tooDemanding(
  facts: CaptureFacts,
  compressedOffset: number,
  what: string,
  command: string,
): CaptureError {
  return captureError(
    'limit',
    facts.bytes,
    facts,
    undefined,
    `The compressed data ${what} (compressed byte offset ${compressedOffset}). Decompress it first: \`${command}\`.`,
  );
}

function tooLarge(limit: number, facts: CaptureFacts, command: string): CaptureError {
  return captureError(
    'limit',
    facts.bytes,
    facts,
    undefined,
    `The compressed capture holds more than ${limit} bytes (byte offset ${facts.bytes}); what follows is not read. ` +
      `If it is to be trusted, decompress it first: \`${command}\`.`,
  );
}
