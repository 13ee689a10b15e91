import * as zlib from 'node:zlib';
import type { XXHashAPI } from 'xxhash-wasm';
import { CAPTURE_LIMITS } from '../format/limits.ts';
import type { Scanner } from '../format/scan.ts';
import type { CaptureFacts } from '../packet-sink.ts';
import { CompressedInput } from './compressed-input.ts';
import { damaged, handOn, tooDemanding, unpackParts } from './decompress.ts';
import type { ReadOptions } from './options.ts';
import { xxHashFor } from './xxhash.ts';

/**
 * Zstandard (RFC 8878): frames, one behind the other, of a header and blocks. Node unpacks it from 22.15 on; before,
 * the package fzstd does, which checks nothing: no checksum, and no length. So the frames are walked here, whoever
 * unpacks them, and each block is handed over whole. That gives exact offsets, an end that is known to be cut, and a
 * limit on every length before anything is allocated for it.
 */

const MAGIC = 0xfd2fb528;
/** RFC 8878 §3.1.1.2.4: nothing in a block is longer. */
const MAX_BLOCK_BYTES = 128 * 1024;
/** fzstd moves its whole window for every block: with more than this it crawls. `zstd -19` takes 8 MiB. */
const MAX_SLOW_WINDOW_BYTES = 32 * 1024 * 1024;
/** For the same reason small blocks behind a large window are not worth waiting for; nobody writes them on purpose. */
const SMALL_BLOCK_BYTES = 8 * 1024;
const LARGE_WINDOW_BYTES = 1024 * 1024;
const SMALL_BLOCKS_ALLOWED = 2000;

const COMMAND = 'zstd -d --long=31 IN -o OUT';
const NAME = 'Zstandard';

/** Unpacks one frame: its header and blocks come in order, each whole. Lends what comes out. */
interface FrameDecoder {
  push(piece: Buffer, isLast: boolean): Promise<void> | void;
  close(): void;
}

type DecoderFactory = (take: (piece: Buffer) => void) => FrameDecoder;

/** See `decompressInto`. */
export async function unzstdInto(
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  const input = new CompressedInput(source);
  const native = nativeDecoder(windowLimit(options));
  // libzstd verifies checksums, the package does not.
  const unpacking: Unpacking =
    native === null
      ? { decoderOf: await packageDecoder(), isNative: false, hash: await xxHashFor(facts, NAME) }
      : { decoderOf: native, isNative: true, hash: null };
  return unpackParts(scanner, input, NAME, async () => {
    const magic = await input.u32le();
    if (magic === MAGIC) await frame(scanner, input, options, unpacking);
    else if (magic >>> 4 === 0x184d2a5) await input.pass(await input.u32le());
    else return input.offset - 4;
    return null;
  });
}

interface Unpacking {
  readonly decoderOf: DecoderFactory;
  readonly isNative: boolean;
  /** Null where checksums are not for us to verify, or cannot be. */
  readonly hash: XXHashAPI | null;
}

async function frame(
  scanner: Scanner,
  input: CompressedInput,
  options: ReadOptions,
  { decoderOf, isNative, hash }: Unpacking,
): Promise<void> {
  const { facts } = scanner;
  const header = await frameHeader(input, facts);
  const allowed = windowLimit(options);
  const limit = isNative ? allowed : Math.min(allowed, MAX_SLOW_WINDOW_BYTES);
  if (header.windowBytes > limit) {
    throw tooDemanding(
      facts,
      input.offset,
      `asks for a window of ${header.windowBytes} bytes, more than ${limit}`,
      COMMAND,
    );
  }
  const takenBefore = facts.bytes;
  const sum = header.checksumBytes > 0 && hash !== null ? hash.create64() : null;
  const decoder = decoderOf((piece) => {
    sum?.update(piece);
    handOn(scanner, piece, options, COMMAND);
  });
  try {
    let pending: Buffer | null = header.bytes;
    let blocks = 0;
    for (let isLast = false; !isLast; blocks++) {
      const offset = input.offset;
      const blockHeader = Buffer.from(await input.take(3)).readUIntLE(0, 3);
      isLast = (blockHeader & 1) === 1;
      const kind = (blockHeader >> 1) & 3;
      const size = blockHeader >> 3;
      if (kind === 3 || size > MAX_BLOCK_BYTES) throw damaged(facts, NAME, offset, 'a block that cannot be');
      if (!isNative && header.windowBytes > LARGE_WINDOW_BYTES && blocks > SMALL_BLOCKS_ALLOWED) {
        const average = (facts.bytes - takenBefore) / blocks;
        if (average < SMALL_BLOCK_BYTES) throw tooDemanding(facts, offset, 'is cut into very small blocks', COMMAND);
      }
      // A block of one repeated byte (kind 1) holds that byte alone.
      const body = await input.take(kind === 1 ? 1 : size);
      const piece: Buffer = Buffer.allocUnsafe(
        (pending?.length ?? 0) + 3 + body.length + (isLast ? header.checksumBytes : 0),
      );
      let at = pending?.copy(piece) ?? 0;
      pending = null;
      at += piece.writeUIntLE(blockHeader, at, 3) - at;
      at += body.copy(piece, at);
      if (isLast && header.checksumBytes > 0) (await input.take(header.checksumBytes)).copy(piece, at);
      await decoded(decoder, piece, isLast, facts, offset);
      // Its four lower bytes (RFC 8878 §3.1.1).
      if (isLast && sum !== null && Number(sum.digest() & 0xffff_ffffn) !== piece.readUInt32LE(at)) {
        throw damaged(facts, NAME, input.offset, 'the checksum is wrong');
      }
    }
  } finally {
    decoder.close();
  }
}

function windowLimit({ limits }: ReadOptions): number {
  return limits?.windowBytes ?? CAPTURE_LIMITS.windowBytes;
}

async function decoded(decoder: FrameDecoder, piece: Buffer, isLast: boolean, facts: CaptureFacts, offset: number) {
  try {
    await decoder.push(piece, isLast);
  } catch (error) {
    // What the scanner and the caller throw passes; fzstd and zlib throw errors with a number or a word of their own.
    if (error instanceof DecoderError) throw damaged(facts, NAME, offset, error.message);
    throw error;
  }
}

class DecoderError extends Error {}

/** RFC 8878 §3.1.1.1: descriptor, window, dictionary, size of the content. */
async function frameHeader(
  input: CompressedInput,
  facts: CaptureFacts,
): Promise<{ bytes: Buffer; windowBytes: number; checksumBytes: number }> {
  const offset = input.offset;
  const descriptor = await input.byte();
  if ((descriptor & 0x08) !== 0) throw damaged(facts, NAME, offset, 'unknown header flags');
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const length = (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  const rest = length === 0 ? Buffer.alloc(0) : Buffer.from(await input.take(length));
  if (dictionaryBytes > 0 && rest.readUIntLE(isSingleSegment ? 0 : 1, dictionaryBytes) !== 0) {
    throw tooDemanding(
      facts,
      offset,
      'was made with a dictionary, which is not in it',
      'zstd -d -D DICTIONARY IN -o OUT',
    );
  }
  let windowBytes: number;
  if (isSingleSegment) {
    const at = dictionaryBytes;
    const small = sizeBytes === 8 ? Number(rest.readBigUInt64LE(at)) : rest.readUIntLE(at, sizeBytes);
    windowBytes = small + (sizeBytes === 2 ? 256 : 0);
  } else {
    const window = rest.readUInt8(0);
    const base = 2 ** (10 + (window >> 3));
    windowBytes = base + (base / 8) * (window & 7);
  }
  const magic = Buffer.alloc(5);
  magic.writeUInt32LE(MAGIC);
  magic[4] = descriptor;
  return { bytes: Buffer.concat([magic, rest]), windowBytes, checksumBytes: (descriptor & 0x04) === 0 ? 0 : 4 };
}

/** `zlib.createZstdDecompress`, which the types of Node 20 do not know. */
function nativeDecoder(windowBytes: number): DecoderFactory | null {
  const { createZstdDecompress, constants } = zlib as unknown as {
    createZstdDecompress?: (options: { params: Record<number, number> }) => import('node:stream').Transform;
    constants: { ZSTD_d_windowLogMax: number };
  };
  if (createZstdDecompress === undefined) return null;
  // Larger windows are refused by us before they come here; without this libzstd would refuse those above its default.
  const windowLog = Math.max(27, Math.ceil(Math.log2(windowBytes)));
  return (take) => {
    const stream = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: windowLog } });
    let failure: { error: unknown } | null = null;
    stream.on('data', (piece: Buffer) => {
      // An exception here would surface in zlib's callback, where nobody can catch it.
      try {
        take(piece);
      } catch (error) {
        failure ??= { error };
        stream.destroy();
      }
    });
    const over = new Promise<void>((resolve) => {
      stream.on('error', (error) => {
        failure ??= { error: new DecoderError(error.message) };
        resolve();
      });
      stream.on('end', resolve);
      stream.on('close', resolve);
    });
    return {
      async push(piece, isLast) {
        const written = new Promise<void>((resolve) => stream.write(piece, () => resolve()));
        await Promise.race([over, written]);
        if (isLast && !failure) {
          stream.end();
          await over;
        }
        if (failure) throw (failure as { error: unknown }).error;
      },
      close: () => void stream.destroy(),
    };
  };
}

async function packageDecoder(): Promise<DecoderFactory> {
  const { Decompress } = await import('fzstd');
  return (take) => {
    let passing: { error: unknown } | null = null;
    const decompress = new Decompress((piece) => {
      if (piece.length === 0) return;
      try {
        take(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
      } catch (error) {
        passing = { error };
        throw error;
      }
    });
    return {
      push(piece, isLast) {
        try {
          decompress.push(piece, isLast);
        } catch (error) {
          if (passing) throw (passing as { error: unknown }).error;
          throw new DecoderError(error instanceof Error ? error.message : 'it cannot be unpacked');
        }
      },
      close() {},
    };
  };
}
