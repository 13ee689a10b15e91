/**
 * One direction of a connection: which bytes have been delivered, which wait behind a hole.
 *
 *        offset 0                offset             pending[0].seq
 *        |  delivered or gone    |  hole            |  waits    |  hole  |  waits …
 *        base                    nextSeq
 *
 * `pending` is sorted and its pieces never overlap: of bytes that came twice, the first are kept.
 */
import { SecondPlace } from './captured-copies.ts';
import { Resends } from './resends.ts';
import { distance } from './seq.ts';
import type {
  Conflict,
  HalfFacts,
  Instant,
  RepeatedSegment,
  RetransmissionKinds,
  ZeroWindow,
} from './transport-facts.ts';
import { Trouble } from './trouble.ts';

/** A copied piece of a segment that cannot be delivered yet. */
export interface Pending {
  seq: number;
  /** Owned: the packet's own bytes are gone by the time it is delivered. */
  bytes: Buffer;
  /** Bytes behind it that the snapshot length cut off. */
  truncated: number;
  frame: number;
  timeUs: number;
  timeNanos: number;
  capture: number;
  /** Acknowledgment number of the packet; meaningless when `hasAck` is false. */
  ack: number;
  hasAck: boolean;
  /** Packets that the connection had when it came. */
  arrival: number;
}

const NO_CONFLICTS: Conflict[] = [];

/** Two captures of one packet (two interfaces, a mirror port) are this close, with one identification. */
const COPY_US = 50_000;
/** The same without an identification to compare: no sender repeats itself so soon. */
const COPY_AT_ONCE_US = 100;

export class HalfStream implements HalfFacts {
  // What each segment reads comes first, side by side (see Connection).
  packets = 0;
  ttl = -1;
  /** Its last packet announced a receive window of 0. */
  windowClosed = false;
  /** Whether `nextSeq` is known. */
  synced = false;
  nextSeq = 0;
  /** Stream offset of `nextSeq`. */
  offset = 0;
  pending: Pending[] | null = null;
  hasAck = false;
  /** Highest and lowest (first) acknowledgment of the peer. */
  maxAck = 0;
  resends: Resends | null = null;
  bytes = 0;
  dataSegments = 0;
  largestSegment = 0;
  lastIpId = -1;
  #lastSeq = 0;
  /** Packet with its first payload; 0 while there is none. */
  firstPayloadFrame = 0;
  lastPayloadUs = Number.NaN;
  lastPayloadNanos = 0;

  /** Segments that follow each other had one IP identification: it tells nothing of copies. */
  idsRepeat = false;
  firstAck = 0;
  firstPayloadUs = Number.NaN;
  firstPayloadNanos = 0;
  finFrame = 0;
  fin: Instant | null = null;
  finSeq = 0;
  #trouble: Trouble | null = null;

  /** What is out of the ordinary, to be written to. */
  get trouble(): Trouble {
    this.#trouble ??= new Trouble();
    return this.#trouble;
  }

  /** False: the getters from here on say what they say of a half-stream that is well. */
  get hasTrouble(): boolean {
    return this.#trouble !== null;
  }

  get retransmissions(): number {
    return this.#trouble === null ? 0 : this.#trouble.retransmissions;
  }

  get missingBytes(): number {
    return this.#trouble === null ? 0 : this.#trouble.missingBytes;
  }

  get truncatedBytes(): number {
    return this.#trouble === null ? 0 : this.#trouble.truncatedBytes;
  }

  get conflicts(): Conflict[] {
    return this.#trouble === null ? NO_CONFLICTS : this.#trouble.conflicts;
  }

  get conflictCount(): number {
    return this.#trouble === null ? 0 : this.#trouble.conflictCount;
  }

  get duplicates(): number {
    return this.#trouble === null ? 0 : this.#trouble.duplicates;
  }

  get selectiveAcks(): number {
    return this.#trouble === null ? 0 : this.#trouble.selectiveAcks;
  }

  get rst(): Instant | null {
    return this.#trouble?.reset?.time ?? null;
  }

  get rstFrame(): number {
    return this.#trouble?.reset?.frame ?? 0;
  }

  get rstTtl(): number {
    return this.#trouble?.reset?.ttl ?? -1;
  }

  get rstIpId(): number {
    return this.#trouble?.reset?.ipId ?? -1;
  }

  get rstIsExact(): boolean {
    return this.#trouble?.reset?.isExact ?? false;
  }

  get rstAhead(): number {
    return this.#trouble?.reset?.ahead ?? 0;
  }

  get pendingBytes(): number {
    return this.#trouble === null ? 0 : this.#trouble.pendingBytes;
  }

  get finIsPassed(): boolean {
    return this.#trouble?.finIsPassed ?? false;
  }

  get isDoubled(): boolean {
    return this.#trouble?.isDoubled ?? false;
  }

  get firstPayload(): Instant | null {
    return this.firstPayloadFrame === 0 ? null : { us: this.firstPayloadUs, nanos: this.firstPayloadNanos };
  }

  get lastPayload(): Instant | null {
    return this.firstPayloadFrame === 0 ? null : { us: this.lastPayloadUs, nanos: this.lastPayloadNanos };
  }

  get ackedBytes(): number {
    if (!this.hasAck || !this.synced) return -1;
    const acked = this.offset + distance(this.nextSeq, this.maxAck);
    // The acknowledgment of a FIN counts one more than the stream has bytes; so does `nextSeq` once it is behind it.
    return acked - (this.finIsAcked ? 1 : 0) + (this.finIsPassed ? 1 : 0);
  }

  get finIsAcked(): boolean {
    return this.fin !== null && this.hasAck && distance(this.finSeq, this.maxAck) > 0;
  }

  /**
   * Whether the hole in front of what waits is denied by both ends. What lies ahead proves that something lay before it,
   * whoever forged or mangled it, unless the peer, whose acknowledgments were captured, took nothing from there on, and
   * its sender itself says that it has not come so far: it went on before the hole afterwards, or had ended its stream,
   * and the peer took that. One segment alone: with more there is a hole that was filled in part. Where the peer was not
   * captured, or the capture ends before either could say so, the hole stands: it may hold a reply or a command.
   */
  get holeIsDenied(): boolean {
    const head = this.pending?.[0];
    if (head === undefined || this.pending?.length !== 1 || !this.synced || !this.hasAck) return false;
    const isBehindEnd = this.finIsAcked && distance(this.finSeq, head.seq) > 0;
    const took = distance(this.nextSeq, this.maxAck);
    if (took > (isBehindEnd && this.finSeq === this.nextSeq ? 1 : 0) || this.resends?.hasReached(head.seq))
      return false;
    return isBehindEnd || this.lastPayloadUs > head.timeUs;
  }

  /** The same of bytes that nothing but its FIN tells of. */
  get finIsDenied(): boolean {
    const { fin } = this;
    if (fin === null || !this.hasAck || distance(this.nextSeq, this.finSeq) <= 0) return false;
    return distance(this.nextSeq, this.maxAck) <= 1 && !this.finIsAcked && this.lastPayloadUs > fin.us;
  }

  /** A FIN at `seq` takes the place of the one that is known: that one lies ahead of it, or its stream went on over it. */
  finIsBetterAt(seq: number): boolean {
    const ahead = distance(this.nextSeq, this.finSeq);
    if (ahead < 0) return !this.finIsPassed && distance(this.nextSeq, seq) >= 0;
    return ahead > 0 && !this.finIsAcked && distance(seq, this.finSeq) > 0 && distance(this.nextSeq, seq) >= 0;
  }

  /**
   * The peer acknowledged up to here. One that is `limit` or further ahead of the last is taken for garbage. Returns
   * whether it is the last one once more.
   */
  acknowledge(ack: number, limit: number): boolean {
    if (!this.hasAck) {
      this.hasAck = true;
      this.firstAck = ack;
      this.maxAck = ack;
      return false;
    }
    const ahead = (ack - this.maxAck) | 0;
    if (ahead > 0 && ahead < limit) {
      this.maxAck = ack;
      if (this.resends !== null) this.resends.progress(ack);
    }
    return ahead === 0;
  }

  /** A segment with something new in it. */
  countSegment(seq: number, length: number, ipId: number): void {
    this.dataSegments++;
    if (length > this.largestSegment) this.largestSegment = length;
    if (ipId === this.lastIpId) this.idsRepeat = true;
    this.#lastSeq = seq;
    this.lastIpId = ipId;
  }

  /**
   * Whether a segment with nothing new in it is the last one captured twice (RFC 6864: the identification of a datagram
   * sent again differs; IPv6 has none, and then only what follows at once is taken for a copy).
   */
  isLastOnceMore(seq: number, ipId: number, timeUs: number): boolean {
    if (seq !== this.#lastSeq) return false;
    const late = timeUs - this.lastPayloadUs;
    return ipId > 0 ? ipId === this.lastIpId && late < COPY_US : late < COPY_AT_ONCE_US;
  }

  /** A segment with nothing new in it that was captured twice. */
  countCopy(): void {
    this.trouble.duplicates++;
    // So that copies of acknowledgments are known by those that come from now on.
    this.resends ??= new Resends();
  }

  /** A segment with nothing new in it that was sent again. */
  countResent(seq: number, length: number, frame: number, timeUs: number, roundTripSeconds: number | null): void {
    this.trouble.retransmissions++;
    this.resends ??= new Resends();
    const { maxAck: acked, hasAck } = this;
    const waits = this.pending?.at(-1);
    const newUs = waits !== undefined && !(waits.timeUs < this.lastPayloadUs) ? waits.timeUs : this.lastPayloadUs;
    const end = waits === undefined ? this.nextSeq : (waits.seq + waits.bytes.length + waits.truncated) | 0;
    const roundTripUs = (roundTripSeconds ?? 0) * 1e6;
    this.resends.count({ seq, length, timeUs, acked, hasAck, newUs, end, roundTripUs }, frame);
  }

  /**
   * Whether a segment that is no copy of what is remembered is the copy of one from before it was known that all come
   * twice: each of those has one still to come, once and in order, of which one or two may have been lost between the
   * places. To be asked only where `isDoubled`.
   */
  isDueCopy(seq: number, length: number): boolean {
    const { trouble } = this;
    const end = (seq + length) | 0;
    const skipped = distance(trouble.copiedTo, seq);
    if (skipped < 0 || skipped > 2 * this.largestSegment || distance(end, trouble.doubledAt) < 0) return false;
    trouble.copiedTo = end;
    return true;
  }

  /** What was counted as sent again came with another TTL. Returns whether a second place is known from now on. */
  suspect(seq: number, length: number, ttl: number, isWitness: boolean): boolean {
    const { trouble } = this;
    trouble.secondPlace ??= new SecondPlace(ttl, this.dataSegments);
    trouble.secondPlace.add(seq, length, ttl, isWitness, this.dataSegments);
    return trouble.secondPlace.isProven;
  }

  /**
   * Packets of this connection were captured at two places: what looked so was not sent again. `hasDue`: no hop lies
   * between them, so that nothing but their order tells the copies of what came before.
   */
  double(hasDue = false): void {
    const { trouble } = this;
    if (!trouble.isDoubled) {
      trouble.copiedTo = hasDue ? (this.nextSeq - this.offset) | 0 : this.nextSeq;
      trouble.doubledAt = this.nextSeq;
    }
    trouble.isDoubled = true;
    if (trouble.secondPlace === null) return;
    const { count } = trouble.secondPlace;
    trouble.secondPlace = null;
    trouble.retransmissions -= count;
    trouble.duplicates += count;
    // Why they would have been sent again is void.
    if (count > 0) this.resends = new Resends();
  }

  /** The receive window of this sender closes (0), or opens again. */
  turnWindow(frame: number, timeUs: number): void {
    this.windowClosed = !this.windowClosed;
    const { trouble } = this;
    trouble.stalls ??= { count: 0, longestUs: 0, frame: 0, sinceUs: Number.NaN, sinceFrame: 0 };
    const { stalls } = trouble;
    if (this.windowClosed) {
      stalls.count++;
      stalls.sinceUs = timeUs;
      stalls.sinceFrame = frame;
    } else this.closeStall(timeUs);
  }

  /** The window was closed until `timeUs`. */
  closeStall(timeUs: number): void {
    const stalls = this.#trouble?.stalls ?? null;
    if (stalls === null || Number.isNaN(stalls.sinceUs)) return;
    const us = timeUs - stalls.sinceUs;
    if (us > stalls.longestUs) {
      stalls.longestUs = us;
      stalls.frame = stalls.sinceFrame;
    }
    stalls.sinceUs = Number.NaN;
  }

  /** The segment that was sent again most often, and whether its bytes were acknowledged in the end. */
  get mostRepeated(): RepeatedSegment | null {
    const most = this.resends?.most ?? null;
    if (most === null) return null;
    const { seq, length, times, firstFrame, lastFrame, firstUs, lastUs } = most;
    // Bytes from before the stream's beginning have no place in it.
    const offset = Math.max(0, this.offset + distance(this.nextSeq, seq));
    const acknowledged = this.hasAck && distance(seq, this.maxAck) >= length;
    return { offset, length, times, firstFrame, lastFrame, seconds: (lastUs - firstUs) / 1e6, acknowledged };
  }

  get retransmissionKinds(): RetransmissionKinds | null {
    const { resends } = this;
    if (this.retransmissions === 0 || resends === null) return null;
    const { fast, timeout, needless } = resends;
    return { fast, timeout, needless };
  }

  get zeroWindow(): ZeroWindow | null {
    const stalls = this.#trouble?.stalls ?? null;
    return stalls === null
      ? null
      : { times: stalls.count, longestSeconds: stalls.longestUs / 1e6, frame: stalls.frame, isOpen: this.windowClosed };
  }

  /** Records a conflict; at most `limit` are kept apart. */
  addConflict(conflict: Conflict, limit: number): void {
    const { trouble } = this;
    trouble.conflictCount++;
    if (trouble.conflicts.length < limit) trouble.conflicts.push(conflict);
  }

  /**
   * Keeps what is new of `piece` until its turn comes. Returns how many bytes that is, those that were cut off behind
   * it included; bytes that wait already stay as they are, and `onConflict` hears where the new ones differ.
   */
  insert(piece: Pending, onConflict: (seq: number, length: number) => void): number {
    this.pending ??= [];
    const list = this.pending;
    const { bytes } = piece;
    const length = bytes.length + piece.truncated;
    let fresh = 0;
    let at = 0;
    let seq = piece.seq;
    let from = 0;
    // Nearly always it goes to the end.
    const last = list[list.length - 1];
    if (last !== undefined && distance(last.seq, seq) >= last.bytes.length + last.truncated) at = list.length;
    while (from < length) {
      const next = list[at];
      const end = next === undefined ? length : from + distance(seq, next.seq);
      if (next !== undefined && end <= from) {
        const shared = next.bytes.length + next.truncated + distance(seq, next.seq);
        if (shared > 0) {
          const overlap = Math.min(shared, length - from);
          compare(piece, from, next, distance(next.seq, seq), overlap, onConflict);
          from += overlap;
          seq = (seq + overlap) | 0;
        }
        at++;
        continue;
      }
      const until = Math.min(end, length);
      const captured = Math.max(0, Math.min(until, bytes.length) - from);
      list.splice(at, 0, {
        ...piece,
        seq,
        bytes: captured === bytes.length ? bytes : bytes.subarray(from, from + captured),
        truncated: until - from - captured,
      });
      this.trouble.pendingBytes += captured;
      fresh += until - from;
      seq = (seq + until - from) | 0;
      from = until;
      at++;
    }
    if (list.length === 0) this.pending = null;
    return fresh;
  }

  /** Takes the first waiting piece out. */
  shift(): Pending {
    const list = this.pending as Pending[];
    const piece = list.shift() as Pending;
    this.trouble.pendingBytes -= piece.bytes.length;
    if (list.length === 0) this.pending = null;
    return piece;
  }
}

function compare(
  piece: Pending,
  from: number,
  other: Pending,
  otherFrom: number,
  length: number,
  onConflict: (seq: number, length: number) => void,
): void {
  const end = Math.min(length, other.bytes.length - otherFrom, piece.bytes.length - from);
  if (end <= 0) return;
  const a = piece.bytes.subarray(from, from + end);
  const b = other.bytes.subarray(otherFrom, otherFrom + end);
  if (a.compare(b) !== 0) onConflict((piece.seq + from) | 0, end);
}
