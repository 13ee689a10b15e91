import { u16be, u16le, u32be, u32le } from '../../bytes/read.ts';
import type { CaptureFacts, PacketMeta, PacketSink } from '../packet-sink.ts';
import { CaptureError, newPacketMeta } from '../packet-sink.ts';
import { type CaptureLimits, maxCapturedBytes } from './limits.ts';
import type { RecordReader } from './record-reader.ts';
import { badCapturedLength } from './record-reader.ts';

/**
 * Classic pcap (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of a header of 16 and the packet. All
 * numbers are in the byte order of the machine that wrote the file, which the magic number shows.
 *
 * This is the hottest loop of the program: no object, no slice and no call but the sink's for a packet.
 */

export const PCAP_FILE_HEADER_BYTES = 24;
export const PCAP_RECORD_HEADER_BYTES = 16;
export const PCAP_HEADER_NAME = 'the file header of a pcap';

/** Which classic pcap the first four bytes announce; null when they announce something else. */
export interface PcapVariant {
  bigEndian: boolean;
  /** Fractions of a second are nanoseconds (a1b23c4d), not microseconds (a1b2c3d4). */
  nanosecond: boolean;
  /** 16; 24 in the format of old Linux patches (a1b2cd34), which adds interface, protocol and packet type. */
  recordHeaderBytes: number;
}

export function pcapVariant(bytes: Buffer, at: number): PcapVariant | null {
  const bigEndian = bytes[at] === 0xa1;
  switch (bigEndian ? u32be(bytes, at) : u32le(bytes, at)) {
    case 0xa1b2c3d4:
      return { bigEndian, nanosecond: false, recordHeaderBytes: PCAP_RECORD_HEADER_BYTES };
    case 0xa1b23c4d:
      return { bigEndian, nanosecond: true, recordHeaderBytes: PCAP_RECORD_HEADER_BYTES };
    case 0xa1b2cd34:
      return { bigEndian, nanosecond: false, recordHeaderBytes: 24 };
    default:
      return null;
  }
}

/** What the file header says, checked. */
export interface PcapFileHeader {
  minorVersion: number;
  snapshotLength: number;
  linkType: number;
}

/**
 * Reads the 24 bytes at `at`. Throws `unsupported-version` for a major version other than 2.
 */
export function pcapFileHeader(bytes: Buffer, at: number, bigEndian: boolean): PcapFileHeader {
  const major = bigEndian ? u16be(bytes, at + 4) : u16le(bytes, at + 4);
  const minorVersion = bigEndian ? u16be(bytes, at + 6) : u16le(bytes, at + 6);
  if (major !== 2) {
    throw new CaptureError(
      'unsupported-version',
      4,
      `This is a pcap file of version ${major}.${minorVersion} (byte offset 4); only version 2 is known. ` +
        'If another program reads it, let that write it anew, for example `editcap -F pcap IN OUT`.',
    );
  }
  return {
    minorVersion,
    snapshotLength: bigEndian ? u32be(bytes, at + 16) : u32le(bytes, at + 16),
    // The upper bits tell of a frame check sequence (bit 26, and its length in the top four), as libpcap reads them.
    linkType: (bigEndian ? u32be(bytes, at + 20) : u32le(bytes, at + 20)) & 0x03ffffff,
  };
}

export class PcapReader implements RecordReader {
  needBytes = PCAP_FILE_HEADER_BYTES;
  skipBytes = 0;
  readonly passing = null; // records are never passed over
  readonly headerName = PCAP_HEADER_NAME;
  private readonly sink: PacketSink;
  private readonly facts: CaptureFacts;
  private readonly limits: CaptureLimits;
  private readonly variant: PcapVariant;
  private readonly meta: PacketMeta = newPacketMeta();
  private headerSeen = false;
  private capturedLimit = 0;
  /** Before version 2.4 some writers gave the original length first: the smaller of the two is the captured one. */
  private lengthsMayBeSwapped = false;

  constructor(variant: PcapVariant, sink: PacketSink, facts: CaptureFacts, limits: CaptureLimits) {
    this.limits = limits;
    this.variant = variant;
    this.sink = sink;
    this.facts = facts;
    facts.format = variant.nanosecond ? 'pcap-nanosecond' : 'pcap';
    this.meta.timeDigits = variant.nanosecond ? 9 : 6;
  }

  read(bytes: Buffer, start: number, end: number, base: number): number {
    if (this.headerSeen) return this.readRecords(bytes, start, end, base);
    if (end - start < PCAP_FILE_HEADER_BYTES) return start;
    const header = pcapFileHeader(bytes, start, this.variant.bigEndian);
    this.capturedLimit = maxCapturedBytes(header.snapshotLength, this.limits);
    this.lengthsMayBeSwapped = header.minorVersion < 4;
    this.meta.linkType = header.linkType;
    this.facts.linkTypes.push(header.linkType);
    this.headerSeen = true;
    return this.readRecords(bytes, start + PCAP_FILE_HEADER_BYTES, end, base);
  }

  pending(): string {
    return `the record of frame ${this.facts.packets + 1}`;
  }

  private readRecords(bytes: Buffer, start: number, end: number, base: number): number {
    const { sink, meta, facts, capturedLimit, lengthsMayBeSwapped } = this;
    const { bigEndian, nanosecond, recordHeaderBytes } = this.variant;
    let at = start;
    while (end - at >= recordHeaderBytes) {
      let captured = bigEndian ? u32be(bytes, at + 8) : u32le(bytes, at + 8);
      let original = bigEndian ? u32be(bytes, at + 12) : u32le(bytes, at + 12);
      if (lengthsMayBeSwapped && captured > original) {
        const first = captured;
        captured = original;
        original = first;
      }
      if (captured > capturedLimit) throw badCapturedLength(base + at, facts.packets + 1, captured, capturedLimit);
      const from = at + recordHeaderBytes;
      const to = from + captured;
      if (to > end) {
        this.needBytes = recordHeaderBytes + captured;
        return at;
      }
      const seconds = bigEndian ? u32be(bytes, at) : u32le(bytes, at);
      const fraction = bigEndian ? u32be(bytes, at + 4) : u32le(bytes, at + 4);
      // A fraction of a second or more is carried over: damaged or odd writers, seen in the wild.
      if (nanosecond) {
        const micros = Math.floor(fraction / 1000);
        meta.timeUs = seconds * 1e6 + micros;
        meta.timeNanos = fraction - micros * 1000;
      } else {
        meta.timeUs = seconds * 1e6 + fraction;
      }
      meta.frame = ++facts.packets;
      meta.originalLength = original;
      sink.packet(bytes, from, to, meta);
      at = to;
    }
    this.needBytes = recordHeaderBytes;
    return at;
  }
}
