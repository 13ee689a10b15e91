/** xxHash, 32 bits, seed 0: the checksum of LZ4 frames (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
import { u32le } from './read.ts';

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const STRIPE_BYTES = 16;

export class XxHash32 {
  #a = (P1 + P2) | 0;
  #b = P2 | 0;
  #c = 0;
  #d = -P1 | 0;
  /** What of the last stripe has come. */
  readonly #rest = Buffer.alloc(STRIPE_BYTES);
  #restLength = 0;
  #length = 0;

  update(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#length += end - start;
    let at = start;
    if (this.#restLength > 0) {
      const wanted = Math.min(STRIPE_BYTES - this.#restLength, end - at);
      bytes.copy(this.#rest, this.#restLength, at, at + wanted);
      this.#restLength += wanted;
      at += wanted;
      if (this.#restLength < STRIPE_BYTES) return;
      this.#stripes(this.#rest, 0, STRIPE_BYTES);
    }
    const whole = at + (end - at) - ((end - at) % STRIPE_BYTES);
    this.#stripes(bytes, at, whole);
    this.#restLength = bytes.copy(this.#rest, 0, whole, end);
  }

  /** 0 to 2³² − 1. More may be added afterwards. */
  digest(): number {
    const isLong = this.#length >= STRIPE_BYTES;
    let hash = isLong
      ? (rotate(this.#a, 1) + rotate(this.#b, 7) + rotate(this.#c, 12) + rotate(this.#d, 18)) | 0
      : P5 | 0;
    hash = (hash + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4) {
      hash = Math.imul(rotate((hash + Math.imul(u32le(this.#rest, at), P3)) | 0, 17), P4);
    }
    for (; at < this.#restLength; at++) {
      hash = Math.imul(rotate((hash + Math.imul(this.#rest[at] as number, P5)) | 0, 11), P1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), P2);
    hash = Math.imul(hash ^ (hash >>> 13), P3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #stripes(bytes: Buffer, start: number, end: number): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let at = start; at < end; at += STRIPE_BYTES) {
      a = round(a, u32le(bytes, at));
      b = round(b, u32le(bytes, at + 4));
      c = round(c, u32le(bytes, at + 8));
      d = round(d, u32le(bytes, at + 12));
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

export function xxHash32(bytes: Buffer): number {
  const hash = new XxHash32();
  hash.update(bytes);
  return hash.digest();
}

function round(lane: number, value: number): number {
  return Math.imul(rotate((lane + Math.imul(value, P2)) | 0, 13), P1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
