/**
 * Which segments with payload passed lately, so that what comes once more can be told from what was sent once more: a
 * capture made at two places on a packet's way (two interfaces, a mirror port, both ends joined into one file) holds
 * every packet twice. A copy has what its sender never gives twice in such a time: the same IP identification (RFC 6864
 * §4.3), or, where there is none, the same TCP timestamp (RFC 7323 §4.1).
 *
 * One table of fixed size serves all connections, and only those are entered in which something came twice.
 */

/** Segments that are remembered: 40 MB/s of full segments over a path of half a second. */
const ENTRIES = 16_384;
const WORDS = 3;
/** Further apart are not even the ends of a path by satellite with a clock each; an identification lasts longer. */
const APART_US = 5_000_000;

/** No packet is known by this: neither an identification nor a timestamp. */
export const NO_IDENTITY = 0;

export class CapturedCopies {
  #words: Int32Array | null = null;
  #times: Float64Array | null = null;

  /** `key`: of the connection's direction. `identity`: what the sender gives only once (NO_IDENTITY: nothing). */
  remember(key: number, seq: number, identity: number, timeUs: number): void {
    this.#words ??= new Int32Array(ENTRIES * WORDS);
    this.#times ??= new Float64Array(ENTRIES);
    const entry = entryOf(key, seq);
    const at = entry * WORDS;
    this.#words[at] = key;
    this.#words[at + 1] = seq;
    this.#words[at + 2] = identity;
    this.#times[entry] = timeUs;
  }

  /** Whether the segment that begins at `seq` is a copy of the one that is remembered from there. */
  isCopy(key: number, seq: number, identity: number, timeUs: number): boolean {
    const words = this.#words;
    const times = this.#times;
    if (words === null || times === null || identity === NO_IDENTITY) return false;
    const entry = entryOf(key, seq);
    const at = entry * WORDS;
    return (
      words[at] === key &&
      words[at + 1] === seq &&
      words[at + 2] === identity &&
      Math.abs(timeUs - (times[entry] as number)) < APART_US
    );
  }
}

function entryOf(key: number, seq: number): number {
  return Math.imul(Math.imul(key, 0x9e3779b1) ^ seq, 0x85ebca6b) >>> 18;
}
