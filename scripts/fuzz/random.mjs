/** Chance that repeats itself: mulberry32. One seed, one sequence. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1 */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number below `bound`. */
  below(bound) {
    return Math.floor(this.next() * bound);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Fisher and Yates, but no element moves further than about `reach`. */
  shuffled(list, reach = list.length) {
    return list
      .map((item, index) => ({ item, key: index + this.next() * reach }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}

/** Values at which lengths and counters go wrong. */
export const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 19, 20, 21, 40, 127, 128, 255, 256, 1500, 0x7fff, 0x8000, 0xffff];
export const EDGES_32 = [
  ...EDGES,
  0x10000,
  0x40000,
  0xffffff,
  0x1000000,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff,
];
