/**
 * Fingerprints of the pieces of messages that were read last, so that bytes which come once more can be told from
 * others: the text of a message is not kept. One table of fixed size serves all sessions; each new piece takes the
 * place of the oldest of its row.
 */
import { fingerprint } from '../bytes/kernel/message-scan.ts';

const ROWS = 16_384;
const PIECES = 4;
const WORDS = 4;
/** Longer ones (a card that joins segments) are let pass. */
const MAX_PIECE = 65_536;

export class RecentSegments {
  #table: Int32Array | null = null;

  /** `bytes[start, end)` of session `session`, from `offset` of its stream on. */
  remember(session: number, offset: number, bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_PIECE || offset > 0x7fffffff) return;
    this.#table ??= new Int32Array(ROWS * PIECES * WORDS);
    const table = this.#table;
    const row = rowOf(session, offset);
    // One by one: for twelve words a native copy takes longer than it works.
    for (let at = row + PIECES * WORDS - 1; at >= row + WORDS; at--) table[at] = table[at - WORDS] as number;
    table[row] = session;
    table[row + 1] = offset;
    table[row + 2] = end - start;
    table[row + 3] = fingerprint(bytes, start, end);
  }

  /** Whether bytes from `offset` on differ from what was read there, as far as they are whole pieces. */
  differs(session: number, offset: number, bytes: Buffer, start: number, end: number): boolean {
    const table = this.#table;
    if (table === null) return false;
    let at = start;
    while (at < end) {
      const found = this.#find(session, offset + at - start);
      if (found < 0) return false;
      const length = table[found + 2] as number;
      if (length === 0 || at + length > end) return false;
      if (fingerprint(bytes, at, at + length) !== table[found + 3]) return true;
      at += length;
    }
    return false;
  }

  #find(session: number, offset: number): number {
    const table = this.#table as Int32Array;
    const row = rowOf(session, offset);
    for (let at = row; at < row + PIECES * WORDS; at += WORDS) {
      if (table[at] === session && table[at + 1] === offset) return at;
    }
    return -1;
  }
}

function rowOf(session: number, offset: number): number {
  return (Math.imul(Math.imul(session, 0x9e3779b1) ^ offset, 0x85ebca6b) >>> 18) * PIECES * WORDS;
}
