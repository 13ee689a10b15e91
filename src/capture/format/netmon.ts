import type { SpillStore } from '../../bytes/byte-chains.ts';
import { u16le, u32le } from '../../bytes/read.ts';
import type { CaptureFacts, PacketMeta, PacketSink } from '../packet-sink.ts';
import { CaptureError, newPacketMeta } from '../packet-sink.ts';
import type { CaptureLimits } from './limits.ts';
import type { RecordReader } from './record-reader.ts';
import { cutInHeader, warnCut } from './record-reader.ts';
import { UNKNOWN_LINK_TYPE } from './unknown-link-type.ts';

/**
 * Microsoft Network Monitor 1.x and 2.0 to 2.3: a file header of 128 bytes, frames with holes between them in any order,
 * and a table, usually behind them, of where each begins. All numbers are little-endian. (The help of Network Monitor
 * 3.4 describes it; what that leaves open is as Wireshark reads it.)
 *
 *   header: 0 magic   4 minor   5 major version   6 kind of link   8 start as SYSTEMTIME   24 table offset   28 its bytes
 *   frame of 1.x: 0 milliseconds since the start   4 original   6 captured length   8 packet
 *   frame of 2.x: 0 microseconds since the start   8 original   12 captured length   16 packet, then from 2.1 on its kind
 *   of link, from 2.2 a number of a process, from 2.3 its time in UTC (100 ns since 1601) and a number of a time zone
 *
 * Nothing can be said of such a file before its end: a file is read where it stands, a stream from a copy.
 */

/** A capture that can be read at any place. */
export interface WholeCapture {
  readonly sizeBytes: number;
  /** Fills `target[at, at + length)` with what stands at `position`, all of it inside of `sizeBytes`. */
  read(target: Buffer, at: number, length: number, position: number): void;
}

/** Where a reader finds the capture again once all of it has come. */
export interface WholeCaptureOptions {
  /** The capture itself, where it is a file. */
  whole?: WholeCapture | undefined;
  /** Where to copy it, where it is not. */
  store?: SpillStore | undefined;
  /** Called from time to time while it is read: output may be written. */
  tick?: (() => void) | undefined;
}

const MAGIC_1 = Buffer.from('RTSS', 'latin1');
const MAGIC_2 = Buffer.from('GMBU', 'latin1');
const HEADER_BYTES = 128;
const HEADER_NAME = 'the file header of a Network Monitor capture';
const ENTRY_BYTES = 4;
const WINDOW_BYTES = 256 * 1024;
/** Read at a place that does not follow the one before, so that frames in a wild order do not cost a window each. */
const JUMP_BYTES = 4096;
/** Offsets and lengths have 32 bits: nothing that belongs to a capture lies further in. */
const MOST_BYTES = 2 ** 33;
/** 1601 to 1970. */
const FILETIME_EPOCH_US = 11_644_473_600_000_000n;

const ETHERNET = 1;
const RAW_IP = 101;
const IEEE802_11 = 105;
/** 802.11 behind a header of its own, whose length stands at its second byte. */
const NETMON_WLAN = 6;
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET],
  [1, ETHERNET],
  [2, 6], // Token Ring
  [3, 10], // FDDI
  [NETMON_WLAN, IEEE802_11],
  [7, RAW_IP], // tunnel
  [8, RAW_IP], // wireless WAN
  [9, RAW_IP],
  [0xe080, IEEE802_11],
]);
/** Above are LINKTYPE_ values of converted captures, except for what Message Analyzer put among them. */
const PCAP_BASE = 0xe000;
const MESSAGE_ANALYZER = { first: 0xe080, last: 0xe08a };
/** What describes the capture and is numbered like a packet: events, adapters, filters. */
const DESCRIPTIONS: readonly number[] = [0xffe0, 0xfffb, 0xffff];
/** What has no number: parts of what was put together, adapters in their old form, names that were resolved. */
const UNNUMBERED: readonly number[] = [0xfffc, 0xfffd, 0xfffe];

export function isNetmon(bytes: Buffer, at: number): boolean {
  return [MAGIC_1, MAGIC_2].some((magic) => bytes.compare(magic, 0, 4, at, at + 4) === 0);
}

/** Lets the capture pass, copied unless it is a file, and reads it in `finish`. */
export class NetmonReader implements RecordReader {
  needBytes = 1;
  skipBytes = 0;
  readonly passing = null; // records are never passed over
  readonly headerName = HEADER_NAME;
  readonly #sink: PacketSink;
  readonly #facts: CaptureFacts;
  readonly #limits: CaptureLimits;
  readonly #options: WholeCaptureOptions;
  #copied = 0;

  constructor(sink: PacketSink, facts: CaptureFacts, limits: CaptureLimits, options: WholeCaptureOptions) {
    this.#sink = sink;
    this.#facts = facts;
    this.#limits = limits;
    this.#options = options;
    facts.format = 'netmon';
  }

  get needsNoMore(): boolean {
    return this.#options.whole !== undefined;
  }

  pending(): string {
    return HEADER_NAME;
  }

  read(bytes: Buffer, start: number, end: number): number {
    const { store, whole } = this.#options;
    if (whole !== undefined) return end;
    const length = Math.min(end - start, MOST_BYTES - this.#copied);
    if (length > 0 && !store?.write(bytes.subarray(start, start + length), this.#copied)) {
      throw new CaptureError(
        'limit',
        this.#copied,
        `A Network Monitor capture has the table of its frames at its end, and no room was found (byte offset ` +
          `${this.#copied}) to keep it until then. Save it as a file and name that, or let TMPDIR name another place.`,
      );
    }
    this.#copied += Math.max(0, length);
    return end;
  }

  finish(): void {
    const { whole, store, tick } = this.#options;
    const copied = this.#copied;
    const capture = whole ?? { sizeBytes: copied, read: (...where) => store?.read(...where) };
    new NetmonFrames(capture, this.#sink, this.#facts, this.#limits, tick).read();
    if (whole !== undefined) this.#facts.bytes = whole.sizeBytes;
  }
}

/** A part of the capture in memory, moved to where something is asked for. */
class Window {
  bytes = Buffer.allocUnsafe(WINDOW_BYTES);
  readonly #capture: WholeCapture;
  readonly #moved: (() => void) | undefined;
  #start = 0;
  #end = 0;

  constructor(capture: WholeCapture, moved?: () => void) {
    this.#capture = capture;
    this.#moved = moved;
  }

  /** Where in `bytes` the `length` bytes at `position` are until the next call; -1 where the capture ends before. */
  at(position: number, length: number): number {
    if (position >= this.#start && position + length <= this.#end) return position - this.#start;
    const { sizeBytes } = this.#capture;
    if (position + length > sizeBytes) return -1;
    // No longer than the capture, and checked against the limit of a record.
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafe(length);
    const follows = position >= this.#start && position <= this.#end + JUMP_BYTES;
    const most = follows || this.#end === 0 ? this.bytes.length : Math.max(length, JUMP_BYTES);
    const count = Math.min(most, sizeBytes - position);
    this.#start = position;
    this.#end = position;
    this.#capture.read(this.bytes, 0, count, position);
    this.#end = position + count;
    this.#moved?.();
    return 0;
  }
}

class NetmonFrames {
  readonly #sink: PacketSink;
  readonly #facts: CaptureFacts;
  readonly #sizeBytes: number;
  readonly #recordBytes: number;
  readonly #frames: Window;
  readonly #table: Window;
  readonly #meta: PacketMeta = newPacketMeta();
  readonly #linkTypes = new Set<number>();
  #headerBytes = 16;
  #trailerBytes = 0;
  #minorVersion = 0;
  #network = 0;
  /** NaN where the file does not tell. */
  #startUs = Number.NaN;
  /** Of all frames so far. */
  #usedBytes = 0;
  /** Behind the last frame that was read. */
  #end = HEADER_BYTES;
  #unread = 0;
  #firstUnread = '';

  constructor(
    capture: WholeCapture,
    sink: PacketSink,
    facts: CaptureFacts,
    { recordBytes }: CaptureLimits,
    tick: (() => void) | undefined,
  ) {
    this.#sink = sink;
    this.#facts = facts;
    this.#sizeBytes = capture.sizeBytes;
    this.#recordBytes = recordBytes;
    this.#frames = new Window(capture, tick);
    this.#table = new Window(capture);
  }

  read(): void {
    const { tableOffset, tableBytes } = this.#header();
    const facts = this.#facts;
    const wanted = Math.floor(tableBytes / ENTRY_BYTES);
    const isPossible = tableOffset >= HEADER_BYTES && wanted > 0;
    const bytesThere = isPossible ? Math.max(0, Math.min(this.#sizeBytes - tableOffset, tableBytes)) : 0;
    const there = Math.floor(bytesThere / ENTRY_BYTES);
    for (let entry = 0; entry < there; entry++) {
      const where = tableOffset + entry * ENTRY_BYTES;
      const at = this.#table.at(where, ENTRY_BYTES);
      this.#listed(u32le(this.#table.bytes, at), where);
    }
    if (isPossible && there < wanted) {
      warnCut(facts, 'the table of its frames', tableOffset, bytesThere, tableBytes);
      this.#inOrder(Math.min(this.#sizeBytes, tableOffset));
    } else if (!isPossible && this.#sizeBytes > HEADER_BYTES) {
      facts.warnings.push('The capture has no table of its frames (byte offset 24): they are read as they lie in it.');
      this.#inOrder(this.#sizeBytes);
    }
    if (this.#unread > 0) {
      const frames = this.#unread === 1 ? '1 frame' : `${this.#unread} frames`;
      facts.warnings.push(`The table of the capture names ${frames} that cannot be: ${this.#firstUnread}.`);
    }
    if (this.#minorVersion < 3 && facts.packets > 0) {
      facts.warnings.push(
        'The times of this capture are those of the clock on the wall where it was taken: the file does not say in ' +
          'which time zone that is. They are shown as if it were UTC.',
      );
    }
  }

  #header(): { tableOffset: number; tableBytes: number } {
    const at = this.#frames.at(0, HEADER_BYTES);
    if (at < 0) throw cutInHeader(HEADER_NAME, this.#sizeBytes, HEADER_BYTES);
    const { bytes } = this.#frames;
    const minor = bytes[at + 4] as number;
    const major = bytes[at + 5] as number;
    if (major !== 1 && major !== 2) {
      throw new CaptureError(
        'unsupported-version',
        4,
        `This is a Network Monitor capture of version ${major}.${minor} (byte offset 4); only versions 1 and 2 are ` +
          'known. If another program reads it, let that write it anew, for example `editcap -F pcapng IN OUT`.',
      );
    }
    this.#headerBytes = major === 1 ? 8 : 16;
    this.#minorVersion = major === 1 ? 0 : minor;
    this.#trailerBytes = [0, 2, 6, 15][Math.min(3, this.#minorVersion)] as number;
    this.#network = u16le(bytes, at + 6);
    this.#startUs = systemTimeUs(bytes, at + 8);
    this.#meta.timeDigits = this.#minorVersion >= 3 ? 9 : 6;
    return { tableOffset: u32le(bytes, at + 24), tableBytes: u32le(bytes, at + 28) };
  }

  /** The frame that the table's entry at `entryOffset` says is at `position`. */
  #listed(position: number, entryOffset: number): void {
    const total = position < HEADER_BYTES ? -1 : this.#recordLength(position);
    if (total < 0 || position + total > this.#sizeBytes) {
      if (this.#unread++ === 0) {
        this.#firstUnread = `the entry at byte offset ${entryOffset} leads to byte offset ${position}, where no frame is`;
      }
      return;
    }
    this.#usedBytes += total;
    // Else a small file could name one large frame again and again, and take for ever.
    if (this.#usedBytes > this.#sizeBytes) {
      throw new CaptureError(
        'bad-block',
        entryOffset,
        `The frames in the table of the capture, up to its entry at byte offset ${entryOffset}, are longer together than ` +
          'the capture: they lie over each other. It is damaged there and cannot be read further.',
      );
    }
    this.#take(position, total);
  }

  /** The frames that follow each other from behind the last one on. */
  #inOrder(end: number): void {
    while (this.#end < end) {
      const position = this.#end;
      const total = this.#recordLength(position);
      const what = `the record of frame ${this.#facts.packets + 1}`;
      if (total < 0 && position + this.#headerBytes <= this.#sizeBytes) {
        this.#facts.warnings.push(
          `At byte offset ${position}, where ${what} should be, is none: the rest is not read.`,
        );
        return;
      }
      if (total < 0 || position + total > end) {
        warnCut(this.#facts, what, position, end - position, Math.max(total, this.#headerBytes));
        return;
      }
      this.#take(position, total);
    }
  }

  /** Bytes of the record at `position` by its own account; -1 where that cannot be, or its header is not there. */
  #recordLength(position: number): number {
    const at = this.#frames.at(position, this.#headerBytes);
    if (at < 0) return -1;
    const captured = this.#capturedAt(at);
    return captured > this.#recordBytes ? -1 : this.#headerBytes + captured + this.#trailerBytes;
  }

  #capturedAt(at: number): number {
    const { bytes } = this.#frames;
    return this.#headerBytes === 8 ? u16le(bytes, at + 6) : u32le(bytes, at + 12);
  }

  #take(position: number, total: number): void {
    this.#end = position + total;
    const at = this.#frames.at(position, total);
    const { bytes } = this.#frames;
    const start = at + this.#headerBytes;
    const end = at + total - this.#trailerBytes;
    const network = this.#minorVersion === 0 ? this.#network : u16le(bytes, end);
    if (UNNUMBERED.includes(network)) return;
    const meta = this.#meta;
    meta.frame = ++this.#facts.packets;
    if (DESCRIPTIONS.includes(network)) return;
    this.#timeOf(at, end);
    const original = this.#headerBytes === 8 ? u16le(bytes, at + 4) : u32le(bytes, at + 8);
    const isWlan = network === NETMON_WLAN && end - start >= 3;
    const before = isWlan ? Math.min(u16le(bytes, start + 1), end - start) : 0;
    meta.originalLength = Math.max(original - before, end - start - before);
    meta.linkType = linkTypeOf(network);
    if (!this.#linkTypes.has(meta.linkType)) {
      this.#linkTypes.add(meta.linkType);
      this.#facts.linkTypes.push(meta.linkType);
    }
    this.#sink.packet(bytes, start + before, end, meta);
  }

  #timeOf(at: number, trailer: number): void {
    const { bytes } = this.#frames;
    const meta = this.#meta;
    meta.timeNanos = 0;
    if (this.#headerBytes === 8) {
      meta.timeUs = this.#startUs + u32le(bytes, at) * 1000;
      return;
    }
    const ticks = this.#minorVersion >= 3 ? bytes.readBigUInt64LE(trailer + 6) : 0n;
    if (ticks > 0n) {
      meta.timeNanos = Number(ticks % 10n) * 100;
      meta.timeUs = possible(Number(ticks / 10n - FILETIME_EPOCH_US));
      return;
    }
    // It may lie before the start: in tenths of a microsecond the number is to be read as a signed one.
    const sinceUs = BigInt.asIntN(64, bytes.readBigUInt64LE(at) * 10n) / 10n;
    meta.timeUs = possible(this.#startUs + Number(sinceUs));
  }
}

function linkTypeOf(network: number): number {
  const known = LINK_TYPES.get(network);
  if (known !== undefined) return known;
  const isOfPcap = network >> 12 === PCAP_BASE >> 12;
  const isOfMessageAnalyzer = network >= MESSAGE_ANALYZER.first && network <= MESSAGE_ANALYZER.last;
  return isOfPcap && !isOfMessageAnalyzer ? network - PCAP_BASE : UNKNOWN_LINK_TYPE + network;
}

/** SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond. NaN where it names no time. */
function systemTimeUs(bytes: Buffer, at: number): number {
  const field = (index: number): number => u16le(bytes, at + 2 * index);
  const [year, month, day, hour, minute, second, ms] = [0, 1, 3, 4, 5, 6, 7].map(field) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isTime = year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!isTime || hour > 23 || minute > 59 || second > 60 || ms > 999) return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) * 1000;
}

/** NaN for what is no time since 1970 that a number can hold to the microsecond. */
function possible(timeUs: number): number {
  return timeUs >= 0 && timeUs <= Number.MAX_SAFE_INTEGER ? timeUs : Number.NaN;
}
