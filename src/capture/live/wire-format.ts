/**
 * What goes through the pipe between the process that captures and the one that reads: records of a head of 16 bytes
 * and their bytes, all numbers little-endian.
 *
 *   0 seconds   4 microseconds   8 bytes that follow   12 length on the wire
 *
 * The top bit of the third number marks a notice: JSON instead of a packet. Notices stand in line with the packets, so
 * that "opened" comes before the first of them.
 */
import type { PacketMeta, PacketSink } from '../packet-sink.ts';
import { newPacketMeta } from '../packet-sink.ts';

export const HEAD_BYTES = 16;
const NOTICE = 0x80000000;
/** The longest packet that `cap` delivers is 65,535 bytes; a notice is far shorter. */
const MAX_RECORD_BYTES = 1 << 20;
/** Between two looks at the clock. */
const RECORDS_A_LOOK = 2;
const NOTHING: Buffer = Buffer.alloc(0);

export type Notice =
  /** The device is open and root is given up; packets follow. */
  | { readonly event: 'opened'; readonly linkType: number }
  /** It could not be opened. `why` is libpcap's or Node's own text. */
  | { readonly event: 'failed'; readonly stage: 'load' | 'open' | 'drop'; readonly why: string };

/** What a keeper says, as a line of JSON on its standard output: its process that captured has ended. */
export interface KeeperWord {
  readonly signal: string | null;
  readonly status: number | null;
}

/** What a process that was told to end says on its standard output, as a line of JSON, before its last packets. */
export interface CapturedWord {
  /** Packets since it opened the device. */
  readonly captured: number;
}

/** Where the records go in the capturing process. */
export const DATA_FD = 3;

/** A notice as it goes into the pipe. */
export function noticeRecord(notice: Notice): Buffer {
  const text = Buffer.from(JSON.stringify(notice));
  const record = Buffer.alloc(HEAD_BYTES + text.length);
  record.writeUInt32LE((NOTICE | text.length) >>> 0, 8);
  text.copy(record, HEAD_BYTES);
  return record;
}

/** Writes the head of a packet at `at`. `timeUs` is in microseconds since 1970. */
export function writePacketHead(target: Buffer, at: number, timeUs: number, length: number, onWire: number): void {
  const seconds = Math.floor(timeUs / 1e6);
  target.writeUInt32LE(seconds, at);
  target.writeUInt32LE(Math.floor(timeUs - seconds * 1e6), at + 4);
  target.writeUInt32LE(length, at + 8);
  target.writeUInt32LE(onWire, at + 12);
}

/** Records out of the pipe, chunk by chunk as they come. */
export class RecordPipe {
  /** Packets so far, over all openings of the device: their frame numbers. */
  packets = 0;
  /** Bytes of packets so far. */
  bytes = 0;
  /** Time of the latest packet; NaN before the first. */
  lastUs = Number.NaN;
  readonly #sink: PacketSink;
  readonly #onNotice: (notice: Notice) => void;
  readonly #meta: PacketMeta = newPacketMeta();
  /** Bytes that have come, handed on up to `#at`. */
  #bytes: Buffer = NOTHING;
  #at = 0;

  constructor(sink: PacketSink, onNotice: (notice: Notice) => void) {
    this.#sink = sink;
    this.#onNotice = onNotice;
  }

  /** The process at the other end was replaced: what it left half-said is worth nothing. */
  reset(): void {
    this.#bytes = NOTHING;
    this.#at = 0;
  }

  set linkType(value: number) {
    this.#meta.linkType = value;
  }

  /** Takes the next bytes, and hands on nothing yet. */
  take(chunk: Buffer): void {
    const left = this.#bytes.length - this.#at;
    this.#bytes = left === 0 ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /**
   * Hands on the records that are whole, but begins none after `untilMs` (as `performance.now`); false when some are
   * left. Throws where what came cannot be ours; what the sink throws passes through.
   */
  handOn(untilMs = Number.POSITIVE_INFINITY): boolean {
    for (let count = 1; ; count++) {
      const bytes = this.#bytes;
      const start = this.#at + HEAD_BYTES;
      if (start > bytes.length) return this.#keepRest();
      const marked = bytes.readUInt32LE(start - 8);
      const length = marked >= NOTICE ? marked - NOTICE : marked;
      if (length > MAX_RECORD_BYTES) throw new Error(`a record of ${length} bytes came out of the capture process`);
      const end = start + length;
      if (end > bytes.length) return this.#keepRest();
      if (count % RECORDS_A_LOOK === 0 && performance.now() > untilMs) return false;
      this.#at = end;
      if (marked >= NOTICE) this.#onNotice(JSON.parse(bytes.toString('utf8', start, end)) as Notice);
      else this.#packet(bytes, start, end);
    }
  }

  /** What is half there must not hold the large chunk that it lies in. */
  #keepRest(): true {
    this.#bytes = this.#at === this.#bytes.length ? NOTHING : Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = 0;
    return true;
  }

  #packet(bytes: Buffer, start: number, end: number): void {
    const meta = this.#meta;
    const head = start - HEAD_BYTES;
    meta.timeUs = bytes.readUInt32LE(head) * 1e6 + bytes.readUInt32LE(head + 4);
    meta.originalLength = bytes.readUInt32LE(head + 12);
    meta.frame = ++this.packets;
    this.bytes += end - start;
    this.lastUs = meta.timeUs;
    this.#sink.packet(bytes, start, end, meta);
  }
}
