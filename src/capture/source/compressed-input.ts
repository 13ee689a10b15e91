/** The compressed data ends where more of it is needed. */
export class InputEnds extends Error {}

/** Where the beginning of a block and its end lie in two chunks they are put together; no piece that is asked for is longer. */
const FIRST_SCRATCH_BYTES = 4096;

/** A cursor over the chunks of compressed input. A chunk is lent: it is overwritten when the next one is asked for. */
export class CompressedInput {
  /** Bytes consumed so far. */
  offset = 0;
  private readonly chunks: AsyncIterator<Buffer> | Iterator<Buffer>;
  private current: Buffer = Buffer.alloc(0);
  private scratch: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer> | Iterable<Buffer>) {
    this.chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.current.length === 0) {
      const next = await this.chunks.next();
      if (next.done) return false;
      this.current = next.value;
    }
    return true;
  }

  /** What is there of the input, at least one byte, lent until the next call; `consume` says how much of it is done. */
  async chunk(): Promise<Buffer> {
    if (!(await this.hasMore())) throw new InputEnds();
    return this.current;
  }

  consume(length: number): void {
    this.current = this.current.subarray(length);
    this.offset += length;
  }

  async byte(): Promise<number> {
    const byte = (await this.chunk()).readUInt8(0);
    this.consume(1);
    return byte;
  }

  async u32le(): Promise<number> {
    let value = 0;
    for (let unit = 1; unit < 2 ** 32; unit *= 256) value += unit * (await this.byte());
    return value;
  }

  /** The next `length` bytes in one piece, lent until the next call. The caller has checked `length` against a limit. */
  async take(length: number): Promise<Buffer> {
    const chunk = await this.chunk();
    if (chunk.length >= length) {
      this.consume(length);
      return chunk.subarray(0, length);
    }
    if (this.scratch.length < length) this.scratch = Buffer.allocUnsafeSlow(Math.max(length, FIRST_SCRATCH_BYTES));
    for (let filled = 0; filled < length; ) {
      const part = (await this.chunk()).subarray(0, length - filled);
      part.copy(this.scratch, filled);
      this.consume(part.length);
      filled += part.length;
    }
    return this.scratch.subarray(0, length);
  }

  async pass(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const passed = Math.min(left, (await this.chunk()).length);
      this.consume(passed);
      left -= passed;
    }
  }

  /** Passes over text of any length and the zero byte at its end. */
  async passText(): Promise<void> {
    for (let end = -1; end < 0; ) {
      const chunk = await this.chunk();
      end = chunk.indexOf(0);
      this.consume(end < 0 ? chunk.length : end + 1);
    }
  }
}
