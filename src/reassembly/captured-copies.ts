/**
 * Which segments with payload passed lately, so that what comes once more can be told from what was sent once more: a
 * capture made at two places on a packet's way (two interfaces, a mirror port, both ends joined into one file) holds
 * every packet twice. A copy has what its sender never gives twice in such a time: the same IP identification (RFC 6864
 * §4.3), or, where there is none, the same TCP timestamp (RFC 7323 §4.1).
 *
 * Where there is neither, or nothing was remembered (the clocks of the places differ by more than the session lasts), the
 * hops between the places tell: the copy has another TTL and is else the same. That alone is no proof, since a sender may
 * take another way for what it sends again (Linux gives it another flow label), and what it sends afterwards goes that
 * way too. It counts where both places are known to have been there: its SYN came twice, or what is new keeps on coming
 * with the one TTL and again with the other, in order, most of it (`SecondPlace`).
 *
 * One table of fixed size serves all connections, and only those are entered in which something came twice.
 */
import { distance } from './seq.ts';

/** Segments that are remembered: 40 MB/s of full segments over a path of half a second. */
const ENTRIES = 16_384;
const WORDS = 5;
/** Further apart are not even the ends of a path by satellite with a clock each; an identification lasts longer. */
const APART_US = 5_000_000;
/** Three segments that nothing but a second place explains, and no more than half of what is new came but once. */
const WITNESSES = 3;
const NEW_TO_EACH = 2;

/** No packet is known by this: neither an identification nor a timestamp. */
export const NO_IDENTITY = 0;

/** What a segment is to the one that is remembered from its first byte. */
export type Likeness = 'unknown' | 'same' | 'other-place' | 'different';

/** What tells a packet from the others of its sender. One object, reused. */
export interface Sight {
  /** What the sender gives only once (NO_IDENTITY: nothing). */
  identity: number;
  ack: number;
  window: number;
  ttl: number;
  timeUs: number;
}

export class CapturedCopies {
  #words: Int32Array | null = null;
  #times: Float64Array | null = null;

  /** `key`: of the connection's direction. */
  remember(key: number, seq: number, { identity, ack, window, ttl, timeUs }: Sight): void {
    this.#words ??= new Int32Array(ENTRIES * WORDS);
    this.#times ??= new Float64Array(ENTRIES);
    const entry = entryOf(key, seq);
    const at = entry * WORDS;
    this.#words[at] = key;
    this.#words[at + 1] = seq;
    this.#words[at + 2] = identity;
    this.#words[at + 3] = ack;
    this.#words[at + 4] = (window << 8) | ttl;
    this.#times[entry] = timeUs;
  }

  /** What the segment that begins at `seq` is; within `soonUs` of the one that is remembered nobody sends again. */
  compare(key: number, seq: number, { identity, ack, window, ttl, timeUs }: Sight, soonUs: number): Likeness {
    const words = this.#words;
    const times = this.#times;
    if (words === null || times === null) return 'unknown';
    const entry = entryOf(key, seq);
    const at = entry * WORDS;
    if (words[at] !== key || words[at + 1] !== seq) return 'unknown';
    const apartUs = Math.abs(timeUs - (times[entry] as number));
    const isSameIdentity = words[at + 2] === identity;
    if (isSameIdentity && identity !== NO_IDENTITY && apartUs < APART_US) return 'same';
    if (!isSameIdentity || words[at + 3] !== ack || (words[at + 4] as number) >>> 8 !== window) return 'different';
    if (((words[at + 4] as number) & 0xff) !== ttl) return 'other-place';
    return apartUs < soonUs ? 'same' : 'different';
  }
}

/** What came again in one direction with another TTL, until it is known whether it was captured at another place. */
export class SecondPlace {
  readonly #ttl: number;
  /** Segments with something new before the first of them. */
  readonly #newBefore: number;
  count = 0;
  isProven = false;
  #witnesses = 0;
  #end = 0;

  constructor(ttl: number, newBefore: number) {
    this.#ttl = ttl;
    this.#newBefore = newBefore;
  }

  /**
   * One more. `isWitness`: what it repeats came at the first place when this one was known, or it acknowledges less than
   * its sender had acknowledged before. `newSegments`: those that brought something new so far.
   */
  add(seq: number, length: number, ttl: number, isWitness: boolean, newSegments: number): void {
    // What is sent again and again stays where it is; the copies of a stream go on.
    if (ttl !== this.#ttl || (this.count > 0 && distance(this.#end, seq) < 0)) return;
    this.count++;
    this.#end = (seq + length) | 0;
    if (isWitness) this.#witnesses++;
    this.isProven = this.#witnesses >= WITNESSES && newSegments - this.#newBefore <= NEW_TO_EACH * this.count;
  }
}

function entryOf(key: number, seq: number): number {
  return Math.imul(Math.imul(key, 0x9e3779b1) ^ seq, 0x85ebca6b) >>> 18;
}
