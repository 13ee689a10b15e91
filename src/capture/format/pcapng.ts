import { u16be, u16le, u32be, u32le } from '../../bytes/read.ts';
import type { CaptureFacts, PacketMeta, PacketSink } from '../packet-sink.ts';
import { CaptureError, newPacketMeta } from '../packet-sink.ts';
import { type CaptureLimits, maxCapturedBytes } from './limits.ts';
import type { PcapngClock } from './pcapng-clock.ts';
import { clockOf, setTime } from './pcapng-clock.ts';
import type { RecordReader } from './record-reader.ts';
import { badCapturedLength } from './record-reader.ts';

/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks of type, total length, body, and the total length again. A section header
 * block sets the byte order and forgets all interfaces; an interface block gives link type, snapshot length and clock
 * to the packets that name it by its number. Comments of packets and the TLS secrets that a capture brings along are kept,
 * both bounded. What is not listed here (name resolution, custom blocks, what is yet to be invented) is passed over without
 * being held.
 */

const SECTION_HEADER = 0x0a0d0d0a; // the same in both byte orders
const INTERFACE_DESCRIPTION = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;

/**
 * Blocks that hold no packet and yet have a frame number in Wireshark: custom blocks, systemd journal entries, Sysdig
 * events. They are passed over, but counted, so that our frame numbers are its own.
 */
const NUMBERED_BY_WIRESHARK: ReadonlySet<number> = new Set([0xbad, 0x4000_0bad, 9, 0x204, 0x216, 0x221]);

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** The fewest bytes of each block that is looked into: its fixed fields and both lengths. */
const SECTION_HEADER_BYTES = 28;
const INTERFACE_DESCRIPTION_BYTES = 20;
const PACKET_BYTES = 32; // enhanced and old
const SIMPLE_PACKET_BYTES = 16;
const INTERFACE_STATISTICS_BYTES = 24;
const DECRYPTION_SECRETS_BYTES = 20;
/** Type, length and length again: the smallest block. Also what must be there of a section header to know its length. */
const BLOCK_BYTES = 12;

const OPTION_COMMENT = 1;
const OPTION_TIMESTAMP_RESOLUTION = 9;
const OPTION_TIMESTAMP_OFFSET = 14;
const OPTION_PACKET_DROP_COUNT = 4;
const OPTION_INTERFACE_DROPS = 5;
const OPTION_SYSTEM_DROPS = 7;

/** The kind of secrets that is an SSLKEYLOGFILE. */
const TLS_KEY_LOG = 0x544c534b;

/** The old packet block's way to say that it does not know how many packets were dropped before it. */
const DROPS_UNKNOWN = 0xffff;

interface CaptureInterface {
  linkType: number;
  snapshotLength: number;
  capturedLimit: number;
  clock: PcapngClock;
  /** Packets dropped since the capture began, as far as anything in it tells. */
  drops: number;
  /** The same, as the packets themselves count it: each says how many were lost since the one before. */
  packetDrops: number;
}

/** True when the first four bytes are those of a section header block. */
export function isPcapng(bytes: Buffer, at: number): boolean {
  return u32be(bytes, at) === SECTION_HEADER;
}

export class PcapngReader implements RecordReader {
  needBytes = BLOCK_BYTES;
  readonly headerName = 'the first section header of a pcapng';
  skipBytes = 0;
  passing: { offset: number; sizeBytes: number } | null = null;
  private readonly sink: PacketSink;
  private readonly facts: CaptureFacts;
  private readonly limits: CaptureLimits;
  private readonly meta: PacketMeta = newPacketMeta();
  private readonly linkTypes = new Set<number>();
  private interfaces: CaptureInterface[] = [];
  private bigEndian = false;
  private sectionSeen = false;
  private frames = 0;
  /** A sentence for the first of its kind: a damaged file must not turn into a million warnings. */
  private timeWarned = false;
  private optionWarned = false;
  private commentWarned = false;
  private secretsWarned = false;
  private commentBytes = 0;
  private keyLogBytes = 0;

  constructor(sink: PacketSink, facts: CaptureFacts, limits: CaptureLimits) {
    this.limits = limits;
    this.sink = sink;
    this.facts = facts;
    facts.format = 'pcapng';
  }

  pending(): string {
    return 'the block';
  }

  read(bytes: Buffer, start: number, end: number, base: number): number {
    let at = start;
    if (this.passing) {
      if (end - at < 4) return at;
      this.checkClosingLength(bytes, at, this.passing.sizeBytes, this.passing.offset);
      this.passing = null;
      at += 4;
    }
    while (end - at >= BLOCK_BYTES) {
      const type = this.u32(bytes, at);
      if (type === SECTION_HEADER) this.takeByteOrder(bytes, at, base);
      else if (!this.sectionSeen) throw badBlock(base + at, 'comes before any section header');
      const total = this.u32(bytes, at + 4);
      if (total < BLOCK_BYTES || (total & 3) !== 0) throw badBlockLength(base + at, total);
      const isTooMuch = type === DECRYPTION_SECRETS && total > this.limits.keyLogBytes;
      const least = isTooMuch ? 0 : leastBytes(type);
      if (isTooMuch) this.warnSecrets();
      if (least === 0) {
        if (NUMBERED_BY_WIRESHARK.has(type)) this.frames++;
        if (total > end - at) {
          this.passing = { offset: base + at, sizeBytes: total };
          this.skipBytes = total - 4;
          this.needBytes = 4;
          return at;
        }
        this.checkClosingLength(bytes, at + total - 4, total, base + at);
        at += total;
        continue;
      }
      if (total < least || total > this.limits.blockBytes) throw badBlockLength(base + at, total);
      if (total > end - at) {
        this.needBytes = total;
        return at;
      }
      this.checkClosingLength(bytes, at + total - 4, total, base + at);
      this.block(type, bytes, at, total, base + at);
      at += total;
    }
    this.needBytes = BLOCK_BYTES;
    return at;
  }

  private u16(bytes: Buffer, at: number): number {
    return this.bigEndian ? u16be(bytes, at) : u16le(bytes, at);
  }

  private u32(bytes: Buffer, at: number): number {
    return this.bigEndian ? u32be(bytes, at) : u32le(bytes, at);
  }

  private checkClosingLength(bytes: Buffer, at: number, total: number, offset: number): void {
    const closing = this.u32(bytes, at);
    if (closing !== total) {
      throw new CaptureError(
        'bad-length',
        offset,
        `The block at byte offset ${offset} gives its length as ${total} at its start and ${closing} at its end: ` +
          'the capture is damaged there and cannot be read further. Copy it again in binary mode, or write it anew.',
      );
    }
  }

  /** Even a block's own length is in the byte order of its section, which the section header shows behind it. */
  private takeByteOrder(bytes: Buffer, at: number, base: number): void {
    if (u32be(bytes, at + 8) === BYTE_ORDER_MAGIC) this.bigEndian = true;
    else if (u32le(bytes, at + 8) === BYTE_ORDER_MAGIC) this.bigEndian = false;
    else throw badBlock(base + at, 'is a section header without its byte-order magic (1a2b3c4d)');
    this.sectionSeen = true;
  }

  private block(type: number, bytes: Buffer, at: number, total: number, offset: number): void {
    switch (type) {
      case ENHANCED_PACKET:
        this.enhancedPacket(bytes, at, total, offset);
        break;
      case SIMPLE_PACKET:
        this.simplePacket(bytes, at, total, offset);
        break;
      case OLD_PACKET:
        this.oldPacket(bytes, at, total, offset);
        break;
      case INTERFACE_DESCRIPTION:
        this.addInterface(bytes, at, total, offset);
        break;
      case INTERFACE_STATISTICS:
        this.takeStatistics(bytes, at, total, offset);
        break;
      case SECTION_HEADER:
        this.beginSection(bytes, at, offset);
        break;
      case DECRYPTION_SECRETS:
        this.takeSecrets(bytes, at, total);
        break;
    }
  }

  /** Secrets of other protocols, and what is too much or does not fit its block, are left alone: no packet needs them. */
  private takeSecrets(bytes: Buffer, at: number, total: number): void {
    const length = this.u32(bytes, at + 12);
    if (this.u32(bytes, at + 8) !== TLS_KEY_LOG || length > total - DECRYPTION_SECRETS_BYTES) return;
    if (this.keyLogBytes + length > this.limits.keyLogBytes) {
      this.warnSecrets();
      return;
    }
    this.keyLogBytes += length;
    const keyLog = Buffer.from(bytes.subarray(at + 16, at + 16 + length));
    this.facts.keyLogs ??= [];
    this.facts.keyLogs.push(keyLog);
    this.sink.keyLog?.(keyLog);
  }

  private warnSecrets(): void {
    if (!this.secretsWarned) {
      this.facts.warnings.push(`Only ${this.limits.keyLogBytes} bytes of the TLS secrets in the capture are kept.`);
    }
    this.secretsWarned = true;
  }

  /** The comments of the packet that comes next, from its options on. */
  private takeComments(bytes: Buffer, from: number, end: number, offset: number): void {
    let text = '';
    for (let at = from; ; ) {
      const value = this.option(bytes, at, end, OPTION_COMMENT, 0, offset);
      if (value < 0) break;
      const length = this.u16(bytes, value - 2);
      if (text.length < this.limits.commentBytes)
        text += `${text === '' ? '' : '\n'}${bytes.toString('utf8', value, value + length)}`;
      at = value + ((length + 3) & ~3);
    }
    if (text === '') return;
    const { commentBytes } = this.limits;
    if (text.length > commentBytes) text = `${text.slice(0, Math.max(0, commentBytes - 1))}…`;
    this.facts.comments ??= new Map();
    const { comments } = this.facts;
    if (comments.size >= this.limits.comments || this.commentBytes + text.length > this.limits.commentsBytes) {
      if (!this.commentWarned) {
        this.facts.warnings.push(
          `Comments from that of frame ${this.frames + 1} on are not shown: there are too many.`,
        );
      }
      this.commentWarned = true;
      return;
    }
    this.commentBytes += text.length;
    comments.set(this.frames + 1, text);
    this.sink.comment?.(this.frames + 1, text);
  }

  /** The section's own length is not relied on: it is often absent and proves nothing that the blocks do not. */
  private beginSection(bytes: Buffer, at: number, offset: number): void {
    const major = this.u16(bytes, at + 12);
    if (major !== 1) {
      throw new CaptureError(
        'unsupported-version',
        offset,
        `The section at byte offset ${offset} is pcapng of version ${major}.${this.u16(bytes, at + 14)}; only version 1 ` +
          'is known. If another program reads it, let that write it anew, for example `editcap -F pcapng IN OUT`.',
      );
    }
    this.interfaces = [];
  }

  private addInterface(bytes: Buffer, at: number, total: number, offset: number): void {
    if (this.interfaces.length >= this.limits.interfaces) {
      throw new CaptureError(
        'limit',
        offset,
        `The section holds more than ${this.limits.interfaces} interface descriptions (byte offset ${offset}): no real capture ` +
          'does. What follows is not read; `editcap -r IN OUT 1-1000` takes the first packets out of it.',
      );
    }
    const linkType = this.u16(bytes, at + 8);
    const snapshotLength = this.u32(bytes, at + 12);
    const from = at + 16;
    const end = at + total - 4;
    const resolution = this.option(bytes, from, end, OPTION_TIMESTAMP_RESOLUTION, 1, offset);
    const shift = this.option(bytes, from, end, OPTION_TIMESTAMP_OFFSET, 8, offset);
    this.interfaces.push({
      linkType,
      snapshotLength,
      capturedLimit: maxCapturedBytes(snapshotLength, this.limits),
      clock: clockOf(
        resolution < 0 ? 6 : bytes.readUInt8(resolution),
        shift < 0 ? 0n : BigInt.asIntN(64, this.u64(bytes, shift)),
      ),
      drops: 0,
      packetDrops: 0,
    });
    if (!this.linkTypes.has(linkType)) {
      this.linkTypes.add(linkType);
      this.facts.linkTypes.push(linkType);
    }
  }

  private enhancedPacket(bytes: Buffer, at: number, total: number, offset: number): void {
    const source = this.interfaceOf(this.u32(bytes, at + 8), offset);
    this.timedPacket(source, bytes, at, total, offset);
  }

  private oldPacket(bytes: Buffer, at: number, total: number, offset: number): void {
    const source = this.interfaceOf(this.u16(bytes, at + 8), offset);
    const drops = this.u16(bytes, at + 10);
    if (drops !== 0 && drops !== DROPS_UNKNOWN) this.countPacketDrops(source, drops);
    this.timedPacket(source, bytes, at, total, offset);
  }

  /** Old and enhanced packet blocks are the same from byte 12 on: time, lengths, packet, padding, options. */
  private timedPacket(source: CaptureInterface, bytes: Buffer, at: number, total: number, offset: number): void {
    const { meta } = this;
    const captured = this.u32(bytes, at + 20);
    this.checkCaptured(captured, total - PACKET_BYTES, source, offset);
    const from = at + 28;
    const options = from + ((captured + 3) & ~3);
    const end = at + total - 4;
    if (options < end) {
      const drops = this.option(bytes, options, end, OPTION_PACKET_DROP_COUNT, 8, offset);
      if (drops >= 0) this.countPacketDrops(source, this.counter(bytes, drops));
      this.takeComments(bytes, options, end, offset);
    }
    if (!setTime(meta, source.clock, this.u32(bytes, at + 12), this.u32(bytes, at + 16))) this.warnTime(offset);
    meta.frame = ++this.frames;
    this.facts.packets++;
    meta.linkType = source.linkType;
    meta.originalLength = this.u32(bytes, at + 24);
    this.sink.packet(bytes, from, from + captured, meta);
  }

  /** A simple packet block belongs to the first interface, gives no time, and no captured length but the snapshot's. */
  private simplePacket(bytes: Buffer, at: number, total: number, offset: number): void {
    const { meta } = this;
    const source = this.interfaceOf(0, offset);
    const original = this.u32(bytes, at + 8);
    const captured = source.snapshotLength === 0 ? original : Math.min(original, source.snapshotLength);
    this.checkCaptured(captured, total - SIMPLE_PACKET_BYTES, source, offset);
    meta.frame = ++this.frames;
    this.facts.packets++;
    meta.timeUs = Number.NaN;
    meta.timeNanos = 0;
    meta.timeDigits = 6;
    meta.linkType = source.linkType;
    meta.originalLength = original;
    this.sink.packet(bytes, at + 12, at + 12 + captured, meta);
  }

  private takeStatistics(bytes: Buffer, at: number, total: number, offset: number): void {
    const source = this.interfaceOf(this.u32(bytes, at + 8), offset);
    const end = at + total - 4;
    const byInterface = this.option(bytes, at + 20, end, OPTION_INTERFACE_DROPS, 8, offset);
    const bySystem = this.option(bytes, at + 20, end, OPTION_SYSTEM_DROPS, 8, offset);
    // Both count from the start of the capture: a later block replaces what an earlier one said.
    const drops =
      (byInterface < 0 ? 0 : this.counter(bytes, byInterface)) + (bySystem < 0 ? 0 : this.counter(bytes, bySystem));
    this.raiseDrops(source, drops);
  }

  private countPacketDrops(source: CaptureInterface, drops: number): void {
    source.packetDrops += drops;
    this.raiseDrops(source, source.packetDrops);
  }

  /** Packets and statistics may count the same drops, so an interface has the larger of both, not the sum. */
  private raiseDrops(source: CaptureInterface, drops: number): void {
    if (drops <= source.drops) return;
    this.facts.dropped += drops - source.drops;
    source.drops = drops;
  }

  private interfaceOf(number: number, offset: number): CaptureInterface {
    const source = this.interfaces[number];
    if (source === undefined) {
      throw badBlock(
        offset,
        `names interface ${number}, but its section has described ${this.interfaces.length} so far`,
      );
    }
    return source;
  }

  private checkCaptured(captured: number, room: number, source: CaptureInterface, offset: number): void {
    const limit = Math.min(room, source.capturedLimit);
    if (captured > limit) throw badCapturedLength(offset, this.frames + 1, captured, limit);
  }

  /**
   * Where the value of the first option with this code lies in `bytes[from, end)`; -1 when there is none of at least
   * `leastBytes`. An option list that runs past its block is worth a warning: packets do not depend on it.
   */
  private option(bytes: Buffer, from: number, end: number, code: number, leastBytes: number, offset: number): number {
    let at = from;
    while (end - at >= 4) {
      const found = this.u16(bytes, at);
      const length = this.u16(bytes, at + 2);
      if (found === 0) return -1;
      if (length > end - at - 4) {
        if (!this.optionWarned)
          this.facts.warnings.push(`The options of the block at byte offset ${offset} run past its end.`);
        this.optionWarned = true;
        return -1;
      }
      if (found === code && length >= leastBytes) return at + 4;
      at += 4 + ((length + 3) & ~3);
    }
    return -1;
  }

  private u64(bytes: Buffer, at: number): bigint {
    return this.bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at);
  }

  /** A 64-bit counter; all ones mean that the writer does not know. */
  private counter(bytes: Buffer, at: number): number {
    const value = this.u64(bytes, at);
    return value === 0xffff_ffff_ffff_ffffn ? 0 : Number(value);
  }

  private warnTime(offset: number): void {
    if (!this.timeWarned) {
      this.facts.warnings.push(
        `The time of frame ${this.frames + 1} (byte offset ${offset}) is no date between the years 1 and 9999; ` +
          'such packets are read as having none.',
      );
    }
    this.timeWarned = true;
  }
}

/** The shortest valid block of a type that is looked into; 0 for those that are passed over. */
function leastBytes(type: number): number {
  switch (type) {
    case ENHANCED_PACKET:
    case OLD_PACKET:
      return PACKET_BYTES;
    case SIMPLE_PACKET:
      return SIMPLE_PACKET_BYTES;
    case INTERFACE_DESCRIPTION:
      return INTERFACE_DESCRIPTION_BYTES;
    case INTERFACE_STATISTICS:
      return INTERFACE_STATISTICS_BYTES;
    case SECTION_HEADER:
      return SECTION_HEADER_BYTES;
    case DECRYPTION_SECRETS:
      return DECRYPTION_SECRETS_BYTES;
    default:
      return 0;
  }
}

function badBlock(offset: number, what: string): CaptureError {
  return new CaptureError(
    'bad-block',
    offset,
    `The block at byte offset ${offset} ${what}: the capture is damaged there and cannot be read further. ` +
      'Copy it again in binary mode, or write it anew.',
  );
}

function badBlockLength(offset: number, total: number): CaptureError {
  return new CaptureError(
    'bad-length',
    offset,
    `The block at byte offset ${offset} claims a length of ${total} bytes, which is not possible: the capture is ` +
      'damaged there and cannot be read further. Copy it again in binary mode, or write it anew.',
  );
}
