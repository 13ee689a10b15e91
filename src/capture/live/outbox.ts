/**
 * Packets on their way to the reading process. The kernel's ring has room for a thousand of them, each in a slot as
 * large as the largest; here they lie close together, so what the reader cannot take for a second or two is kept and
 * not lost. Only when all of this is full does the writer wait, and then the ring fills.
 */
import { writeSync } from 'node:fs';

const BLOCK_BYTES = 256 * 1024;
/** Blocks that are kept for the next time; the others are given back. */
const SPARE_BLOCKS = 8;
const FULL_WAIT_MS = 1;

interface Block {
  readonly bytes: Buffer;
  /** What was written of it, and what is in it. */
  start: number;
  end: number;
}

export class Outbox {
  readonly #fd: number;
  readonly #mostBlocks: number;
  readonly #mostRecordBytes: number;
  readonly #whileFull: () => void;
  readonly #waiting: Block[] = [];
  readonly #spare: Block[] = [];
  #filling: Block;
  #blocks = 0;

  /**
   * Writes to `fd`, which should not block. `mostBytes` wait at most; a record has `mostRecordBytes` at most. `whileFull`
   * is called again and again as long as the writer has to wait.
   */
  constructor(fd: number, mostBytes: number, mostRecordBytes: number, whileFull: () => void = () => {}) {
    this.#fd = fd;
    this.#whileFull = whileFull;
    this.#mostBlocks = Math.max(2, Math.floor(mostBytes / BLOCK_BYTES));
    this.#mostRecordBytes = mostRecordBytes;
    this.#filling = this.#block();
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#filling.end === this.#filling.start;
  }

  /** Bytes that lie in the block at hand. */
  get filled(): number {
    return this.#filling.end - this.#filling.start;
  }

  /** The block at hand has room for a record from `at` on; `commit` counts it in. May wait for the reader. */
  reserve(): { readonly bytes: Buffer; readonly at: number } {
    if (this.#filling.bytes.length - this.#filling.end < this.#mostRecordBytes) {
      this.#waiting.push(this.#filling);
      while (this.#spare.length === 0 && this.#blocks >= this.#mostBlocks) {
        if (this.pump()) continue;
        this.#whileFull();
        Atomics.wait(pause, 0, 0, FULL_WAIT_MS);
      }
      this.#filling = this.#spare.pop() ?? this.#block();
    }
    return { bytes: this.#filling.bytes, at: this.#filling.end };
  }

  commit(length: number): void {
    this.#filling.end += length;
  }

  /** Writes as much as the reader takes now; true when nothing waits any more. Throws where nobody reads. */
  pump(): boolean {
    for (let block = this.#waiting[0]; block !== undefined; block = this.#waiting[0]) {
      if (!this.#write(block)) return false;
      this.#waiting.shift();
      block.start = 0;
      block.end = 0;
      if (this.#spare.length < SPARE_BLOCKS) this.#spare.push(block);
      else this.#blocks--;
    }
    const filling = this.#filling;
    if (!this.#write(filling)) return false;
    filling.start = 0;
    filling.end = 0;
    return true;
  }

  /** Writes everything, however long it takes. */
  flush(): void {
    while (!this.pump()) Atomics.wait(pause, 0, 0, FULL_WAIT_MS);
  }

  #write(block: Block): boolean {
    while (block.start < block.end) {
      try {
        block.start += writeSync(this.#fd, block.bytes, block.start, block.end - block.start);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
        throw error;
      }
    }
    return true;
  }

  #block(): Block {
    this.#blocks++;
    return { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, this.#mostRecordBytes)), start: 0, end: 0 };
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
