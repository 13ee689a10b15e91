/**
 * What a TLS connection shows from outside: the hellos, alerts in clear, and whether protected data went both ways. The
 * bytes of each direction come in order, in pieces of any size; only an unfinished hello is kept. Nothing here throws.
 *
 * When is a handshake done? Up to TLS 1.2: when each side has sent ChangeCipherSpec and then a protected record, its
 * Finished. In TLS 1.3 all after ServerHello looks like application data, so the client's Finished is told by its size:
 * a protected record that holds one has 53 bytes or more (45 with the short tag of CCM_8), a protected alert has 19 (11)
 * (RFC 8446 §5.2: content, one byte of type, tag). Padding, which nobody uses here, would hide an alert.
 */
import { Half, type TlsHalfFacts, type TlsSide } from './half.ts';
import { HandshakeType } from './handshake.ts';
import {
  type ClientHello,
  readClientHello,
  readKeyExchangeGroup,
  readServerHello,
  type ServerHello,
  sslv2ClientHello,
} from './hello.ts';
import { alertName } from './names.ts';
import { ContentType } from './records.ts';

export type { TlsHalfFacts, TlsSide } from './half.ts';
export type { ClientHello, ServerHello } from './hello.ts';

/** An alert that could be read. */
export interface TlsAlert {
  readonly from: TlsSide;
  /** `fatal` also for an alert of TLS 1.3 that ends the connection whatever level it names (RFC 8446 §6). */
  readonly level: 'warning' | 'fatal';
  /** `unknown_ca` */
  readonly description: string;
}

export interface TlsFacts {
  /** The first one; null when none was seen whole. */
  readonly clientHello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  /** The server asked for another hello first (HelloRetryRequest, RFC 8446 §4.1.4). */
  readonly helloRetried: boolean;
  /** In wire order. */
  readonly alerts: readonly TlsAlert[];
  /** Both sides got as far as protected data. Once true it stays so. */
  readonly established: boolean;
  /** A fatal alert in clear ended the handshake. */
  readonly failed: boolean;
  /**
   * Who, in TLS 1.3, probably sent a protected alert in place of going on: the client instead of its Finished, or the
   * server as its only answer to it. Told by the record's length, so never certain.
   */
  readonly probableAlertFrom: TlsSide | null;
  readonly client: TlsHalfFacts;
  readonly server: TlsHalfFacts;
}

const TLS13 = 0x0304;
/** Handshake header, verify data of SHA-256, type, the shortest tag. */
const SHORTEST_FINISHED = 4 + 32 + 1 + 8;
/** More are counted by nobody: a peer that sends more is not telling more. */
const MAX_ALERTS = 8;
const LEVEL_FATAL = 2;
/** The two alerts that end a TLS 1.3 connection without being errors: close_notify, user_canceled. */
const CLOSURE_ALERTS = [0, 90];

/** Of one side, since ServerHello. */
interface Progress {
  finished: boolean;
  protectedRecords: number;
  lastProtectedLength: number;
}

export class TlsObserver {
  #clientHello: ClientHello | null = null;
  #serverHello: ServerHello | null = null;
  #helloRetried = false;
  readonly #alerts: TlsAlert[] = [];
  #established = false;
  #failed = false;
  #lastFrom: TlsSide | null = null;
  readonly #progress: Record<TlsSide, Progress> = {
    client: { finished: false, protectedRecords: 0, lastProtectedLength: -1 },
    server: { finished: false, protectedRecords: 0, lastProtectedLength: -1 },
  };
  /** Protected records of the server after the client's Finished. */
  #serverAnswers = 0;
  readonly #halves: Record<TlsSide, Half>;

  constructor() {
    const listener = {
      message: this.#message.bind(this),
      sslv2Hello: this.#sslv2Hello.bind(this),
      alert: this.#alert.bind(this),
      protectedRecord: this.#protectedRecord.bind(this),
    };
    this.#halves = { client: new Half('client', listener), server: new Half('server', listener) };
  }

  /** The next bytes of one direction, `bytes[start, end)`, lent until the call returns. */
  push(from: TlsSide, bytes: Buffer, start: number, end: number): void {
    if (end <= start) return;
    const half = this.#halves[from];
    if (this.#lastFrom !== from) half.flights++;
    this.#lastFrom = from;
    half.push(bytes, start, end);
  }

  /** Bytes of this direction are missing. Where its next record begins cannot be known, so reading it ends. */
  gap(from: TlsSide): void {
    this.#halves[from].gap();
  }

  /** What is known so far; a new object on each call. */
  get facts(): TlsFacts {
    return {
      clientHello: this.#clientHello,
      serverHello: this.#serverHello,
      helloRetried: this.#helloRetried,
      alerts: [...this.#alerts],
      established: this.#established,
      failed: this.#failed,
      probableAlertFrom: this.#probableAlertFrom(),
      client: this.#halves.client.facts,
      server: this.#halves.server.facts,
    };
  }

  #message(side: TlsSide, type: number, bytes: Buffer, start: number, end: number, length: number): void {
    if (side === 'client') {
      if (type === HandshakeType.clientHello) this.#clientHello ??= readClientHello(bytes, start, end, length);
    } else if (type === HandshakeType.serverHello && this.#serverHello === null) {
      const message = readServerHello(bytes, start, end);
      if (message === null) return;
      if (message.isRetryRequest) this.#helloRetried = true;
      else this.#serverHello = message.hello;
      const isTls13 = this.#helloRetried || message.hello.versionCode === TLS13;
      this.#halves.client.ignoresCipherSpec = isTls13;
      this.#halves.server.ignoresCipherSpec = isTls13;
    } else if (type === HandshakeType.serverKeyExchange && this.#serverHello?.cipher.startsWith('TLS_ECDHE')) {
      const group = this.#serverHello.group ?? readKeyExchangeGroup(bytes, start, end);
      this.#serverHello = { ...this.#serverHello, group };
    }
  }

  #sslv2Hello(side: TlsSide, version: number, cipherSuiteCount: number, sizeBytes: number): void {
    if (side === 'client') this.#clientHello ??= sslv2ClientHello(version, cipherSuiteCount, sizeBytes);
  }

  #alert(from: TlsSide, level: number, description: number): void {
    const endsTls13 = this.#serverHello?.versionCode === TLS13 && !CLOSURE_ALERTS.includes(description);
    const isFatal = level === LEVEL_FATAL || endsTls13;
    if (isFatal && !this.#established) this.#failed = true;
    if (this.#alerts.length >= MAX_ALERTS) return;
    this.#alerts.push({ from, level: isFatal ? 'fatal' : 'warning', description: alertName(description) });
  }

  #protectedRecord(side: TlsSide, type: number, length: number): void {
    if (this.#serverHello === null) return;
    const { client, server } = this.#progress;
    const progress = this.#progress[side];
    progress.protectedRecords++;
    progress.lastProtectedLength = length;
    if (side === 'server' && client.finished) this.#serverAnswers++;
    if (type === ContentType.alert) return;
    const isTls13 = this.#serverHello.versionCode === TLS13;
    progress.finished ||= side === 'server' || !isTls13 || length >= SHORTEST_FINISHED;
    if (client.finished && server.finished && !this.#failed) this.#established = true;
  }

  #probableAlertFrom(): TlsSide | null {
    if (this.#serverHello?.versionCode !== TLS13 || this.#failed) return null;
    const { client, server } = this.#progress;
    const alertLength = 2 + 1 + (this.#serverHello.cipher === 'TLS_AES_128_CCM_8_SHA256' ? 8 : 16);
    // A client that closes says so by the same length.
    if (client.lastProtectedLength === alertLength) return client.protectedRecords === 1 ? 'client' : null;
    return this.#serverAnswers === 1 && server.lastProtectedLength === alertLength ? 'server' : null;
  }
}
