/** Frame numbers of one capture, a bit each: ten million packets are a megabyte. */
export class FrameSet {
  #bits = new Uint8Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(frame: number): void {
    const at = frame >>> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (frame & 7);
    const byte = this.#bits[at] as number;
    if ((byte & bit) !== 0) return;
    this.#bits[at] = byte | bit;
    this.#count++;
  }

  has(frame: number): boolean {
    return (((this.#bits[frame >>> 3] ?? 0) >> (frame & 7)) & 1) !== 0;
  }
}
