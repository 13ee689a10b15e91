/**
 * Handshake messages out of record fragments (RFC 8446 §4). A message may span records and a record may hold several;
 * only those that are asked for are kept, and of each no more than its limit.
 *
 *     struct { HandshakeType msg_type; uint24 length; opaque body[length]; }
 */

export const HandshakeType = {
  clientHello: 1,
  serverHello: 2,
  serverKeyExchange: 12,
} as const;

/** A ClientHello with post-quantum key shares has some 1800 bytes; what is longer than this is not worth its memory. */
const MAX_HELLO = 16_384;

/** Bytes of a body that are kept, by message type; of a key exchange only what names its group. */
const kept: Record<number, number> = {
  [HandshakeType.clientHello]: MAX_HELLO,
  [HandshakeType.serverHello]: MAX_HELLO,
  [HandshakeType.serverKeyExchange]: 3,
};

/** `body` is `bytes[start, end)`, lent until the call returns; `length` is what the message announced for it. */
export type MessageListener = (type: number, bytes: Buffer, start: number, end: number, length: number) => void;

const EMPTY = Buffer.alloc(0);
const FIRST_ALLOCATION = 512;

export class HandshakeReader {
  readonly #listener: MessageListener;
  #headerFilled = 0;
  #type = 0;
  #length = 0;
  /** Bytes of the body still to come. */
  #remaining = 0;
  /** Bytes of the body still to be kept. */
  #wanted = 0;
  #body = EMPTY;
  #bodyFilled = 0;

  constructor(listener: MessageListener) {
    this.#listener = listener;
  }

  push(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#headerFilled < 4) {
        this.#header(bytes[at] as number);
        at++;
        continue;
      }
      const stop = Math.min(end, at + this.#remaining);
      if (this.#wanted > 0) this.#keep(bytes, at, Math.min(stop, at + this.#wanted));
      this.#remaining -= stop - at;
      if (this.#remaining === 0) this.#headerFilled = 0;
      at = stop;
    }
  }

  #header(byte: number): void {
    if (this.#headerFilled === 0) {
      this.#type = byte;
      this.#length = 0;
    } else {
      this.#length = (this.#length << 8) | byte;
    }
    this.#headerFilled++;
    if (this.#headerFilled < 4) return;
    this.#remaining = this.#length;
    this.#wanted = Math.min(this.#length, kept[this.#type] ?? 0);
    if (this.#length === 0) this.#headerFilled = 0;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#bodyFilled === 0 && length === this.#wanted) {
      this.#wanted = 0;
      this.#listener(this.#type, bytes, start, end, this.#length);
      return;
    }
    const filled = this.#bodyFilled + length;
    if (filled > this.#body.length) {
      // Grown as bytes come, since an announced length costs its sender nothing.
      const grown = Buffer.allocUnsafe(Math.max(filled, this.#body.length * 2, FIRST_ALLOCATION));
      this.#body.copy(grown, 0, 0, this.#bodyFilled);
      this.#body = grown;
    }
    bytes.copy(this.#body, this.#bodyFilled, start, end);
    this.#bodyFilled = filled;
    this.#wanted -= length;
    if (this.#wanted > 0) return;
    const body = this.#body;
    this.#body = EMPTY;
    this.#bodyFilled = 0;
    this.#listener(this.#type, body, 0, filled, this.#length);
  }
}
