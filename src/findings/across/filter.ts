/** Bits of a filter, and the keys from which on it is made anew: one bit in eight is set at most. 32 KiB. */
const BITS = 1 << 18;
const KEYS = 1 << 15;

/** Says of most keys that they are not among those added, for the price of one bit. Of the others it says perhaps. */
export class KeyFilter {
  readonly #bits = new Uint32Array(BITS >>> 5);
  #keys = 0;

  mayHave(key: number): boolean {
    return ((this.#bits[(key & (BITS - 1)) >>> 5] as number) & (1 << (key & 31))) !== 0;
  }

  /** `all` gives the keys that still count, when there are too many. */
  add(key: number, all: () => Iterable<number>): void {
    if (this.mayHave(key)) return;
    if (++this.#keys > KEYS) {
      this.#bits.fill(0);
      this.#keys = 0;
      for (const one of all()) this.#set(one);
    }
    this.#set(key);
  }

  #set(key: number): void {
    const word = (key & (BITS - 1)) >>> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (key & 31));
  }
}
