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

/** Where bytes go that memory has no room for. Positions are bytes from the store's beginning. */
export interface SpillStore {
  /** Writes all of `bytes` at `position`. False when it cannot: the bytes are then lost. */
  write(bytes: Buffer, position: number): boolean;
  /** Fills `target[at, at + length)` with what was written at `position`. */
  read(target: Buffer, at: number, length: number, position: number): void;
}

export interface ChainOptions {
  /** Bytes of blocks in memory; beyond it the chains that have grown least recently give theirs away. */
  readonly limitBytes?: number;
  /** Where to. Without one those chains are cut to their beginnings. */
  readonly store?: SpillStore | null;
}

/** What a chain keeps that is cut: a greeting, the first commands. */
const CUT_BLOCKS = 4;
/** Of the limit; so much is made free at once. */
const FREED_SHARE = 1 / 16;

/** A piece of a chain that is in the store. */
interface Piece {
  readonly position: number;
  readonly length: number;
}

/** One byte string. Owned by whoever made it, and given back with `release`. */
export class Chain {
  head = -1;
  tail = -1;
  length = 0;
  /** Memory had no room for more: it is a beginning, and nothing is appended to it. */
  isCut = false;
  /** Its first bytes, in order, where they are in the store; the rest is in blocks. */
  pieces: Piece[] | null = null;
  /** Its neighbours in the order of growth, where it has more than one block. */
  older: Chain | null = null;
  newer: Chain | null = null;
  isListed = false;
}

/**
 * With a limit, chains of more than one block stand in a list, the one that has grown least recently first. What goes to
 * the store are whole blocks from the front, never the last one: appending and counting stay as they are.
 */
export class ByteChains {
  readonly #slabs: Buffer[] = [];
  /** The same memory in words. */
  readonly #words: Int32Array[] = [];
  readonly #limitBlocks: number;
  readonly #store: SpillStore | null;
  #oldest: Chain | null = null;
  #newest: Chain | null = null;
  /** It is being read, and keeps its blocks. */
  #pinned: Chain | null = null;
  /** End of what is used of the store, and pieces of it that are free, by length. */
  #storeEnd = 0;
  #storeUsed = 0;
  readonly #storeFree = new Map<number, number[]>();
  /** Block to the next block of its chain, or of the free list. */
  #next = new Int32Array(BLOCKS_PER_SLAB);
  #free = -1;
  #used = 0;

  constructor(options: ChainOptions = {}) {
    this.#limitBlocks = Math.floor((options.limitBytes ?? Number.POSITIVE_INFINITY) / BLOCK);
    this.#store = options.store ?? null;
  }

  /** Bytes that are in the store. */
  get storedBytes(): number {
    return this.#storeUsed;
  }

  /** Bytes in blocks that belong to some chain. */
  get usedBytes(): number {
    return this.#used * BLOCK;
  }

  /** Copies `bytes[start, end)` to the end of the chain; a chain that is cut stays as it is. */
  append(chain: Chain, bytes: Uint8Array, start: number, end: number): void {
    if (chain.isCut) return;
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
    const begin = target.byteOffset + at;
    // Pieces are whole blocks: what follows them stands where words may stand as well.
    const words = left < BLOCK || begin % 4 !== 0 ? null : new Int32Array(target.buffer, begin, Math.floor(left / 4));
    if (chain.pieces !== null) {
      for (const { position, length } of chain.pieces) {
        (this.#store as SpillStore).read(target, to, length, position);
        to += length;
        left -= length;
      }
    }
    while (left > 0) {
      const slab = this.#slabs[Math.floor(block / BLOCKS_PER_SLAB)] as Buffer;
      const from = (block % BLOCKS_PER_SLAB) * BLOCK;
      const count = left < BLOCK ? left : BLOCK;
      if (count < BLOCK || words === null) {
        for (let i = 0; i < count; i++) target[to + i] = slab[from + i] as number;
      } else {
        // A native copy of so little makes a slice first.
        const source = this.#words[Math.floor(block / BLOCKS_PER_SLAB)] as Int32Array;
        for (let i = from / 4, j = (to - at) / 4; i < (from + BLOCK) / 4; i++, j++) words[j] = source[i] as number;
      }
      to += count;
      left -= count;
      block = this.#next[block] as number;
    }
  }

  /** Appends one chain to another. */
  appendChain(chain: Chain, other: Chain): void {
    if (other.pieces !== null) {
      const bytes = Buffer.allocUnsafe(other.length);
      this.copy(other, bytes, 0);
      this.append(chain, bytes, 0, bytes.length);
      return;
    }
    this.#pinned = other;
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
    this.#pinned = null;
  }

  /** Empties the chain; its blocks serve others from now on. */
  release(chain: Chain): void {
    if (chain.head < 0) return;
    let blocks = Math.ceil(chain.length / BLOCK);
    if (chain.pieces !== null) {
      for (const piece of chain.pieces) {
        blocks -= piece.length / BLOCK;
        this.#giveBack(piece);
      }
      chain.pieces = null;
    }
    this.#used -= blocks;
    this.#next[chain.tail] = this.#free;
    this.#free = chain.head;
    chain.head = -1;
    chain.tail = -1;
    chain.length = 0;
    chain.isCut = false;
    if (chain.isListed) this.#unlist(chain);
  }

  #extend(chain: Chain): void {
    if (this.#used >= this.#limitBlocks) this.#makeRoom(chain);
    if (this.#free < 0) this.#grow();
    const block = this.#free;
    this.#free = this.#next[block] as number;
    this.#used++;
    if (chain.head < 0) chain.head = block;
    else {
      this.#next[chain.tail] = block;
      if (this.#limitBlocks !== Number.POSITIVE_INFINITY) this.#touch(chain);
    }
    chain.tail = block;
  }

  // ---- the order of growth

  /** It has grown: nobody has more recently. */
  #touch(chain: Chain): void {
    if (chain === this.#newest) return;
    if (chain.isListed) this.#unlist(chain);
    chain.older = this.#newest;
    if (this.#newest === null) this.#oldest = chain;
    else this.#newest.newer = chain;
    this.#newest = chain;
    chain.isListed = true;
  }

  #unlist(chain: Chain): void {
    if (chain.older === null) this.#oldest = chain.newer;
    else chain.older.newer = chain.newer;
    if (chain.newer === null) this.#newest = chain.older;
    else chain.newer.older = chain.older;
    chain.older = null;
    chain.newer = null;
    chain.isListed = false;
  }

  // ---- what memory has no room for

  /** The oldest give blocks away until there is some room; `growing` and what is being read keep theirs. */
  #makeRoom(growing: Chain): void {
    const wanted = this.#limitBlocks - Math.ceil(this.#limitBlocks * FREED_SHARE);
    let chain = this.#oldest;
    while (chain !== null && this.#used > wanted) {
      const { newer }: Chain = chain;
      if (chain !== growing && chain !== this.#pinned) {
        if (!this.#spill(chain)) this.#cut(chain);
        this.#unlist(chain);
      }
      chain = newer;
    }
  }

  /** All blocks but the last go to the store. False when there is none, or it takes no more. */
  #spill(chain: Chain): boolean {
    if (this.#store === null) return false;
    let length = 0;
    let last = chain.head;
    for (let block = chain.head; block !== chain.tail; block = this.#next[block] as number) {
      length += BLOCK;
      last = block;
    }
    const bytes = Buffer.allocUnsafe(length);
    let at = 0;
    for (let block = chain.head; block !== chain.tail; block = this.#next[block] as number) {
      const slab = this.#slabs[Math.floor(block / BLOCKS_PER_SLAB)] as Buffer;
      const from = (block % BLOCKS_PER_SLAB) * BLOCK;
      slab.copy(bytes, at, from, from + BLOCK);
      at += BLOCK;
    }
    const piece = { position: this.#placeFor(length), length };
    if (!this.#store.write(bytes, piece.position)) {
      this.#giveBack(piece);
      return false;
    }
    chain.pieces ??= [];
    chain.pieces.push(piece);
    this.#next[last] = this.#free;
    this.#free = chain.head;
    this.#used -= length / BLOCK;
    chain.head = chain.tail;
    return true;
  }

  /** Keeps the beginning alone. What is in the store already stays. */
  #cut(chain: Chain): void {
    let kept = 0;
    for (const { length } of chain.pieces ?? []) kept += length;
    let last = chain.head;
    let blocks = 1;
    while (blocks < CUT_BLOCKS && last !== chain.tail) {
      last = this.#next[last] as number;
      blocks++;
    }
    if (last === chain.tail) return;
    chain.isCut = true;
    const total = Math.ceil((chain.length - kept) / BLOCK);
    this.#next[chain.tail] = this.#free;
    this.#free = this.#next[last] as number;
    this.#used -= total - blocks;
    chain.tail = last;
    chain.length = kept + blocks * BLOCK;
  }

  #placeFor(length: number): number {
    this.#storeUsed += length;
    const free = this.#storeFree.get(length)?.pop();
    if (free !== undefined) return free;
    const position = this.#storeEnd;
    this.#storeEnd += length;
    return position;
  }

  #giveBack({ position, length }: Piece): void {
    this.#storeUsed -= length;
    if (this.#storeUsed === 0) {
      this.#storeEnd = 0;
      this.#storeFree.clear();
      return;
    }
    const free = this.#storeFree.get(length);
    if (free === undefined) this.#storeFree.set(length, [position]);
    else free.push(position);
  }

  #grow(): void {
    const first = this.#slabs.length * BLOCKS_PER_SLAB;
    const slab = Buffer.allocUnsafeSlow(SLAB);
    this.#slabs.push(slab);
    this.#words.push(new Int32Array(slab.buffer, slab.byteOffset, SLAB / 4));
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
