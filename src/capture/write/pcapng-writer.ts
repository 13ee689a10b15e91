/**
 * Writes a pcapng capture (draft-ietf-opsawg-pcapng): one section, little-endian, an interface for each link type and
 * clock that occurs, packets as they were captured. A packet that has no time keeps none where the format lets it: in a
 * simple packet block, which belongs to the first interface and cannot be cut.
 *
 * Blocks are returned as bytes of their own; nothing is held but which interfaces there are.
 */
import type { PacketMeta } from '../packet-sink.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;

const OPTION_COMMENT = 1;
const OPTION_USER_APPLICATION = 4;
const OPTION_TIMESTAMP_RESOLUTION = 9;

const TLS_KEY_LOG = 0x544c534b;

/** Readers take a longer packet only where the interface allows for it. */
const USUAL_PACKET_BYTES = 262_144;
const LARGE_PACKET_BYTES = 16 * 1024 * 1024;

/** A comment longer than this is cut: an option holds 65,535 bytes, and nobody reads so many. */
const MAX_COMMENT_BYTES = 16 * 1024;

const TWO_32 = 4_294_967_296;

export class PcapngWriter {
  readonly #application: string;
  readonly #interfaces = new Map<string, number>();
  #firstLinkType = -1;

  /** @param application what wrote the capture, for its section header */
  constructor(application: string) {
    this.#application = application;
  }

  /** The head of the capture: what an empty one consists of. */
  begin(): Buffer {
    const fixed = Buffer.alloc(16);
    fixed.writeUInt32LE(0x1a2b3c4d, 0);
    fixed.writeUInt16LE(1, 4);
    fixed.fill(0xff, 8); // the length of the section is not known
    return block(SECTION_HEADER, [fixed, ...options([[OPTION_USER_APPLICATION, Buffer.from(this.#application)]])]);
  }

  /** TLS secrets in the form of SSLKEYLOGFILE: they stand in front of the packets that they open. */
  keyLog(text: Buffer): Buffer {
    const fixed = Buffer.alloc(8);
    fixed.writeUInt32LE(TLS_KEY_LOG, 0);
    fixed.writeUInt32LE(text.length, 4);
    return block(DECRYPTION_SECRETS, [fixed, padded(text)]);
  }

  /** The packet `bytes[start, end)` with comments, and in front of it its interface where that is a new one. */
  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta, comments: readonly string[]): Buffer[] {
    const blocks: Buffer[] = [];
    const number = this.#interfaceOf(meta, end - start, blocks);
    const packet = padded(bytes.subarray(start, end));
    const hasTime = meta.timeUs >= 0;
    if (
      !hasTime &&
      comments.length === 0 &&
      meta.linkType === this.#firstLinkType &&
      meta.originalLength === end - start
    ) {
      const fixed = Buffer.alloc(4);
      fixed.writeUInt32LE(meta.originalLength, 0);
      blocks.push(block(SIMPLE_PACKET, [fixed, packet]));
      return blocks;
    }
    const fixed = Buffer.alloc(20);
    fixed.writeUInt32LE(number, 0);
    if (hasTime) writeTime(fixed, meta);
    fixed.writeUInt32LE(end - start, 12);
    fixed.writeUInt32LE(meta.originalLength, 16);
    const remarks = options(
      comments.map((comment) => [OPTION_COMMENT, utf8Within(comment, MAX_COMMENT_BYTES)] as const),
    );
    blocks.push(block(ENHANCED_PACKET, [fixed, packet, ...remarks]));
    return blocks;
  }

  #interfaceOf({ linkType, timeDigits }: PacketMeta, length: number, blocks: Buffer[]): number {
    const isLarge = length > USUAL_PACKET_BYTES;
    const key = `${linkType} ${timeDigits} ${isLarge}`;
    const known = this.#interfaces.get(key);
    if (known !== undefined) return known;
    const fixed = Buffer.alloc(8);
    fixed.writeUInt16LE(linkType & 0xffff, 0);
    fixed.writeUInt32LE(isLarge ? LARGE_PACKET_BYTES : USUAL_PACKET_BYTES, 4);
    const resolution = options([[OPTION_TIMESTAMP_RESOLUTION, Buffer.from([timeDigits])]]);
    blocks.push(block(INTERFACE_DESCRIPTION, [fixed, ...resolution]));
    const number = this.#interfaces.size;
    if (number === 0) this.#firstLinkType = linkType;
    this.#interfaces.set(key, number);
    return number;
  }
}

/** A 64-bit count of microseconds or nanoseconds, its upper half first. */
function writeTime(fixed: Buffer, { timeUs, timeNanos, timeDigits }: PacketMeta): void {
  if (timeDigits === 6) {
    fixed.writeUInt32LE(Math.floor(timeUs / TWO_32), 4);
    fixed.writeUInt32LE(timeUs % TWO_32, 8);
    return;
  }
  const nanos = BigInt(timeUs) * 1000n + BigInt(timeNanos);
  fixed.writeUInt32LE(Number((nanos >> 32n) & 0xffff_ffffn), 4);
  fixed.writeUInt32LE(Number(nanos & 0xffff_ffffn), 8);
}

function block(type: number, parts: readonly Buffer[]): Buffer {
  const total = 12 + parts.reduce((sum, { length }) => sum + length, 0);
  const frame = Buffer.alloc(8);
  frame.writeUInt32LE(type, 0);
  frame.writeUInt32LE(total, 4);
  const end = Buffer.alloc(4);
  end.writeUInt32LE(total, 0);
  return Buffer.concat([frame, ...parts, end], total);
}

function options(list: readonly (readonly [code: number, value: Buffer])[]): Buffer[] {
  if (list.length === 0) return [];
  const parts = list.flatMap(([code, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(code, 0);
    head.writeUInt16LE(value.length, 2);
    return [head, padded(value)];
  });
  return [...parts, Buffer.alloc(4)];
}

/** Everything in a block begins at a multiple of four. */
function padded(bytes: Buffer): Buffer {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

/** At most `limit` bytes of a text, and no half character at its end. */
function utf8Within(text: string, limit: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
