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
 * with the one TTL and again with the other, in order, most of it (`SecondPlace`). Then a segment was sent as often as the
 * place shows it that shows it most: whatever was lost between them, and whichever of them comes first.
 *
 * One table of fixed size serves all connections, and only those are entered in which something came twice.
 */
import { distance } from './seq.ts';

/** Segments that are remembered: 40 MB/s of full segments over a path of half a second. */
const ENTRIES = 16_384;
const WORDS = 7;
/** TTLs that are told apart of a segment, a byte each of a word: places on the way. */
const PLACES = 4;
/** Further apart are not even the ends of a path by satellite with a clock each; an identification lasts longer. */
const APART_US = 5_000_000;
/** Three segments that nothing but a second place explains, and no more than half of what is new came but once. */
const WITNESSES = 3;
const NEW_TO_EACH = 2;

/** No packet is known by this: neither an identification nor a timestamp. */
export const NO_IDENTITY = 0;

/**
 * What a segment is to the one that is remembered from its first byte: nothing (none is), that one, that one at another
 * place, perhaps that one at another place (nothing but the TTL differs, and no identity tells), another one.
 */
export type Likeness = 'unknown' | 'same' | 'same-elsewhere' | 'like-elsewhere' | 'different';

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

  /** A segment with something new in it. `key`: of the connection's direction. */
  remember(key: number, seq: number, sight: Sight): void {
    this.sentAgain(key, seq, sight);
    const words = this.#room();
    const at = entryOf(key, seq) * WORDS;
    words[at + 5] = sight.ttl;
    words[at + 6] = 1;
  }

  /** The segment was sent once more: that is what copies are copies of from now on. */
  sentAgain(key: number, seq: number, { identity, ack, window, ttl, timeUs }: Sight): void {
    const words = this.#room();
    this.#times ??= new Float64Array(ENTRIES);
    const entry = entryOf(key, seq);
    const at = entry * WORDS;
    words[at] = key;
    words[at + 1] = seq;
    words[at + 2] = identity;
    words[at + 3] = ack;
    words[at + 4] = (window << 8) | ttl;
    this.#times[entry] = timeUs;
  }

  /**
   * The segment once more. Whether another place has shown it as often by now. `usualTtl`: the one it came with at first
   * where that is not remembered.
   */
  see(key: number, seq: number, sight: Sight, usualTtl: number): boolean {
    const at = entryOf(key, seq) * WORDS;
    const words = this.#room();
    if (words[at] !== key || words[at + 1] !== seq) {
      this.remember(key, seq, sight);
      words[at + 5] = usualTtl & 0xff;
    }
    const ttls = words[at + 5] as number;
    const counts = words[at + 6] as number;
    let times = 0;
    let most = 0;
    for (let place = 0; place < PLACES; place++) {
      const shift = place * 8;
      const count = (counts >>> shift) & 0xff;
      if (times === 0 && (count === 0 || ((ttls >>> shift) & 0xff) === sight.ttl || place === PLACES - 1)) {
        times = Math.min(count + 1, 0xff);
        words[at + 5] = (ttls & ~(0xff << shift)) | (sight.ttl << shift);
        words[at + 6] = (counts & ~(0xff << shift)) | (times << shift);
      } else if (count > most) most = count;
    }
    return times <= most;
  }

  #room(): Int32Array {
    this.#words ??= new Int32Array(ENTRIES * WORDS);
    return this.#words;
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
    const isSameTtl = ((words[at + 4] as number) & 0xff) === ttl;
    if (isSameIdentity && identity !== NO_IDENTITY && apartUs < APART_US) return isSameTtl ? 'same' : 'same-elsewhere';
    if (!isSameIdentity || words[at + 3] !== ack || (words[at + 4] as number) >>> 8 !== window) return 'different';
    if (!isSameTtl) return 'like-elsewhere';
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
