import type { XXHashAPI } from 'xxhash-wasm';
import { u16le } from '../../bytes/read.ts';
import type { Scanner } from '../format/scan.ts';
import type { CaptureError, CaptureFacts } from '../packet-sink.ts';
import { CompressedInput } from './compressed-input.ts';
import { damaged as damagedData, handOn, tooDemanding, unpackParts } from './decompress.ts';
import type { ReadOptions } from './options.ts';
import { xxHashFor } from './xxhash.ts';

/**
 * LZ4: frames (lz4_Frame_format.md 1.6.4), one behind the other, of a header, blocks and checksums, and the older form
 * that `lz4 -l` writes. It is read here because no package that is kept up unpacks it piece by piece (docs/reading.md).
 * A block has 4 MiB at most, 8 MiB in the older form, and looks back 64 KiB: no input makes us hold more.
 */

const MAGIC = 0x184d2204;
const LEGACY_MAGIC = 0x184c2102;
const isSkippable = (magic: number): boolean => magic >>> 4 === 0x184d2a5;

const HISTORY_BYTES = 64 * 1024;
const LEGACY_BLOCK_BYTES = 8 << 20;
/** What bytes that cannot be compressed take in the older form: LZ4_compressBound. */
const LEGACY_PACKED_BYTES = LEGACY_BLOCK_BYTES + Math.floor(LEGACY_BLOCK_BYTES / 255) + 16;
/** Of the block sizes that a header can name; the numbers below stand for nothing. */
const FIRST_BLOCK_SIZE = 4;
const NOT_COMPRESSED = 0x80000000;
const LEAST_MATCH = 4;

const NAME = 'LZ4';
/** The length of a match grows by at most 255 with each byte: what is small is not given room for megabytes. */
const MOST_FROM_A_BYTE = 255;
const COMMAND = 'lz4 -dc IN > OUT';

/** Where pieces go, and what is needed on the way. */
interface Unpacking {
  readonly input: CompressedInput;
  readonly facts: CaptureFacts;
  /** Null: checksums are passed over. */
  readonly hash: XXHashAPI | null;
  /** One buffer for all frames: a file may hold a million of them with nothing in it. */
  room(length: number): Buffer;
  take(piece: Buffer): void;
}

/** See `decompressInto`. */
export async function unlz4Into(
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  const input = new CompressedInput(source);
  let output: Buffer = Buffer.alloc(0);
  const unpacking: Unpacking = {
    input,
    facts,
    hash: await xxHashFor(facts, NAME),
    room(length) {
      if (output.length < length) output = Buffer.allocUnsafeSlow(length);
      return output;
    },
    take: (piece) => handOn(scanner, piece, options, COMMAND),
  };
  return unpackParts(scanner, input, NAME, async () => {
    let magic: number | null = await input.u32le();
    // Where a frame of the older form ends is seen by the magic number of what follows.
    while (magic === LEGACY_MAGIC) magic = await legacyFrame(unpacking);
    if (magic === MAGIC) await frame(unpacking);
    else if (magic !== null && isSkippable(magic)) await input.pass(await input.u32le());
    else if (magic !== null) return input.offset - 4;
    return null;
  });
}

interface FrameHeader {
  areIndependent: boolean;
  hasBlockChecksums: boolean;
  hasChecksum: boolean;
  blockBytes: number;
  /** NaN where it is not told. */
  contentBytes: number;
}

async function frame({ input, facts, hash, room, take }: Unpacking): Promise<void> {
  const header = await frameHeader(input, facts, hash);
  const output = room(HISTORY_BYTES + header.blockBytes);
  const checksum = header.hasChecksum && hash !== null ? hash.create32() : null;
  let contentBytes = 0;
  /** Bytes at the front of `output` that a block may look back at. */
  let history = 0;
  for (;;) {
    const offset = input.offset;
    const size = await input.u32le();
    if (size === 0) break;
    const length = size % NOT_COMPRESSED;
    if (length > header.blockBytes) throw damaged(facts, offset, 'a block that cannot be');
    const packed = await input.take(length);
    const isPlain = size >= NOT_COMPRESSED;
    const limit = history + header.blockBytes;
    const end = isPlain ? history + packed.copy(output, history) : unpack(packed, output, history, limit);
    if (end < 0) throw damaged(facts, offset, 'a block that cannot be');
    // Asking for more of the input takes the block away.
    const sum = header.hasBlockChecksums && hash !== null ? hash.h32Raw(packed) : null;
    if (header.hasBlockChecksums && !fits(sum, await input.u32le())) {
      throw damaged(facts, offset, 'the checksum of a block is wrong');
    }
    const piece = output.subarray(history, end);
    checksum?.update(piece);
    contentBytes += piece.length;
    take(piece);
    if (header.areIndependent) continue;
    const kept = Math.min(HISTORY_BYTES, end);
    output.copyWithin(0, end - kept, end);
    history = kept;
  }
  const offset = input.offset;
  if (header.hasChecksum && !fits(checksum === null ? null : checksum.digest(), await input.u32le())) {
    throw damaged(facts, offset, 'the checksum is wrong');
  }
  if (!Number.isNaN(header.contentBytes) && header.contentBytes !== contentBytes) {
    throw damaged(facts, offset, 'the length is wrong');
  }
}

/** `sum` is null where nobody computes it. */
function fits(sum: number | null, wanted: number): boolean {
  return sum === null || sum >>> 0 === wanted;
}

async function frameHeader(input: CompressedInput, facts: CaptureFacts, hash: XXHashAPI | null): Promise<FrameHeader> {
  const offset = input.offset;
  const flags = await input.byte();
  const sizes = await input.byte();
  const hasSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const isKnown = flags >> 6 === 1 && (flags & 0x02) === 0 && (sizes & 0x8f) === 0;
  if (!isKnown || sizes >> 4 < FIRST_BLOCK_SIZE) throw damaged(facts, offset, 'unknown header flags');
  const optional = (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  const rest = Buffer.from(await input.take(optional + 1));
  const described = Buffer.concat([Buffer.from([flags, sizes]), rest.subarray(0, optional)]);
  if (hash !== null && ((hash.h32Raw(described) >>> 8) & 0xff) !== rest[optional]) {
    throw damaged(facts, offset, 'the checksum of the header is wrong');
  }
  if (hasDictionary) {
    throw tooDemanding(facts, offset, 'was made with a dictionary, which is not in it', 'lz4 -d -D DICTIONARY IN OUT');
  }
  return {
    areIndependent: (flags & 0x20) !== 0,
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasChecksum: (flags & 0x04) !== 0,
    blockBytes: HISTORY_BYTES * 4 ** ((sizes >> 4) - FIRST_BLOCK_SIZE),
    contentBytes: hasSize ? Number(rest.readBigUInt64LE(0)) : Number.NaN,
  };
}

/** Until the input ends, or another magic number comes, which is returned. */
async function legacyFrame({ input, facts, room, take }: Unpacking): Promise<number | null> {
  while (await input.hasMore()) {
    const offset = input.offset;
    const size = await input.u32le();
    if (size === MAGIC || size === LEGACY_MAGIC || isSkippable(size)) return size;
    if (size > LEGACY_PACKED_BYTES) throw damaged(facts, offset, 'a block that cannot be');
    const limit = Math.min(LEGACY_BLOCK_BYTES, MOST_FROM_A_BYTE * size);
    const output = room(limit);
    const end = unpack(await input.take(size), output, 0, limit);
    if (end < 0) throw damaged(facts, offset, 'a block that cannot be');
    take(output.subarray(0, end));
  }
  return null;
}

/**
 * Unpacks one block (lz4_Block_format.md) behind `output[0, start)`, which it may look back at, and returns where what
 * it holds ends: -1 where it is no block, or would go beyond `limit`.
 */
function unpack(packed: Buffer, output: Buffer, start: number, limit: number): number {
  const length = packed.length;
  let at = 0;
  let to = start;
  while (at < length) {
    const token = packed[at++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= length) return -1;
        more = packed[at++] as number;
      }
    }
    if (literals > length - at || literals > limit - to) return -1;
    packed.copy(output, to, at, at + literals);
    at += literals;
    to += literals;
    if (at === length) return to;
    if (length - at < 2) return -1;
    const distance = u16le(packed, at);
    at += 2;
    if (distance === 0 || distance > to) return -1;
    let count = token & 15;
    if (count === 15) {
      for (let more = 255; more === 255; count += more) {
        if (at >= length) return -1;
        more = packed[at++] as number;
      }
    }
    count += LEAST_MATCH;
    if (count > limit - to) return -1;
    const from = to - distance;
    if (distance >= count) output.copyWithin(to, from, from + count);
    else if (distance === 1) output.fill(output[from] as number, to, to + count);
    else for (let i = 0; i < count; i++) output[to + i] = output[from + i] as number;
    to += count;
  }
  // A block ends with literals, so that one which ends here lacks something.
  return -1;
}

function damaged(facts: CaptureFacts, compressedOffset: number, what: string): CaptureError {
  return damagedData(facts, NAME, compressedOffset, what);
}
