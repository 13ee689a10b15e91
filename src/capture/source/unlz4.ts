import { u16le } from '../../bytes/read.ts';
import { XxHash32, xxHash32 } from '../../bytes/xxhash32.ts';
import type { Scanner } from '../format/scan.ts';
import type { CaptureError, CaptureFacts } from '../packet-sink.ts';
import { CompressedInput, InputEnds } from './compressed-input.ts';
import { damaged as damagedData, handOn, tooDemanding, warnCutShort } from './decompress.ts';
import type { ReadOptions } from './options.ts';

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
const COMMAND = 'lz4 -dc IN > OUT';

/** See `decompressInto`. */
export async function unlz4Into(
  scanner: Scanner,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: ReadOptions,
): Promise<CaptureFacts> {
  const { facts } = scanner;
  const input = new CompressedInput(source);
  const take = (piece: Buffer): void => handOn(scanner, piece, options, COMMAND);
  let output: Buffer = Buffer.alloc(0);
  /** One for all frames: a file may hold a million of them with nothing in it. */
  const room = (length: number): Buffer => {
    if (output.length < length) output = Buffer.allocUnsafeSlow(length);
    return output;
  };
  try {
    /** Where a frame of the older form ends is seen by the magic number of what follows. */
    let next: number | null = null;
    while (next !== null || (await input.hasMore())) {
      const start = input.offset - (next === null ? 0 : 4);
      const magic: number = next ?? (await input.u32le());
      next = null;
      if (magic === MAGIC) await frame(input, facts, room, take);
      else if (magic === LEGACY_MAGIC) next = await legacyFrame(input, facts, room, take);
      else if (isSkippable(magic)) await input.pass(await input.u32le());
      else {
        facts.warnings.push(
          `What follows the ${NAME} data, from compressed byte offset ${start}, is no ${NAME} data and was not read.`,
        );
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof InputEnds)) throw error;
    warnCutShort(facts, NAME, input.offset);
  }
  return scanner.finish();
}

interface FrameHeader {
  areIndependent: boolean;
  hasBlockChecksums: boolean;
  hasChecksum: boolean;
  blockBytes: number;
  /** NaN where it is not told. */
  contentBytes: number;
}

async function frame(
  input: CompressedInput,
  facts: CaptureFacts,
  room: (length: number) => Buffer,
  take: (piece: Buffer) => void,
): Promise<void> {
  const header = await frameHeader(input, facts);
  const output = room(HISTORY_BYTES + header.blockBytes);
  const checksum = header.hasChecksum ? new XxHash32() : null;
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
    const sum = header.hasBlockChecksums ? xxHash32(packed) : 0;
    if (header.hasBlockChecksums && (await input.u32le()) !== sum) {
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
  if (checksum !== null && (await input.u32le()) !== checksum.digest()) {
    throw damaged(facts, offset, 'the checksum is wrong');
  }
  if (!Number.isNaN(header.contentBytes) && header.contentBytes !== contentBytes) {
    throw damaged(facts, offset, 'the length is wrong');
  }
}

async function frameHeader(input: CompressedInput, facts: CaptureFacts): Promise<FrameHeader> {
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
  if (((xxHash32(described) >>> 8) & 0xff) !== rest[optional]) {
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
async function legacyFrame(
  input: CompressedInput,
  facts: CaptureFacts,
  room: (length: number) => Buffer,
  take: (piece: Buffer) => void,
): Promise<number | null> {
  const output = room(LEGACY_BLOCK_BYTES);
  while (await input.hasMore()) {
    const offset = input.offset;
    const size = await input.u32le();
    if (size === MAGIC || size === LEGACY_MAGIC || isSkippable(size)) return size;
    if (size > LEGACY_PACKED_BYTES) throw damaged(facts, offset, 'a block that cannot be');
    const end = unpack(await input.take(size), output, 0, LEGACY_BLOCK_BYTES);
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
