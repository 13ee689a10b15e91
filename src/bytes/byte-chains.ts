/**
 * Many growing byte strings in few buffers.
 *
 * A run keeps tens of thousands of open sessions, each with a kilobyte or two of dialogue that grows line by line. One
 * Buffer a session would cost more in allocation and collection than in bytes, so all of them live in slabs, cut into
 * blocks; a string is a chain of blocks, and a freed block serves the next string. Nothing here is seen by the garbage
 * collector but the slabs.
 */

const BLOCK = 256;
const SLAB = 1 << 20;
const BLOCKS_PER_SLAB = SLAB / BLOCK;

/** One byte string. Owned by whoever made it, and given back with `release`. */
export class Chain {
  head = -1;
  tail = -1;
  length = 0;
}

export class ByteChains {
  readonly #slabs: Buffer[] = [];
  /** Block to the next block of its chain, or of the free list. */
  #next = new Int32Array(BLOCKS_PER_SLAB);
  #free = -1;
  #used = 0;

  /** Bytes in blocks that belong to some chain. */
  get usedBytes(): number {
    return this.#used * BLOCK;
  }

  /** Copies `bytes[start, end)` to the end of the chain. */
  append(chain: Chain, bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      const fill = chain.length % BLOCK;
      if (fill === 0) this.#extend(chain);
      const slab = this.#slabs[Math.floor(chain.tail / BLOCKS_PER_SLAB)] as Buffer;
      const at = (chain.tail % BLOCKS_PER_SLAB) * BLOCK + fill;
      const room = BLOCK - fill;
      const count = end - from < room ? end - from : room;
      // Below this a loop beats the slice that a native copy needs.
      if (count < 160) {
        for (let i = 0; i < count; i++) slab[at + i] = bytes[from + i] as number;
      } else {
        slab.set(bytes.subarray(from, from + count), at);
      }
      chain.length += count;
      from += count;
    }
  }

  /** Copies the whole chain to `target[at, …)`, which must have room for `chain.length` bytes. */
  copy(chain: Chain, target: Buffer, at: number): void {
    let block = chain.head;
    let left = chain.length;
    let to = at;
    while (left > 0) {
      const slab = this.#slabs[Math.floor(block / BLOCKS_PER_SLAB)] as Buffer;
      const from = (block % BLOCKS_PER_SLAB) * BLOCK;
      const count = left < BLOCK ? left : BLOCK;
      slab.copy(target, to, from, from + count);
      to += count;
      left -= count;
      block = this.#next[block] as number;
    }
  }

  /** Appends one chain to another. */
  appendChain(chain: Chain, other: Chain): void {
    let block = other.head;
    let left = other.length;
    while (left > 0) {
      const slab = this.#slabs[Math.floor(block / BLOCKS_PER_SLAB)] as Buffer;
      const from = (block % BLOCKS_PER_SLAB) * BLOCK;
      const count = left < BLOCK ? left : BLOCK;
      this.append(chain, slab, from, from + count);
      left -= count;
      block = this.#next[block] as number;
    }
  }

  /** Empties the chain; its blocks serve others from now on. */
  release(chain: Chain): void {
    if (chain.head < 0) return;
    this.#used -= Math.ceil(chain.length / BLOCK);
    this.#next[chain.tail] = this.#free;
    this.#free = chain.head;
    chain.head = -1;
    chain.tail = -1;
    chain.length = 0;
  }

  #extend(chain: Chain): void {
    if (this.#free < 0) this.#grow();
    const block = this.#free;
    this.#free = this.#next[block] as number;
    this.#used++;
    if (chain.head < 0) chain.head = block;
    else this.#next[chain.tail] = block;
    chain.tail = block;
  }

  #grow(): void {
    const first = this.#slabs.length * BLOCKS_PER_SLAB;
    this.#slabs.push(Buffer.allocUnsafeSlow(SLAB));
    if (first + BLOCKS_PER_SLAB > this.#next.length) {
      const larger = new Int32Array(this.#next.length * 2);
      larger.set(this.#next);
      this.#next = larger;
    }
    for (let block = first; block < first + BLOCKS_PER_SLAB - 1; block++) this.#next[block] = block + 1;
    this.#next[first + BLOCKS_PER_SLAB - 1] = this.#free;
    this.#free = first;
  }
}
