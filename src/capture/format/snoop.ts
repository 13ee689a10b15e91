import { u32be } from '../../bytes/read.ts';
import type { CaptureFacts, PacketMeta, PacketSink } from '../packet-sink.ts';
import { CaptureError, newPacketMeta } from '../packet-sink.ts';
import type { CaptureLimits } from './limits.ts';
import type { RecordReader } from './record-reader.ts';
import { badCapturedLength } from './record-reader.ts';
import { UNKNOWN_LINK_TYPE } from './unknown-link-type.ts';

/**
 * snoop (RFC 1761), what Solaris and illumos write: a header of 8 bytes of name, version and kind of link, then records
 * of 24 bytes, the packet and padding. All numbers are big-endian.
 *
 *   0 original length   4 captured length   8 length of the record   12 packets dropped so far   16 seconds   20 micros
 */

export const SNOOP_MAGIC = Buffer.from('snoop\0\0\0', 'latin1');
const FILE_HEADER_BYTES = 16;
const RECORD_HEADER_BYTES = 24;
/** Padding brings a record to a multiple of 4; some writers take more. */
const MAX_PADDING_BYTES = 1024;

/** LINKTYPE_ values of the kinds that occur: 802.3, Ethernet, FDDI, and IPNET of Solaris. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 6],
  [4, 1],
  [8, 10],
  [26, 226],
]);

export function isSnoop(bytes: Buffer, at: number): boolean {
  return bytes.compare(SNOOP_MAGIC, 0, SNOOP_MAGIC.length, at, at + SNOOP_MAGIC.length) === 0;
}

export class SnoopReader implements RecordReader {
  needBytes = FILE_HEADER_BYTES;
  skipBytes = 0;
  readonly passing = null; // records are never passed over
  readonly headerName = 'the file header of a snoop capture';
  private readonly sink: PacketSink;
  private readonly facts: CaptureFacts;
  private readonly recordBytes: number;
  private readonly meta: PacketMeta = newPacketMeta();
  private headerSeen = false;

  constructor(sink: PacketSink, facts: CaptureFacts, { recordBytes }: CaptureLimits) {
    this.recordBytes = recordBytes;
    this.sink = sink;
    this.facts = facts;
    facts.format = 'snoop';
  }

  pending(): string {
    return `the record of frame ${this.facts.packets + 1}`;
  }

  read(bytes: Buffer, start: number, end: number, base: number): number {
    let at = start;
    if (!this.headerSeen) {
      if (end - at < FILE_HEADER_BYTES) return at;
      this.takeHeader(bytes, at);
      at += FILE_HEADER_BYTES;
    }
    const { facts, meta } = this;
    while (end - at >= RECORD_HEADER_BYTES) {
      const captured = u32be(bytes, at + 4);
      const length = u32be(bytes, at + 8);
      if (captured > this.recordBytes) {
        throw badCapturedLength(base + at, facts.packets + 1, captured, this.recordBytes);
      }
      const least = RECORD_HEADER_BYTES + captured;
      if (length < least || length > least + MAX_PADDING_BYTES) throw badRecord(base + at, facts.packets + 1, length);
      if (length > end - at) {
        this.needBytes = length;
        return at;
      }
      const drops = u32be(bytes, at + 12);
      if (drops > facts.dropped) facts.dropped = drops;
      meta.timeUs = u32be(bytes, at + 16) * 1e6 + u32be(bytes, at + 20);
      meta.frame = ++facts.packets;
      meta.originalLength = u32be(bytes, at);
      this.sink.packet(bytes, at + RECORD_HEADER_BYTES, at + least, meta);
      at += length;
    }
    this.needBytes = RECORD_HEADER_BYTES;
    return at;
  }

  private takeHeader(bytes: Buffer, at: number): void {
    const version = u32be(bytes, at + 8);
    if (version !== 2) {
      throw new CaptureError(
        'unsupported-version',
        8,
        `This is a snoop capture of version ${version} (byte offset 8); only version 2 is known. ` +
          'If another program reads it, let that write it anew, for example `editcap -F pcapng IN OUT`.',
      );
    }
    const kind = u32be(bytes, at + 12);
    this.meta.linkType = LINK_TYPES.get(kind) ?? UNKNOWN_LINK_TYPE + Math.min(kind, 0xffff);
    this.facts.linkTypes.push(this.meta.linkType);
    this.headerSeen = true;
  }
}

function badRecord(offset: number, frame: number, length: number): CaptureError {
  return new CaptureError(
    'bad-length',
    offset,
    `The record of frame ${frame} at byte offset ${offset} claims a length of ${length} bytes, which does not fit its ` +
      'packet: the capture is damaged there and cannot be read further. Copy it again in binary mode, or write it anew.',
  );
}
