/**
 * Puts IP datagrams together again whose pieces came one by one, in any order (RFC 791 §3.2, RFC 8200 §4.5).
 *
 * A datagram keeps one growing buffer and the list of spans that are filled in it, sorted and never touching. Bytes that
 * came first win; a piece that brings other bytes for the same place is counted. Everything is bounded: datagrams, bytes,
 * and the time a datagram may take, by the capture's clock. What is over goes oldest first.
 *
 * It is no defence: a fragment that contradicts an earlier one is dropped, where a receiver may drop the datagram.
 */

import type { FrameView } from '../wire/frame.ts';
import { isUnwatched } from '../wire/tcp.ts';
import { type FragmentLimits, REASSEMBLY_LIMITS } from './limits.ts';

/** What happened so far. `open` is the state of now, everything else only grows. */
export interface IpFragmentCounters {
  /** Fragments given to `add`. */
  fragments: number;
  /** Datagrams put together. */
  reassembled: number;
  /** Datagrams thrown away because their last piece did not come in time. */
  timedOut: number;
  /** Datagrams thrown away because others needed the room. */
  evicted: number;
  /** Pieces that brought nothing new and nothing different. */
  duplicates: number;
  /** Pieces that covered other pieces in part, or with different bytes. */
  overlaps: number;
  /** Pieces that cannot be: empty, not a multiple of 8, longer than a datagram, behind its end. */
  malformed: number;
  /** Datagrams given up because the snapshot length cut one of their pieces. */
  cut: number;
  /** Datagrams that are incomplete. */
  open: number;
}

/** Nothing in an IP datagram is longer. */
const MAX_DATAGRAM_LENGTH = 65535;
/** What a datagram costs besides its buffer: an object, a map entry, a key. */
const DATAGRAM_COST = 512;
const SPAN_COST = 16;
const FIRST_CAPACITY = 2048;
/**
 * How long a finished datagram is remembered, so that a copy of its pieces (captures of `any` hold each packet twice) is
 * not taken for a new one. An identification comes around again after 65536 datagrams, which take longer than this.
 */
const FINISHED_US = 1_000_000;

const NO_BYTES = Buffer.alloc(0);

interface Closed {
  readonly reason: 'finished' | 'unwatched' | 'cut';
  readonly timeUs: number;
}

interface Datagram {
  readonly firstTimeUs: number;
  buffer: Buffer;
  /** Filled spans: start, end, start, end … ascending. */
  spans: number[];
  /** Length of the whole, or -1 until its last piece is known. */
  total: number;
  /** Of the piece at offset 0; -1 until it came. */
  protocol: number;
  ttl: number;
}

export class IpFragments {
  readonly #limits: FragmentLimits;
  readonly #counters: IpFragmentCounters = {
    fragments: 0,
    reassembled: 0,
    timedOut: 0,
    evicted: 0,
    duplicates: 0,
    overlaps: 0,
    malformed: 0,
    cut: 0,
    open: 0,
  };
  /** In the order in which their first pieces came. */
  readonly #open = new Map<string, Datagram>();
  /** Datagrams whose further pieces are of no use, in the order in which that turned out. */
  readonly #closed = new Map<string, Closed>();
  #bytes = 0;

  constructor(limits: FragmentLimits = REASSEMBLY_LIMITS) {
    this.#limits = limits;
  }

  /** The counters as they are now. */
  get counters(): Readonly<IpFragmentCounters> {
    this.#counters.open = this.#open.size;
    return { ...this.#counters };
  }

  /** Bytes that count against `maxBytes`. */
  get bytesHeld(): number {
    return this.#bytes;
  }

  /**
   * Takes the piece that `decodeFrame` has just called IP_FRAGMENT, and copies it, because `bytes` is lent.
   *
   * @param timeUs when it was captured; a datagram whose pieces have no time (NaN) never times out
   * @returns the whole of what the datagram carries, when this piece was the last one missing. It belongs to the caller,
   *   and `decodeTransport` decodes it: the view's `protocol`, `ttl` and payload now speak of it.
   */
  add(bytes: Buffer, view: FrameView, timeUs: number): Buffer | null {
    const counters = this.#counters;
    counters.fragments++;
    this.#expire(timeUs);

    const start = view.fragmentOffset;
    const length = view.payloadLength;
    const end = start + length;
    const isLast = view.moreFragments === 0;
    if (length <= 0 || end > MAX_DATAGRAM_LENGTH || (!isLast && length % 8 !== 0)) {
      counters.malformed++;
      return null;
    }
    const key = keyOf(view);
    const isUnwatchedStart = start === 0 && showsUnwatchedPorts(bytes, view);
    if (this.#isClosed(key, start === 0 && !isUnwatchedStart, timeUs)) return null;
    if (isUnwatchedStart) {
      this.#close(key, 'unwatched', timeUs);
      return null;
    }
    if (view.payloadEnd - view.payloadStart < length) {
      this.#close(key, 'cut', timeUs);
      counters.cut++;
      return null;
    }

    let datagram = this.#open.get(key);
    if (datagram === undefined) {
      datagram = { firstTimeUs: timeUs, buffer: NO_BYTES, spans: [], total: -1, protocol: -1, ttl: 0 };
      this.#open.set(key, datagram);
      this.#bytes += DATAGRAM_COST;
    }
    const filledTo = datagram.spans.at(-1) ?? 0;
    if (datagram.total >= 0 ? end > datagram.total || (isLast && end !== datagram.total) : isLast && end < filledTo) {
      counters.malformed++;
      return null;
    }
    if (isLast) datagram.total = end;
    if (start === 0 && datagram.protocol < 0) {
      datagram.protocol = view.protocol;
      datagram.ttl = view.ttl;
    }
    this.#fill(datagram, start, end, bytes, view.payloadStart);
    if (datagram.spans.length === 2 && datagram.spans[0] === 0 && datagram.spans[1] === datagram.total) {
      return this.#finish(key, datagram, view, timeUs);
    }
    this.#makeRoom();
    return null;
  }

  /** Copies what is new of `[start, end)`, whose bytes begin at `from`. */
  #fill(datagram: Datagram, start: number, end: number, bytes: Buffer, from: number): void {
    const { spans } = datagram;
    this.#grow(datagram, end);
    const { buffer } = datagram;
    // Spans before `first` end before the piece; from `after` on they begin behind it. Those between become one with it.
    let first = 0;
    while (first < spans.length && (spans[first + 1] as number) < start) first += 2;
    let after = first;
    let at = start;
    let covered = 0;
    let differs = false;
    for (; after < spans.length && (spans[after] as number) <= end; after += 2) {
      const spanStart = spans[after] as number;
      const spanEnd = spans[after + 1] as number;
      const overlapStart = Math.max(spanStart, start);
      const overlapEnd = Math.min(spanEnd, end);
      if (at < overlapStart) bytes.copy(buffer, at, from + at - start, from + overlapStart - start);
      if (overlapStart < overlapEnd) {
        covered += overlapEnd - overlapStart;
        const held = buffer.subarray(overlapStart, overlapEnd);
        differs ||= held.compare(bytes, from + overlapStart - start, from + overlapEnd - start) !== 0;
      }
      at = Math.max(at, overlapEnd);
    }
    if (at < end) bytes.copy(buffer, at, from + at - start, from + end - start);
    if (differs || (covered > 0 && covered < end - start)) this.#counters.overlaps++;
    else if (covered > 0) this.#counters.duplicates++;

    const joinedStart = after > first ? Math.min(start, spans[first] as number) : start;
    const joinedEnd = after > first ? Math.max(end, spans[after - 1] as number) : end;
    this.#bytes += SPAN_COST * (1 - (after - first) / 2);
    spans.splice(first, after - first, joinedStart, joinedEnd);
  }

  #grow(datagram: Datagram, length: number): void {
    const { buffer } = datagram;
    if (length <= buffer.length) return;
    const capacity = Math.max(FIRST_CAPACITY, Math.min(2 * buffer.length, MAX_DATAGRAM_LENGTH), length);
    // Not from the pool, of which a small slice would hold on to all. What is not filled is never given out.
    const grown = Buffer.allocUnsafeSlow(capacity);
    buffer.copy(grown);
    this.#bytes += capacity - buffer.length;
    datagram.buffer = grown;
  }

  #finish(key: string, datagram: Datagram, view: FrameView, timeUs: number): Buffer {
    this.#close(key, 'finished', timeUs);
    this.#counters.reassembled++;
    view.protocol = datagram.protocol;
    view.ttl = datagram.ttl;
    view.payloadStart = 0;
    view.payloadEnd = datagram.total;
    view.payloadLength = datagram.total;
    return datagram.buffer.subarray(0, datagram.total);
  }

  #drop(key: string): void {
    const datagram = this.#open.get(key);
    if (datagram === undefined) return;
    this.#bytes -= DATAGRAM_COST + datagram.buffer.length + (datagram.spans.length / 2) * SPAN_COST;
    this.#open.delete(key);
  }

  #close(key: string, reason: Closed['reason'], timeUs: number): void {
    this.#drop(key);
    this.#closed.set(key, { reason, timeUs });
    if (this.#closed.size > this.#limits.fragmentDatagrams) this.#closed.delete(oldest(this.#closed) as string);
  }

  /** Whether the piece belongs to a closed datagram, and not to a later one with the same identification. */
  #isClosed(key: string, isWatchedStart: boolean, timeUs: number): boolean {
    const closed = this.#closed.get(key);
    if (closed === undefined) return false;
    const lastsUs = closed.reason === 'finished' ? FINISHED_US : this.#limits.fragmentUs;
    if (isApart(timeUs, closed.timeUs, lastsUs) || (closed.reason === 'unwatched' && isWatchedStart)) {
      this.#closed.delete(key);
      return false;
    }
    if (closed.reason === 'finished') this.#counters.duplicates++;
    return true;
  }

  #expire(timeUs: number): void {
    for (const [key, datagram] of this.#open) {
      if (!isApart(timeUs, datagram.firstTimeUs, this.#limits.fragmentUs)) return;
      this.#drop(key);
      this.#counters.timedOut++;
    }
  }

  #makeRoom(): void {
    while (this.#open.size > this.#limits.fragmentDatagrams || this.#bytes > this.#limits.fragmentBytes) {
      const key = oldest(this.#open);
      if (key === undefined) return;
      this.#drop(key);
      this.#counters.evicted++;
    }
  }
}

function oldest(map: ReadonlyMap<string, unknown>): string | undefined {
  return map.keys().next().value;
}

/** In either direction: the clock of a capture may jump back. */
function isApart(timeUs: number, otherUs: number, byUs: number): boolean {
  return Math.abs(timeUs - otherUs) > byUs;
}

/** What makes fragments belong together: in IPv4 the protocol too, and it is TCP except in tunnels. */
function keyOf(view: FrameView): string {
  const id = view.fragmentId;
  if (view.ipVersion === 4) {
    const key = `${view.source3} ${view.destination3} ${id}`;
    return view.protocol === 6 ? key : `${key} ${view.protocol}`;
  }
  const source = `${view.source0} ${view.source1} ${view.source2} ${view.source3}`;
  const destination = `${view.destination0} ${view.destination1} ${view.destination2} ${view.destination3}`;
  return `${source} ${destination} ${id}`;
}

/** Whether the piece at offset 0 shows a TCP header between ports that nobody watches. */
function showsUnwatchedPorts(bytes: Buffer, view: FrameView): boolean {
  const { payloadStart, payloadEnd, protocol, ports } = view;
  return protocol === 6 && payloadEnd - payloadStart >= 4 && isUnwatched(bytes, payloadStart, ports);
}
