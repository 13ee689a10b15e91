import { EventEmitter } from 'node:events';
import type { PacketHeader, Parser, parse } from 'pcap-parser';
import { CAPTURE_LIMITS, type CaptureLimits, maxCapturedBytes } from '../format/limits.ts';
import { PCAP_FILE_HEADER_BYTES, PCAP_HEADER_NAME, PCAP_RECORD_HEADER_BYTES } from '../format/pcap.ts';
import { badCapturedLength, cutInHeader, warnCut } from '../format/record-reader.ts';
import type { Scanner } from '../format/scan.ts';
import { newCaptureFacts } from '../format/scan.ts';
import type { CaptureError, CaptureFacts, PacketMeta, PacketSink } from '../packet-sink.ts';
import { newPacketMeta } from '../packet-sink.ts';

/**
 * Classic microsecond pcap through the npm package pcap-parser, behind the guards that it needs:
 *
 * - it would await a body of any length: every `packetHeader` is checked first, and a bad one makes it wait for ever
 *   (`capturedLength = Infinity`) and ignore what follows (`errored`);
 * - it says nothing of a cut last record: bytes are counted against records;
 * - it joins its buffer with every chunk by `new Buffer`, which costs time by the square and may print DEP0005: bytes are
 *   held here until they complete something, and its buffer is taken away after each call, so it never joins.
 *
 * The input must be known to be version 2.4 with magic a1b2c3d4. All this leans on internals of 0.2.1: the version is
 * pinned, and the tests hold it against our own scanner packet by packet.
 */
export async function createPcapParserScanner(sink: PacketSink, limits: Partial<CaptureLimits> = {}): Promise<Scanner> {
  const { parse: parsePcap } = await import('pcap-parser');
  return new PcapParserScanner(parsePcap, sink, { ...CAPTURE_LIMITS, ...limits });
}

/** Stands in for the stream that pcap-parser wants to read. */
class Feed extends EventEmitter {
  pause(): void {}
  resume(): void {}
}

class PcapParserScanner implements Scanner {
  readonly facts: CaptureFacts = newCaptureFacts(null);
  private readonly feed = new Feed();
  private readonly parser: Parser;
  private readonly sink: PacketSink;
  private readonly meta: PacketMeta = newPacketMeta();
  private failure: CaptureError | null = null;
  private capturedLimit = 0;
  private headerSeen = false;
  /** Where the record that is being read begins, and how long it is as far as known. */
  private recordOffset = 0;
  private recordBytes = PCAP_FILE_HEADER_BYTES;
  /** Bytes that pcap-parser has not been given, or has given back: the beginning of something. */
  private held = Buffer.allocUnsafe(64 * 1024);
  private heldLength = 0;
  /** How many bytes, held ones included, it can do something with. */
  private needBytes = PCAP_FILE_HEADER_BYTES;

  constructor(parsePcap: typeof parse, sink: PacketSink, limits: CaptureLimits) {
    this.sink = sink;
    this.parser = parsePcap(this.feed);
    this.parser.on('globalHeader', (header) => {
      this.capturedLimit = maxCapturedBytes(header.snapshotLength, limits);
      this.meta.linkType = header.linkLayerType & 0x03ffffff;
      this.facts.linkTypes.push(this.meta.linkType);
      this.headerSeen = true;
      this.beginRecord(PCAP_FILE_HEADER_BYTES);
    });
    this.parser.on('packetHeader', (header) => this.checkHeader(header));
    this.parser.on('packet', ({ header, data }) => this.handOver(header, data));
  }

  push(chunk: Buffer, start = 0, end = chunk.length): void {
    if (this.failure) throw this.failure;
    this.facts.bytes += end - start;
    if (this.heldLength + end - start < this.needBytes) {
      this.hold(chunk, start, end);
      return;
    }
    const arrived = chunk.subarray(start, end);
    const bytes = this.heldLength === 0 ? arrived : Buffer.concat([this.held.subarray(0, this.heldLength), arrived]);
    this.heldLength = 0;
    this.feed.emit('data', bytes);
    if (this.failure) throw this.failure;
    const rest = this.parser.buffer;
    this.parser.buffer = null;
    if (rest) this.hold(rest, 0, rest.length);
  }

  finish(): CaptureFacts {
    if (this.failure) throw this.failure;
    const { facts, recordOffset, recordBytes } = this;
    const have = facts.bytes - recordOffset;
    if (have > 0 && !this.headerSeen) {
      this.failure = cutInHeader(PCAP_HEADER_NAME, have, PCAP_FILE_HEADER_BYTES);
      this.failure.facts = facts;
      throw this.failure;
    }
    if (have > 0) warnCut(facts, `the record of frame ${facts.packets + 1}`, recordOffset, have, recordBytes);
    return facts;
  }

  private checkHeader(header: PacketHeader): void {
    if (header.capturedLength > this.capturedLimit) {
      const { facts, recordOffset, capturedLimit } = this;
      this.failure = badCapturedLength(recordOffset, facts.packets + 1, header.capturedLength, capturedLimit);
      this.failure.facts = facts;
      facts.bytes = recordOffset;
      header.capturedLength = Number.POSITIVE_INFINITY;
      this.parser.errored = true;
      return;
    }
    this.needBytes = header.capturedLength;
    this.recordBytes = PCAP_RECORD_HEADER_BYTES + header.capturedLength;
  }

  private handOver(header: PacketHeader, data: Buffer): void {
    const { meta } = this;
    meta.frame = ++this.facts.packets;
    meta.timeUs = header.timestampSeconds * 1e6 + header.timestampMicroseconds;
    meta.originalLength = header.originalLength;
    this.beginRecord(this.recordBytes);
    this.sink.packet(data, 0, data.length, meta);
  }

  private beginRecord(bytesBefore: number): void {
    this.recordOffset += bytesBefore;
    this.recordBytes = PCAP_RECORD_HEADER_BYTES;
    this.needBytes = PCAP_RECORD_HEADER_BYTES;
  }

  private hold(bytes: Buffer, start: number, end: number): void {
    const length = this.heldLength + end - start;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.held.length * 2));
      this.held.copy(larger, 0, 0, this.heldLength);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldLength, start, end);
    this.heldLength = length;
  }
}
