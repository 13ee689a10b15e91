/**
 * One direction of a TLS connection: its records sorted into what can be read (handshake, alerts, an SSL 2 hello) and
 * what is protected, of which only type and length show. It does not know the other direction.
 */
import { HandshakeReader } from './handshake.ts';
import type { Budget } from './limits.ts';
import { ContentType, type RecordListener, RecordReader } from './records.ts';

export type TlsSide = 'client' | 'server';

/** What one side sent. */
export interface TlsHalfFacts {
  /** `gap`: bytes were missing and reading stopped; `not-tls`: so did it where no record stood. */
  readonly state: 'records' | 'gap' | 'not-tls';
  /** Offset, among the bytes pushed, of what is no record; -1 when all were. */
  readonly notTlsAt: number;
  /** What stands there instead, its first bytes as Latin-1; null when all were records. */
  readonly notTls: string | null;
  /** Its last record has not come whole. */
  readonly recordOpen: boolean;
  readonly bytes: number;
  /** Runs of bytes with none from the other side between them. */
  readonly flights: number;
  readonly records: number;
  readonly applicationRecords: number;
  readonly applicationBytes: number;
  /** Alerts that were protected, up to TLS 1.2, where the record's type still shows. */
  readonly protectedAlerts: number;
}

export interface HalfListener {
  /** A handshake message as MessageListener has it; `version` is that of the record in which it ends. */
  message(
    side: TlsSide,
    type: number,
    bytes: Buffer,
    start: number,
    end: number,
    length: number,
    records: number,
    version: number,
  ): void;
  sslv2Hello(side: TlsSide, version: number, cipherSuiteCount: number, sizeBytes: number): void;
  /** An alert in clear; `offset` is that of its record, among the bytes pushed. */
  alert(side: TlsSide, level: number, description: number, offset: number): void;
  /** The header of a protected record; up to TLS 1.2 of one after ChangeCipherSpec, in TLS 1.3 of application data. */
  protectedRecord(side: TlsSide, type: number, length: number): void;
}

export class Half implements RecordListener {
  flights = 0;
  /** Handshake records stay readable after ChangeCipherSpec: it means nothing in TLS 1.3 (RFC 8446 §5). */
  ignoresCipherSpec = false;
  readonly #side: TlsSide;
  readonly #listener: HalfListener;
  readonly #reader: RecordReader;
  readonly #handshake: HandshakeReader;
  #gap = false;
  #changedCipherSpec = false;
  #records = 0;
  #applicationRecords = 0;
  #applicationBytes = 0;
  #protectedAlerts = 0;
  /** The last record: its type, whether it was protected, its length. */
  lastType = -1;
  lastProtected = false;
  lastLength = 0;
  /** The current record can be read. */
  #clear = false;
  /** The current record's first bytes, as far as an alert or an SSL 2 hello needs them. */
  #firstByte = -1;
  #version = 0;
  #length = 0;

  constructor(side: TlsSide, listener: HalfListener, budget: Budget) {
    this.#side = side;
    this.#listener = listener;
    this.#reader = new RecordReader(this, budget.limits.notTlsBytes);
    this.#handshake = new HandshakeReader(side === 'client', budget, (type, bytes, start, end, length, records) =>
      listener.message(side, type, bytes, start, end, length, records, this.#version),
    );
  }

  push(bytes: Buffer, start: number, end: number): void {
    if (!this.#gap) this.#reader.push(bytes, start, end);
    else this.#reader.bytes += end - start;
  }

  gap(): void {
    this.#gap = true;
  }

  /** Nothing of it was missing, and all of it were records. */
  get isWhole(): boolean {
    return !this.#gap && this.#reader.brokenAt < 0;
  }

  get facts(): TlsHalfFacts {
    const notTlsAt = this.#reader.brokenAt;
    return {
      state: notTlsAt >= 0 ? 'not-tls' : this.#gap ? 'gap' : 'records',
      notTlsAt,
      notTls: this.#reader.notTls?.toString('latin1') ?? null,
      recordOpen: this.#reader.isOpen && !this.#gap,
      bytes: this.#reader.bytes,
      flights: this.flights,
      records: this.#records,
      applicationRecords: this.#applicationRecords,
      applicationBytes: this.#applicationBytes,
      protectedAlerts: this.#protectedAlerts,
    };
  }

  record(type: number, version: number, length: number): void {
    this.#records++;
    this.#firstByte = -1;
    this.#version = version;
    this.#length = length;
    const isProtected = this.#changedCipherSpec && !this.ignoresCipherSpec;
    this.#clear = !isProtected;
    this.lastType = type;
    this.lastProtected =
      isProtected || type === ContentType.applicationData || (type === ContentType.alert && length !== 2);
    this.lastLength = length;
    if (type === ContentType.changeCipherSpec) {
      this.#changedCipherSpec = true;
    } else if (type === ContentType.applicationData) {
      this.#applicationRecords++;
      this.#applicationBytes += length;
      this.#listener.protectedRecord(this.#side, type, length);
    } else if (type === ContentType.alert && (isProtected || length !== 2)) {
      this.#clear = false;
      this.#protectedAlerts++;
      this.#listener.protectedRecord(this.#side, type, length);
    } else if (isProtected) {
      this.#listener.protectedRecord(this.#side, type, length);
    }
  }

  fragment(type: number, bytes: Buffer, start: number, end: number): void {
    if (!this.#clear) return;
    if (type === ContentType.handshake) this.#handshake.push(bytes, start, end, this.#records);
    else if (type === ContentType.alert || type === ContentType.sslv2Hello)
      this.#firstTwoBytes(type, bytes, start, end);
  }

  #firstTwoBytes(type: number, bytes: Buffer, start: number, end: number): void {
    let at = start;
    if (this.#firstByte < 0) this.#firstByte = bytes[at++] as number;
    if (at === end) return;
    this.#clear = false;
    if (type === ContentType.alert) {
      this.#listener.alert(this.#side, this.#firstByte, bytes[at] as number, this.#reader.recordAt);
    } else {
      const cipherSpecBytes = (this.#firstByte << 8) | (bytes[at] as number);
      this.#listener.sslv2Hello(this.#side, this.#version, Math.floor(cipherSpecBytes / 3), this.#length + 3);
    }
  }
}
