/**
 * Captures for tests, byte by byte: classic pcap and pcapng of every flavour, right or with a lie in any field. It
 * shares no code with src/, so that both have to be wrong in the same way to agree.
 */
import type { PacketMeta, PacketSink } from '../../src/capture/packet-sink.ts';

/** A packet for either format; a bare Buffer is one at `DEFAULT_TIME_US`. */
export interface CapturedPacket {
  data: Buffer;
  timeUs?: number;
  /** 0–999, written where the format can. */
  timeNanos?: number;
  /** The length of `data` by default. */
  originalLength?: number;
  /** What the length field says: the length of `data` by default, anything else is a lie. */
  capturedLength?: number;
}

/** 2024-01-02T03:04:05.678901Z */
export const DEFAULT_TIME_US = 1_704_164_645_678_901;

export interface PcapOptions {
  bigEndian?: boolean;
  nano?: boolean;
  /** LINKTYPE_ value; 1 (Ethernet) by default. */
  linkType?: number;
  snaplen?: number;
  major?: number;
  minor?: number;
  /** In place of a1b2c3d4 or a1b23c4d. */
  magic?: number;
}

export function pcapFile(packets: readonly (CapturedPacket | Buffer)[], options: PcapOptions = {}): Buffer {
  return Buffer.concat([pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options))]);
}

/** The 24 bytes in front of all records. */
export function pcapHeader(options: PcapOptions = {}): Buffer {
  const { bigEndian = false, nano = false, linkType = 1, snaplen = 262_144, major = 2, minor = 4 } = options;
  const numbers = new NumberWriter(bigEndian);
  const magic = options.magic ?? (nano ? 0xa1b23c4d : 0xa1b2c3d4);
  return Buffer.concat([
    numbers.u32(magic),
    numbers.u16(major),
    numbers.u16(minor),
    numbers.u32(0),
    numbers.u32(0),
    numbers.u32(snaplen),
    numbers.u32(linkType),
  ]);
}

export function pcapRecord(packet: CapturedPacket | Buffer, options: PcapOptions = {}): Buffer {
  const { data, timeUs = DEFAULT_TIME_US, timeNanos = 0, originalLength, capturedLength } = asPacket(packet);
  const numbers = new NumberWriter(options.bigEndian ?? false);
  const seconds = Math.floor(timeUs / 1e6);
  const micros = timeUs - seconds * 1e6;
  return Buffer.concat([
    numbers.u32(seconds),
    numbers.u32(options.nano ? micros * 1000 + timeNanos : micros),
    numbers.u32(capturedLength ?? data.length),
    numbers.u32(originalLength ?? data.length),
    options.magic === 0xa1b2cd34 ? Buffer.alloc(8, 0xee) : Buffer.alloc(0),
    data,
  ]);
}

export interface PcapngInterface {
  linkType?: number;
  snaplen?: number;
  /** if_tsresol: n for 10^-n, n | 0x80 for 2^-n. Absent (which means 6) by default. */
  tsresol?: number;
  /** if_tsoffset, seconds. */
  tsoffset?: bigint;
  options?: readonly PcapngOption[];
}

export type PcapngOption = readonly [code: number, value: Buffer];

export interface PcapngPacket extends CapturedPacket {
  interfaceId?: number;
  /** The raw timestamp, in place of `timeUs` counted in microseconds. */
  ticks?: bigint;
  /** Of the old packet block alone. */
  drops?: number;
  options?: readonly PcapngOption[];
}

/** The blocks of pcapng in one byte order, each padded and with both its lengths. */
export class PcapngWriter {
  private readonly numbers: NumberWriter;

  constructor({ bigEndian = false }: { bigEndian?: boolean } = {}) {
    this.numbers = new NumberWriter(bigEndian);
  }

  /** Any block; `lengths` in place of the right ones. */
  block(type: number, body: Buffer, lengths: { first?: number; last?: number } = {}): Buffer {
    const padded = pad4(body);
    const total = padded.length + 12;
    const { numbers } = this;
    return Buffer.concat([
      numbers.u32(type),
      numbers.u32(lengths.first ?? total),
      padded,
      numbers.u32(lengths.last ?? total),
    ]);
  }

  section({ major = 1, minor = 0, options = [] as readonly PcapngOption[] } = {}): Buffer {
    const { numbers } = this;
    return this.block(
      0x0a0d0d0a,
      Buffer.concat([
        numbers.u32(0x1a2b3c4d),
        numbers.u16(major),
        numbers.u16(minor),
        Buffer.alloc(8, 0xff),
        this.options(options),
      ]),
    );
  }

  interface({ linkType = 1, snaplen = 262_144, tsresol, tsoffset, options = [] }: PcapngInterface = {}): Buffer {
    const { numbers } = this;
    const all: PcapngOption[] = [...options];
    if (tsresol !== undefined) all.push([9, Buffer.of(tsresol)]);
    if (tsoffset !== undefined) all.push([14, numbers.u64(BigInt.asUintN(64, tsoffset))]);
    return this.block(
      1,
      Buffer.concat([numbers.u16(linkType), numbers.u16(0), numbers.u32(snaplen), this.options(all)]),
    );
  }

  /** Enhanced packet block. */
  enhanced(packet: PcapngPacket | Buffer): Buffer {
    const { interfaceId = 0 } = asPacket<PcapngPacket>(packet);
    return this.block(6, Buffer.concat([this.numbers.u32(interfaceId), this.timed(packet)]));
  }

  /** The obsolete packet block. */
  old(packet: PcapngPacket | Buffer): Buffer {
    const { interfaceId = 0, drops = 0xffff } = asPacket<PcapngPacket>(packet);
    return this.block(2, Buffer.concat([this.numbers.u16(interfaceId), this.numbers.u16(drops), this.timed(packet)]));
  }

  /** Simple packet block: `data` is what was captured. */
  simple(packet: PcapngPacket | Buffer): Buffer {
    const { data, originalLength } = asPacket<PcapngPacket>(packet);
    return this.block(3, Buffer.concat([this.numbers.u32(originalLength ?? data.length), data]));
  }

  statistics({ interfaceId = 0, options = [] as readonly PcapngOption[] } = {}): Buffer {
    const { numbers } = this;
    return this.block(
      5,
      Buffer.concat([numbers.u32(interfaceId), numbers.u32(0), numbers.u32(0), this.options(options)]),
    );
  }

  /** The value of an option that is a 64-bit count. */
  u64(value: bigint): Buffer {
    return this.numbers.u64(value);
  }

  private timed(packet: PcapngPacket | Buffer): Buffer {
    const { numbers } = this;
    const {
      data,
      timeUs = DEFAULT_TIME_US,
      ticks,
      originalLength,
      capturedLength,
      options,
    } = asPacket<PcapngPacket>(packet);
    const time = ticks ?? BigInt(timeUs);
    return Buffer.concat([
      numbers.u32(Number(time >> 32n)),
      numbers.u32(Number(time & 0xffff_ffffn)),
      numbers.u32(capturedLength ?? data.length),
      numbers.u32(originalLength ?? data.length),
      pad4(data),
      this.options(options ?? []),
    ]);
  }

  private options(options: readonly PcapngOption[]): Buffer {
    if (options.length === 0) return Buffer.alloc(0);
    const { numbers } = this;
    return Buffer.concat([
      ...options.flatMap(([code, value]) => [numbers.u16(code), numbers.u16(value.length), pad4(value)]),
      numbers.u32(0),
    ]);
  }
}

export interface PcapngSection {
  bigEndian?: boolean;
  interfaces?: readonly PcapngInterface[];
  /** Enhanced packet blocks behind the interfaces. */
  packets?: readonly (PcapngPacket | Buffer)[];
}

/** Sections of interfaces and enhanced packet blocks; one Ethernet interface where none is given. */
export function pcapngFile(...sections: readonly PcapngSection[]): Buffer {
  return Buffer.concat(
    sections.flatMap(({ bigEndian = false, interfaces = [{}], packets = [] }) => {
      const writer = new PcapngWriter({ bigEndian });
      return [
        writer.section(),
        ...interfaces.map((one) => writer.interface(one)),
        ...packets.map((packet) => writer.enhanced(packet)),
      ];
    }),
  );
}

/** A packet as a sink saw it, with its bytes copied as hex. */
export interface SeenPacket extends PacketMeta {
  hex: string;
}

/** A sink that keeps copies of all it is lent. */
export function collectingSink(): PacketSink & { seen: SeenPacket[] } {
  const seen: SeenPacket[] = [];
  return {
    seen,
    packet(bytes, start, end, meta) {
      seen.push({ ...meta, hex: bytes.toString('hex', start, end) });
    },
  };
}

function asPacket<T extends CapturedPacket>(packet: T | Buffer): T {
  return (Buffer.isBuffer(packet) ? { data: packet } : packet) as T;
}

function pad4(bytes: Buffer): Buffer {
  const padding = -bytes.length & 3;
  return padding === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(padding)]);
}

class NumberWriter {
  private readonly bigEndian: boolean;

  constructor(bigEndian: boolean) {
    this.bigEndian = bigEndian;
  }

  u16(value: number): Buffer {
    return this.inOrder(Buffer.of(value & 0xff, value >>> 8));
  }

  u32(value: number): Buffer {
    return this.inOrder(Buffer.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24));
  }

  u64(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return this.inOrder(bytes);
  }

  private inOrder(littleEndian: Buffer): Buffer {
    return this.bigEndian ? littleEndian.reverse() : littleEndian;
  }
}
