/**
 * The bytes of a piece of output, built in place. The transcript is the hot path of the whole program: one page is
 * filled again and again, wire bytes are copied into it without becoming strings, numbers are written digit by digit.
 * Measured on sessions of 29 lines, once warm: 0.2 µs of CPU a line, header lines and all.
 *
 * What comes from the wire goes through `wireLine` or `wireText` and through nothing else.
 */
import { decodeWireText } from '../../smtp/wire-text.ts';
import { printable } from '../printable.ts';

const CR = 13;
const LF = 10;
const SPACE = 32;
const ZERO = 48;
const DOT = 46;
/** From here on the native encoder is faster than a loop. */
const LONG_TEXT = 48;
const BARE_LF = Buffer.from('<LF>');

export class Page {
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What was written; lent until the page is written to again. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Bytes of our own. */
  put(bytes: Uint8Array): void {
    const count = bytes.length;
    if (count === 0) return;
    this.#reserve(count);
    const to = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < count; i++) to[at++] = bytes[i] as number;
    this.#length = at;
  }

  /** Text of our own, or text that went through `printable`. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    const to = this.#bytes;
    let at = this.#length;
    if (text.length > LONG_TEXT) {
      this.#length = at + to.write(text, at);
      return;
    }
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.#length = at + to.write(text.slice(i), at);
        return;
      }
      to[at++] = code;
    }
    this.#length = at;
  }

  newline(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = LF;
  }

  /** A whole number ≥ 0, right-aligned; a wider one is not cut. */
  integer(value: number, width: number): void {
    if (!(value >= 0 && value <= 0x7fffffff)) {
      this.text(String(value).padStart(width));
      return;
    }
    this.#reserve(width + 10);
    this.#digits(value | 0, width);
  }

  /** Microseconds as seconds with three digits, right-aligned; `-` when unknown. */
  seconds(us: number, width: number): void {
    if (!(us >= 0 && us < 2e12)) {
      this.text((Number.isNaN(us) ? '-' : (us / 1e6).toFixed(3)).padStart(width));
      return;
    }
    this.#reserve(width + 16);
    const whole = Math.floor(us / 1e6);
    this.#digits(whole, width - 4);
    this.#bytes[this.#length++] = DOT;
    this.#padded(Math.floor((us - whole * 1e6) / 1000), 3);
  }

  /** Time of day, UTC: `13:17:23.316`. */
  clock(us: number): void {
    if (!(us >= 0)) {
      this.text('           -');
      return;
    }
    this.#reserve(12);
    const ms = Math.floor(us / 1000) % 86_400_000;
    this.#padded(Math.floor(ms / 3_600_000), 2);
    this.#bytes[this.#length++] = 58;
    this.#padded(Math.floor(ms / 60_000) % 60, 2);
    this.#bytes[this.#length++] = 58;
    this.#padded(Math.floor(ms / 1000) % 60, 2);
    this.#bytes[this.#length++] = DOT;
    this.#padded(ms % 1000, 3);
  }

  /**
   * The line of `bytes[0, end)` that begins at `start`, harmless, without its CRLF; a line end that is not CRLF is
   * made visible. Returns where the next line begins.
   */
  wireLine(bytes: Buffer, start: number, end: number): number {
    this.#reserve(end - start + 4);
    const to = this.#bytes;
    let at = this.#length;
    let i = start;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte < 32 || byte > 126) break;
      to[at++] = byte;
    }
    if (i === end) {
      this.#length = at;
      return end;
    }
    if (bytes[i] === CR && i + 1 < end && bytes[i + 1] === LF) {
      this.#length = at;
      return i + 2;
    }
    if (bytes[i] === LF) {
      this.#length = at;
      this.put(BARE_LF);
      return i + 1;
    }
    const next = bytes.indexOf(LF, i);
    const feed = next < end ? next : -1;
    const stop = feed < 0 ? end : feed;
    const whole = feed > start && bytes[feed - 1] === CR;
    this.wireText(decodeWireText(bytes, start, whole ? stop - 1 : stop));
    if (feed >= 0 && !whole) this.put(BARE_LF);
    return feed < 0 ? end : feed + 1;
  }

  /** Decoded text from the wire, made harmless. */
  wireText(text: string): void {
    this.text(printable(text));
  }

  #digits(value: number, width: number): void {
    const to = this.#bytes;
    let digits = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits++;
    let at = this.#length;
    for (let pad = width - digits; pad > 0; pad--) to[at++] = SPACE;
    at += digits;
    this.#length = at;
    let rest = value;
    do {
      const next = (rest / 10) | 0;
      to[--at] = ZERO + rest - next * 10;
      rest = next;
    } while (rest > 0);
  }

  #padded(value: number, width: number): void {
    const to = this.#bytes;
    let rest = value;
    for (let at = this.#length + width; at > this.#length; ) {
      const next = (rest / 10) | 0;
      to[--at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#length += width;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
