/**
 * A small seeded generator (mulberry32): the same seed gives the same corpus on every machine, and nothing here asks
 * the clock.
 */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed | 0;
  }

  /** The next unsigned 32-bit number. */
  next() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (x ^ (x >>> 14)) >>> 0;
  }

  /** A whole number in [0, limit). @param {number} limit */
  below(limit) {
    return Math.floor((this.next() / 0x1_0000_0000) * limit);
  }

  /** A whole number in [low, high], both included. @param {number} low @param {number} high */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability. @param {number} probability */
  chance(probability) {
    return this.next() < probability * 0x1_0000_0000;
  }

  /**
   * One of the items.
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return /** @type {T} */ (items[this.below(items.length)]);
  }
}
