/**
 * Fingerprints of the pieces of messages that were read last, so that bytes which come once more can be told from
 * others: the text of a message is not kept. One ring of fixed size serves all sessions; each new piece takes the place
 * of the oldest. Pieces of one hash are chained, the newest first, so that a piece costs what lies side by side and one
 * place in a table that fits into a cache.
 */
import { fingerprint } from '../bytes/kernel/message-scan.ts';

const PIECES = 65_536;
/** Session, offset, length, fingerprint, number of the piece before it in its chain. */
const WORDS = 5;
const HEADS = 16_384;
/** Pieces of one chain that are looked at: somebody may choose them so that they are many. */
const MAX_STEPS = 32;
/** Longer ones (a card that joins segments) are let pass. */
const MAX_PIECE = 65_536;

export class RecentSegments {
  #ring: Int32Array | null = null;
  /** The number of the newest piece of each chain. */
  #heads: Int32Array | null = null;
  /** Of the next piece. What is not there has number 0, and was overwritten long ago. */
  #next = PIECES + 1;

  /** `bytes[start, end)` of session `session`, from `offset` of its stream on. */
  remember(session: number, offset: number, bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_PIECE || offset > 0x7fffffff) return;
    this.#ring ??= new Int32Array(PIECES * WORDS);
    this.#heads ??= new Int32Array(HEADS);
    const ring = this.#ring;
    const head = headOf(session, offset);
    const number = this.#next;
    const at = placeOf(number);
    ring[at] = session;
    ring[at + 1] = offset;
    ring[at + 2] = end - start;
    ring[at + 3] = fingerprint(bytes, start, end);
    ring[at + 4] = this.#heads[head] as number;
    this.#heads[head] = number;
    this.#next = (number + 1) | 0;
  }

  /** Whether bytes from `offset` on differ from what was read there, as far as they are whole pieces. */
  differs(session: number, offset: number, bytes: Buffer, start: number, end: number): boolean {
    const ring = this.#ring;
    if (ring === null) return false;
    let at = start;
    while (at < end) {
      const found = this.#find(session, offset + at - start);
      if (found < 0) return false;
      const length = ring[found + 2] as number;
      if (length === 0 || at + length > end) return false;
      if (fingerprint(bytes, at, at + length) !== ring[found + 3]) return true;
      at += length;
    }
    return false;
  }

  #find(session: number, offset: number): number {
    const ring = this.#ring as Int32Array;
    let number = (this.#heads as Int32Array)[headOf(session, offset)] as number;
    for (let steps = 0; steps < MAX_STEPS && (this.#next - number) >>> 0 <= PIECES; steps++) {
      const at = placeOf(number);
      if (ring[at] === session && ring[at + 1] === offset) return at;
      number = ring[at + 4] as number;
    }
    return -1;
  }
}

function headOf(session: number, offset: number): number {
  return Math.imul(Math.imul(session, 0x9e3779b1) ^ offset, 0x85ebca6b) >>> 18;
}

function placeOf(number: number): number {
  return (number & (PIECES - 1)) * WORDS;
}
