/**
 * The record layer (RFC 8446 §5.1, RFC 5246 §6.2.1), read as far as it is in clear: the headers. Bytes come in pieces of
 * any size; a piece costs time by its records, not by its length, and nothing of it is kept but an unfinished header.
 *
 *     struct { ContentType type; ProtocolVersion legacy_record_version; uint16 length; opaque fragment[length]; }
 */
import { u16be } from '../bytes/read.ts';
import { TLS_LIMITS } from './limits.ts';

export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
  /** Not of the registry: a ClientHello in the framing of SSL 2 (RFC 5246 §E.2). */
  sslv2Hello: 128,
} as const;

/** 2^14 and what compression and protection may add in TLS 1.2 (RFC 5246 §6.2.3); TLS 1.3 allows less. */
const MAX_FRAGMENT = 16_384 + 2048;
const HEADER_LENGTH = 5;

export interface RecordListener {
  /** A header is whole; `length` bytes of `type` are announced. */
  record(type: number, version: number, length: number): void;
  /** A piece of the announced bytes, never empty, lent until the call returns. */
  fragment(type: number, bytes: Buffer, start: number, end: number): void;
}

export class RecordReader {
  /** Where the stream stopped being records: offset of the header that is none; -1 as long as all went well. */
  brokenAt = -1;
  /** Bytes pushed. */
  bytes = 0;
  /** Where, among the bytes pushed, the current record's header begins. */
  recordAt = 0;
  readonly #listener: RecordListener;
  readonly #notTlsBytes: number;
  #first = 0;
  #high = 0;
  #low = 0;
  #lengthHigh = 0;
  #lengthLow = 0;
  #filled = 0;
  #type = 0;
  #remaining = 0;
  #atStart = true;
  /** The first bytes from `brokenAt` on. */
  #notTls: Buffer | null = null;
  #notTlsFilled = 0;

  /** `notTlsBytes` of what is no record are kept. */
  constructor(listener: RecordListener, notTlsBytes: number = TLS_LIMITS.notTlsBytes) {
    this.#listener = listener;
    // Its header is kept whole.
    this.#notTlsBytes = Math.max(HEADER_LENGTH, notTlsBytes);
  }

  /** Part of the current record has not come: its header, or bytes that it announced. */
  get isOpen(): boolean {
    return this.brokenAt < 0 && (this.#remaining > 0 || this.#filled > 0);
  }

  /** What stands where a record should, its first bytes; null as long as all were records. */
  get notTls(): Buffer | null {
    return this.#notTls === null ? null : this.#notTls.subarray(0, this.#notTlsFilled);
  }

  push(bytes: Buffer, start: number, end: number): void {
    const base = this.bytes - start;
    this.bytes += end - start;
    let at = start;
    while (at < end && this.brokenAt < 0) {
      if (this.#remaining > 0) {
        const stop = Math.min(end, at + this.#remaining);
        this.#remaining -= stop - at;
        this.#listener.fragment(this.#type, bytes, at, stop);
        at = stop;
      } else {
        this.#header(bytes[at] as number, base + at);
        at++;
      }
    }
    if (this.#notTls !== null) this.#notTlsFilled += bytes.copy(this.#notTls, this.#notTlsFilled, at, end);
  }

  #header(byte: number, offset: number): void {
    const position = this.#filled++;
    if (position === 0) {
      this.#first = byte;
      this.recordAt = offset;
    } else if (position === 1) this.#high = byte;
    else if (position === 2) this.#low = byte;
    else if (position === 3) this.#lengthHigh = byte;
    else this.#lengthLow = byte;

    if (this.#first >= 128) {
      // Only a stream's first bytes may be an SSL 2 hello: length with its top bit set, type 1, version.
      if (!this.#atStart || (position === 2 && byte !== 1)) this.#break(offset);
      else if (position === 4) {
        const length = ((this.#first & 0x7f) << 8) | this.#high;
        this.#begin(ContentType.sslv2Hello, (this.#lengthHigh << 8) | byte, Math.max(0, length - 3));
      }
      return;
    }
    if (position === 0 && (byte < ContentType.changeCipherSpec || byte > ContentType.heartbeat)) this.#break(offset);
    else if (position === 1 && byte !== 3) this.#break(offset);
    else if (position === 2 && byte > 4) this.#break(offset);
    else if (position === 4) {
      const length = (this.#lengthHigh << 8) | byte;
      if (length > MAX_FRAGMENT) this.#break(offset);
      else this.#begin(this.#first, (this.#high << 8) | this.#low, length);
    }
  }

  #begin(type: number, version: number, length: number): void {
    this.#filled = 0;
    this.#atStart = false;
    this.#type = type;
    this.#remaining = length;
    this.#listener.record(type, version, length);
  }

  #break(offset: number): void {
    this.brokenAt = offset - (this.#filled - 1);
    this.#notTls = Buffer.alloc(this.#notTlsBytes);
    const seen = offset - this.brokenAt + 1;
    this.#notTlsFilled = seen;
    const header = [this.#first, this.#high, this.#low, this.#lengthHigh];
    for (let i = 0; i < seen; i++) this.#notTls[i] = header[i] ?? this.#lengthLow;
  }
}

/**
 * Whether the first bytes of a stream are TLS: `yes` when a whole record header says so, `no` as soon as they cannot be,
 * `maybe` for less than a header, and for the framing of SSL 2, which proves little.
 */
export function looksLikeTls(bytes: Buffer, start: number, end: number): 'yes' | 'no' | 'maybe' {
  const length = end - start;
  if (length <= 0) return 'maybe';
  const type = bytes[start] as number;
  if (type >= 128) return looksLikeSslv2(bytes, start, length) ? 'maybe' : 'no';
  if (type < ContentType.changeCipherSpec || type > ContentType.applicationData) return 'no';
  if (length >= 2 && bytes[start + 1] !== 3) return 'no';
  if (length >= 3 && (bytes[start + 2] as number) > 4) return 'no';
  if (length >= 4 && (bytes[start + 3] as number) > MAX_FRAGMENT >>> 8) return 'no';
  if (length < HEADER_LENGTH) return 'maybe';
  const announced = u16be(bytes, start + 3);
  if (announced > MAX_FRAGMENT) return 'no';
  return announced > 0 || type === ContentType.applicationData ? 'yes' : 'no';
}

/** RFC 5246 §E.2: type 1, a version, cipher specs of 3 bytes each, no session id or one of 16, a challenge of 16 to 32. */
function looksLikeSslv2(bytes: Buffer, start: number, length: number): boolean {
  if (length >= 3 && bytes[start + 2] !== 1) return false;
  if (length < 5) return true;
  const version = u16be(bytes, start + 3);
  if (version !== 0x0002 && (version < 0x0300 || version > 0x0304)) return false;
  if (length < 11) return true;
  const ciphers = u16be(bytes, start + 5);
  const sessionId = u16be(bytes, start + 7);
  const challenge = u16be(bytes, start + 9);
  return (
    ciphers > 0 &&
    ciphers % 3 === 0 &&
    (sessionId === 0 || sessionId === 16) &&
    challenge >= 16 &&
    challenge <= 32 &&
    (u16be(bytes, start) & 0x7fff) === 9 + ciphers + sessionId + challenge
  );
}
