import type { CaptureFacts, PacketSink } from '../packet-sink.ts';
import { CaptureError } from '../packet-sink.ts';
import { notReadable, VERDICT_BYTES } from './foreign.ts';
import { CAPTURE_LIMITS, type CaptureLimits } from './limits.ts';
import { isNetmon, NetmonReader, type WholeCaptureOptions } from './netmon.ts';
import { PcapReader, pcapVariant } from './pcap.ts';
import { isPcapng, PcapngReader } from './pcapng.ts';
import type { RecordReader } from './record-reader.ts';
import { cutInHeader, warnCut } from './record-reader.ts';
import { isSnoop, SNOOP_MAGIC, SnoopReader } from './snoop.ts';

/**
 * The push scanner: bytes of a capture in, chunk by chunk as they come, packets out. It tells the format by content,
 * does no I/O and never waits.
 *
 * Plan: a format's reader takes whole records straight out of the chunk and stops at the first that is incomplete. That
 * rest, and only that, is copied into `carry` and completed from the next chunk with exactly the bytes that the reader
 * asks for. Nothing else is ever copied, and `carry` grows with the bytes that really arrived, so a lying length field
 * costs nothing. Blocks that nobody wants are counted down (`skipBytes`), not carried.
 */
export interface Scanner {
  /**
   * Takes `chunk[start, end)`, the whole chunk by default. The bytes are not kept: they may be overwritten once the call
   * has returned. Throws `CaptureError`, again on every later call; what the sink throws passes through.
   */
  push(chunk: Buffer, start?: number, end?: number): void;
  /** Says that no more bytes come. Throws `CaptureError` where no capture was recognised. */
  finish(): CaptureFacts;
  /** What is known so far: current after every call, also after one that threw. */
  readonly facts: CaptureFacts;
  /** The rest is found without being pushed: see `ScannerOptions.whole`. */
  readonly needsNoMore?: boolean;
}

export interface ScannerOptions extends WholeCaptureOptions {
  /** What the bytes were wrapped in, for the facts. */
  compression?: CaptureFacts['compression'];
  /** Where they differ from the defaults of limits.ts. */
  limits?: Partial<CaptureLimits> | undefined;
}

const EMPTY: Readonly<Record<NonNullable<CaptureFacts['compression']> | 'plain', string>> = {
  plain: 'The capture is empty: there is not a single byte in it.',
  gzip: emptyInside('gzip'),
  zstd: emptyInside('zstd'),
  xz: emptyInside('xz'),
  lz4: emptyInside('LZ4'),
};

function emptyInside(name: string): string {
  return `The ${name} data holds nothing, or is cut short before the first byte of what it holds (byte offset 0). Copy it again.`;
}

/** The four bytes that tell the format. */
const MAGIC_BYTES = 4;

const FIRST_CARRY_BYTES = 512;
/** Larger ones are let go once their record is done. */
const KEPT_CARRY_BYTES = 1024 * 1024;

export function createScanner(sink: PacketSink, options: ScannerOptions = {}): Scanner {
  return new PushScanner(sink, options);
}

/** Facts of a capture of which nothing was read yet. */
export function newCaptureFacts(compression: CaptureFacts['compression']): CaptureFacts {
  return {
    format: 'pcap',
    compression,
    linkTypes: [],
    packets: 0,
    bytes: 0,
    cutShort: false,
    dropped: 0,
    warnings: [],
  };
}

class PushScanner implements Scanner {
  readonly facts: CaptureFacts;
  private readonly sink: PacketSink;
  private readonly limits: CaptureLimits;
  private readonly options: ScannerOptions;
  private reader: RecordReader | null = null;
  private failure: CaptureError | null = null;
  /** The beginning of a record (or of the capture, as long as its format is not known). */
  private carry = Buffer.allocUnsafe(FIRST_CARRY_BYTES);
  private carryLength = 0;
  /** What of `reader.skipBytes` is still to come. */
  private skip = 0;

  constructor(sink: PacketSink, options: ScannerOptions) {
    this.sink = sink;
    this.limits = { ...CAPTURE_LIMITS, ...options.limits };
    this.options = options;
    this.facts = newCaptureFacts(options.compression ?? null);
  }

  push(chunk: Buffer, start = 0, end = chunk.length): void {
    if (this.failure) throw this.failure;
    try {
      this.take(chunk, start, end);
    } catch (error) {
      throw this.remember(error);
    }
  }

  get needsNoMore(): boolean {
    return this.reader?.needsNoMore ?? false;
  }

  finish(): CaptureFacts {
    if (this.failure) throw this.failure;
    const { facts, reader, carryLength } = this;
    if (reader === null) {
      // Compressed data that broke off: what came of it is too little to be anything else either.
      if (facts.cutShort && facts.bytes > 0 && carryLength < MAGIC_BYTES) {
        throw this.remember(cutInHeader('its first bytes', carryLength, MAGIC_BYTES));
      }
      throw this.remember(
        facts.bytes === 0
          ? new CaptureError('empty', 0, EMPTY[facts.compression ?? 'plain'])
          : notReadable(this.carry, 0, carryLength),
      );
    }
    try {
      reader.finish?.();
    } catch (error) {
      throw this.remember(error);
    }
    if (reader.passing) {
      const { offset, sizeBytes } = reader.passing;
      warnCut(facts, 'the block', offset, facts.bytes - offset, sizeBytes);
    } else if (carryLength > 0) {
      if (carryLength === facts.bytes) {
        throw this.remember(cutInHeader(reader.headerName, carryLength, reader.needBytes));
      }
      warnCut(facts, reader.pending(), facts.bytes - carryLength, carryLength, reader.needBytes);
    }
    return facts;
  }

  private take(chunk: Buffer, start: number, end: number): void {
    const base = this.facts.bytes - start; // byte offset in the capture of chunk[0]
    this.facts.bytes += end - start;
    let at = start;
    while (this.reader === null) {
      if (this.carryLength === 0 && end - at >= VERDICT_BYTES) {
        this.reader = this.recognise(chunk, at, end - at);
        if (this.reader === null) throw notReadable(chunk, at, end);
        break;
      }
      const wanted = this.carryLength < MAGIC_BYTES ? MAGIC_BYTES : VERDICT_BYTES;
      at = this.fillCarry(chunk, at, end, wanted);
      if (this.carryLength < wanted) return;
      this.reader = this.recognise(this.carry, 0, wanted);
      if (this.reader === null && wanted === VERDICT_BYTES) throw notReadable(this.carry, 0, wanted);
    }
    const reader = this.reader;
    for (;;) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, end - at);
        this.skip -= passed;
        at += passed;
        if (this.skip > 0) return;
      }
      if (this.carryLength > 0) {
        at = this.fillCarry(chunk, at, end, reader.needBytes);
        if (this.carryLength < reader.needBytes) return;
        // Either the one record is complete and all of it is taken, or the reader now asks for more (or for none of it).
        const taken = reader.read(this.carry, 0, this.carryLength, base + at - this.carryLength);
        if (reader.skipBytes > 0) this.beginSkip(reader, this.carryLength);
        if (taken > 0 || this.skip > 0) this.dropCarry();
        continue;
      }
      at = reader.read(chunk, at, end, base);
      if (reader.skipBytes === 0) break;
      this.beginSkip(reader, 0);
    }
    this.fillCarry(chunk, at, end, reader.needBytes);
  }

  /** `length` bytes are there to tell by, at least `MAGIC_BYTES`. */
  private recognise(bytes: Buffer, at: number, length: number): RecordReader | null {
    if (isPcapng(bytes, at)) return new PcapngReader(this.sink, this.facts, this.limits);
    if (length >= SNOOP_MAGIC.length && isSnoop(bytes, at)) return new SnoopReader(this.sink, this.facts, this.limits);
    if (isNetmon(bytes, at)) return new NetmonReader(this.sink, this.facts, this.limits, this.options);
    const variant = pcapVariant(bytes, at);
    return variant && new PcapReader(variant, this.sink, this.facts, this.limits);
  }

  private beginSkip(reader: RecordReader, alreadySeen: number): void {
    this.skip = reader.skipBytes - alreadySeen;
    reader.skipBytes = 0;
  }

  /** Copies from the chunk until the carry holds `wanted` bytes or the chunk is used up; returns where it stopped. */
  private fillCarry(chunk: Buffer, at: number, end: number, wanted: number): number {
    const length = Math.max(0, Math.min(wanted - this.carryLength, end - at));
    const needed = this.carryLength + length;
    if (needed > this.carry.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(wanted, this.carry.length * 2)));
      this.carry.copy(larger, 0, 0, this.carryLength);
      this.carry = larger;
    }
    chunk.copy(this.carry, this.carryLength, at, at + length);
    this.carryLength = needed;
    return at + length;
  }

  private dropCarry(): void {
    this.carryLength = 0;
    if (this.carry.length > KEPT_CARRY_BYTES) this.carry = Buffer.allocUnsafe(FIRST_CARRY_BYTES);
  }

  /** An error ends the capture where it stands: what lies behind it does not count as read. */
  private remember(error: unknown): unknown {
    if (error instanceof CaptureError) {
      this.failure = error;
      this.facts.bytes = error.offset;
      error.facts = this.facts;
    }
    return error;
  }
}
