/**
 * Handshake messages out of record fragments (RFC 8446 §4). A message may span records and a record may hold several;
 * only those that are asked for are kept, and of each no more than its limit.
 *
 *     struct { HandshakeType msg_type; uint24 length; opaque body[length]; }
 */

import type { Budget } from './limits.ts';

export const HandshakeType = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  clientKeyExchange: 16,
} as const;

/** Bytes of a body that are kept, by message type; of a key exchange only what names its group or its size. */
function keptBytes(isClient: boolean, type: number, { limits }: Budget): number {
  if (type === (isClient ? HandshakeType.clientHello : HandshakeType.serverHello)) return limits.helloBytes;
  // Of a client's, whether its list is empty.
  if (type === HandshakeType.certificate) return isClient ? 3 : limits.certificateBytes;
  return type === HandshakeType.serverKeyExchange && !isClient ? 3 : 0;
}

/**
 * `body` is `bytes[start, end)`, lent until the call returns: as much as is kept of it, nothing for other messages, which
 * are told of when their header is whole. `length` is what the message announced; `records` over how many it came.
 */
export type MessageListener = (
  type: number,
  bytes: Buffer,
  start: number,
  end: number,
  length: number,
  records: number,
) => void;

const EMPTY = Buffer.alloc(0);
const FIRST_ALLOCATION = 512;

export class HandshakeReader {
  readonly #isClient: boolean;
  readonly #budget: Budget;
  readonly #listener: MessageListener;
  /** The record that is being read, counted from 1, and the one in which the current message began. */
  #record = 0;
  #firstRecord = 0;
  #headerFilled = 0;
  #type = 0;
  #length = 0;
  /** Bytes of the body still to come. */
  #remaining = 0;
  /** Bytes of the body still to be kept. */
  #wanted = 0;
  #body = EMPTY;
  #bodyFilled = 0;

  constructor(isClient: boolean, budget: Budget, listener: MessageListener) {
    this.#isClient = isClient;
    this.#budget = budget;
    this.#listener = listener;
  }

  /** `record` numbers the record that these bytes belong to. */
  push(bytes: Buffer, start: number, end: number, record: number): void {
    this.#record = record;
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
      this.#firstRecord = this.#record;
    } else {
      this.#length = (this.#length << 8) | byte;
    }
    this.#headerFilled++;
    if (this.#headerFilled < 4) return;
    this.#remaining = this.#length;
    const kept = keptBytes(this.#isClient, this.#type, this.#budget);
    this.#wanted = Math.min(this.#length, kept);
    if (kept > 3 && this.#length > kept) this.#budget.isCut = true;
    if (this.#wanted === 0) this.#tell(EMPTY, 0, 0);
    if (this.#length === 0) this.#headerFilled = 0;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#bodyFilled === 0 && length === this.#wanted) {
      this.#wanted = 0;
      this.#tell(bytes, start, end);
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
    this.#tell(body, 0, filled);
  }

  #tell(bytes: Buffer, start: number, end: number): void {
    this.#listener(this.#type, bytes, start, end, this.#length, this.#record - this.#firstRecord + 1);
  }
}
