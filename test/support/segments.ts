/**
 * TCP connections for tests: what each side sends, as segments with sequence numbers, and what a capture may do to
 * them. Each function gives a new list.
 */
import { tcpPacket } from './packet-bytes.ts';

export type Side = 'client' | 'server';

/** One TCP segment of a connection. */
export interface Segment {
  readonly from: Side;
  readonly flags: string;
  /** Relative to the initial sequence number of `from`: the SYN is 0, the first byte of payload 1. */
  readonly seq: number;
  /** The same of the other side; what `from` has received. */
  readonly ack: number;
  readonly payload: Buffer;
}

/** Something that one side says; `missing` bytes were sent but never captured. */
export type Said = { readonly from: Side; readonly bytes: Buffer } | { readonly from: Side; readonly missing: number };

/** Who sends the first FIN; `none`: the capture ends before. */
export type Close = Side | 'none';

const NOTHING = Buffer.alloc(0);

/** The handshake, a segment for each thing said, and the close. Each side has received all that was said before. */
export function connectionOf(said: readonly Said[], close: Close = 'client'): Segment[] {
  const next: Record<Side, number> = { client: 1, server: 1 };
  const segments: Segment[] = [
    { from: 'client', flags: 'S', seq: 0, ack: 0, payload: NOTHING },
    { from: 'server', flags: 'SA', seq: 0, ack: 1, payload: NOTHING },
    { from: 'client', flags: 'A', seq: 1, ack: 1, payload: NOTHING },
  ];
  const send = (from: Side, flags: string, payload: Buffer) => {
    segments.push({ from, flags, seq: next[from], ack: next[otherSide(from)], payload });
    next[from] += payload.length + (flags.includes('F') ? 1 : 0);
  };
  for (const one of said) {
    if ('missing' in one) next[one.from] += one.missing;
    else send(one.from, 'PA', one.bytes);
  }
  if (close !== 'none') {
    send(close, 'FA', NOTHING);
    send(otherSide(close), 'FA', NOTHING);
    send(close, 'A', NOTHING);
  }
  return segments;
}

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/** Payloads in pieces: `sizes` are used in turn, over all segments together. */
export function split(segments: readonly Segment[], ...sizes: readonly number[]): Segment[] {
  let used = 0;
  return segments.flatMap((segment) => {
    if (segment.payload.length === 0) return [segment];
    const pieces: Segment[] = [];
    for (let at = 0; at < segment.payload.length; ) {
      const size = Math.max(1, sizes[used++ % sizes.length] ?? segment.payload.length);
      const payload = segment.payload.subarray(at, at + size);
      pieces.push({ ...segment, seq: segment.seq + at, payload });
      at += payload.length;
    }
    return pieces;
  });
}

/** What one side says in a row travels in one segment. */
export function coalesce(said: readonly Said[]): Said[] {
  const joined: Said[] = [];
  for (const one of said) {
    const last = joined.at(-1);
    if (last !== undefined && 'bytes' in last && 'bytes' in one && last.from === one.from)
      joined[joined.length - 1] = { from: one.from, bytes: Buffer.concat([last.bytes, one.bytes]) };
    else joined.push(one);
  }
  return joined;
}

/** In the order of the `keys`, one for each segment; where there are fewer keys, the rest follow in order. */
export function shuffle<T>(segments: readonly T[], keys: readonly number[]): T[] {
  return segments
    .map((segment, index) => ({ segment, key: keys[index] ?? Number.POSITIVE_INFINITY, index }))
    .sort((a, b) => (a.key === b.key ? a.index - b.index : a.key < b.key ? -1 : 1))
    .map(({ segment }) => segment);
}

/** The segment at each `index` once more, `distance` places later. */
export function duplicate<T>(segments: readonly T[], copies: readonly { index: number; distance: number }[]): T[] {
  const rows = segments.map((segment, index) => ({ segment, place: index }));
  for (const { index, distance } of copies) {
    const segment = segments[index];
    if (segment !== undefined) rows.push({ segment, place: index + distance + 0.5 });
  }
  return rows.sort((a, b) => a.place - b.place).map(({ segment }) => segment);
}

export function drop<T>(segments: readonly T[], index: number): T[] {
  return segments.filter((_, at) => at !== index);
}

/** Bytes `from` to `to` of the payload of the segment at `index` are lost; what is left of it stays. */
export function cutAway(segments: readonly Segment[], index: number, from: number, to: number): Segment[] {
  return segments.flatMap((segment, at) => {
    if (at !== index) return [segment];
    const before = segment.payload.subarray(0, from);
    const behind = segment.payload.subarray(to);
    return [
      ...(before.length > 0 ? [{ ...segment, payload: before }] : []),
      ...(behind.length > 0 ? [{ ...segment, seq: segment.seq + to, payload: behind }] : []),
    ];
  });
}

export interface Addresses {
  readonly client?: string;
  readonly server?: string;
  readonly serverPort?: number;
}

/** Initial sequence numbers; the client's wraps within the first bytes. */
const INITIAL: Readonly<Record<Side, number>> = { client: 0xffff_fff0, server: 0x1234_5678 };

/** The IP datagram of a segment. */
export function packetOf(segment: Segment, addresses: Addresses = {}): Buffer {
  const { client = '192.0.2.1', server = '198.51.100.2', serverPort = 25 } = addresses;
  const isClient = segment.from === 'client';
  return tcpPacket({
    src: isClient ? client : server,
    dst: isClient ? server : client,
    sport: isClient ? 40_000 : serverPort,
    dport: isClient ? serverPort : 40_000,
    seq: INITIAL[segment.from] + segment.seq,
    ack: segment.flags.includes('A') ? INITIAL[otherSide(segment.from)] + segment.ack : 0,
    flags: segment.flags,
    payload: segment.payload,
  });
}
