/**
 * What a TLS connection shows from outside: the hellos, alerts in clear, and whether protected data went both ways. The
 * bytes of each direction come in order, in pieces of any size; only an unfinished hello is kept. Nothing here throws.
 *
 * When is a handshake done? Up to TLS 1.2: when each side has sent ChangeCipherSpec and then a protected record, its
 * Finished. In TLS 1.3 all after ServerHello looks like application data, so the client's Finished is told by its size:
 * a protected record that holds one has 53 bytes or more (45 with the short tag of CCM_8), a protected alert has 19 (11)
 * (RFC 8446 §5.2: content, one byte of type, tag). Padding, which nobody uses here, would hide an alert.
 */
import { type CertificateChain, isForHost, readCertificates } from './certificate.ts';
import { Half, type TlsHalfFacts, type TlsSide } from './half.ts';
import { HandshakeType } from './handshake.ts';
import {
  type ClientHello,
  readClientHello,
  readKeyExchangeBits,
  readKeyExchangeGroup,
  readServerHello,
  type ServerHello,
  sslv2ClientHello,
} from './hello.ts';
import { Budget, type TlsLimits } from './limits.ts';
import { alertName } from './names.ts';
import { ContentType } from './records.ts';

export type { Certificate, CertificateChain } from './certificate.ts';
export type { TlsHalfFacts, TlsSide } from './half.ts';
export type { ClientHello, ServerHello } from './hello.ts';

/** An alert that could be read. */
export interface TlsAlert {
  readonly from: TlsSide;
  /** `fatal` also for an alert of TLS 1.3 that ends the connection whatever level it names (RFC 8446 §6). */
  readonly level: 'warning' | 'fatal';
  /** `unknown_ca` */
  readonly description: string;
  /** Of its record, among the bytes pushed of that side. */
  readonly offset: number;
}

/**
 * How far a handshake got: the last step that was seen whole. `server-flight`: the server said all that it says before
 * the client answers (up to TLS 1.2 its ServerHelloDone; in TLS 1.3 something protected, and no record of it cut short).
 */
export type TlsStage =
  | 'nothing'
  | 'client-hello'
  | 'hello-retry'
  | 'server-hello'
  | 'server-flight'
  | 'client-flight'
  | 'established';

export interface TlsFacts {
  /** The first one; null when none was seen whole. */
  readonly clientHello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  /** The server asked for another hello first (HelloRetryRequest, RFC 8446 §4.1.4). */
  readonly helloRetried: boolean;
  /** The server's certificates, where they are sent in clear (up to TLS 1.2); null when none was seen. */
  readonly chain: CertificateChain | null;
  /** The server's own certificate names the host that the client asked for; null when either was not said in clear. */
  readonly nameMatches: boolean | null;
  /** Up to TLS 1.2: the server asked for a certificate of the client, and what it got. */
  readonly clientCertificate: 'not-asked' | 'asked' | 'none-sent' | 'sent';
  /** It goes on from an earlier session, without certificates (RFC 5246 §7.3, RFC 8446 §2.2). */
  readonly resumed: boolean;
  /** Up to TLS 1.2: another handshake began inside the established connection. */
  readonly renegotiated: boolean;
  readonly stage: TlsStage;
  /** In wire order. */
  readonly alerts: readonly TlsAlert[];
  /** Both sides got as far as protected data. Once true it stays so. */
  readonly established: boolean;
  /** A fatal alert in clear ended the handshake. */
  readonly failed: boolean;
  /**
   * Who, in TLS 1.3, probably sent a protected alert in place of going on: the client instead of its Finished, or behind
   * it as all that it sends, or the server as its only answer to it. Told by the record's length, so never certain.
   */
  readonly probableAlertFrom: TlsSide | null;
  /**
   * Whether the last that each side sent was an alert, as close_notify is: `seen` by its type, `probable` by its length
   * (TLS 1.3). A side that ends without one leaves open whether all it sent arrived (RFC 8446 §6.1).
   */
  readonly lastAlert: Readonly<Record<TlsSide, 'seen' | 'probable' | 'none'>>;
  readonly client: TlsHalfFacts;
  readonly server: TlsHalfFacts;
}

const TLS13 = 0x0304;
/** Handshake header, verify data of SHA-256, type, the shortest tag. */
const SHORTEST_FINISHED = 4 + 32 + 1 + 8;
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
  #chain: CertificateChain | null = null;
  #clientCertificate: TlsFacts['clientCertificate'] = 'not-asked';
  #helloDone = false;
  #keyExchanged = false;
  #renegotiated = false;
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

  readonly #budget: Budget;

  constructor(limits?: TlsLimits) {
    this.#budget = new Budget(limits);
    const listener = {
      message: this.#message.bind(this),
      sslv2Hello: this.#sslv2Hello.bind(this),
      alert: this.#alert.bind(this),
      protectedRecord: this.#protectedRecord.bind(this),
    };
    this.#halves = {
      client: new Half('client', listener, this.#budget),
      server: new Half('server', listener, this.#budget),
    };
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

  /** Something of the handshake is not kept, since there was more of it than limits.ts allows. */
  get isCut(): boolean {
    return this.#budget.isCut;
  }

  /** What is known so far; a new object on each call. */
  get facts(): TlsFacts {
    const client = this.#halves.client.facts;
    const server = this.#halves.server.facts;
    const own = this.#chain?.certificates[0];
    const name = this.#clientHello?.serverName ?? null;
    return {
      clientHello: this.#clientHello,
      serverHello: this.#serverHello,
      helloRetried: this.#helloRetried,
      chain: this.#chain,
      nameMatches: own === undefined || name === null ? null : isForHost(own, name),
      clientCertificate: this.#clientCertificate,
      resumed: this.#resumed(),
      renegotiated: this.#renegotiated,
      stage: this.#stage(server),
      alerts: [...this.#alerts],
      established: this.#established,
      failed: this.#failed,
      probableAlertFrom: this.#probableAlertFrom(),
      lastAlert: { client: this.#lastAlert('client'), server: this.#lastAlert('server') },
      client,
      server,
    };
  }

  #message(
    side: TlsSide,
    type: number,
    bytes: Buffer,
    start: number,
    end: number,
    length: number,
    records: number,
    recordVersion: number,
  ): void {
    if (side === 'client') this.#clientMessage(type, bytes, start, end, { length, records, recordVersion });
    else this.#serverMessage(type, bytes, start, end);
  }

  #clientMessage(
    type: number,
    bytes: Buffer,
    start: number,
    end: number,
    carriage: { readonly length: number; readonly records: number; readonly recordVersion: number },
  ): void {
    if (type === HandshakeType.clientHello)
      this.#clientHello ??= readClientHello(bytes, start, end, carriage, this.#budget);
    else if (type === HandshakeType.clientKeyExchange) this.#keyExchanged = true;
    else if (type === HandshakeType.certificate && this.#clientCertificate === 'asked') {
      const isEmpty = end - start < 3 || (bytes[start] === 0 && bytes[start + 1] === 0 && bytes[start + 2] === 0);
      this.#clientCertificate = isEmpty ? 'none-sent' : 'sent';
    }
  }

  #serverMessage(type: number, bytes: Buffer, start: number, end: number): void {
    const hello = this.#serverHello;
    if (type === HandshakeType.serverHello && hello === null) {
      const message = readServerHello(bytes, start, end);
      if (message === null) return;
      if (message.isRetryRequest) this.#helloRetried = true;
      else this.#serverHello = message.hello;
      const isTls13 = this.#helloRetried || message.hello.versionCode === TLS13;
      this.#halves.client.ignoresCipherSpec = isTls13;
      this.#halves.server.ignoresCipherSpec = isTls13;
    } else if (hello === null || hello.versionCode === TLS13) {
      return;
    } else if (type === HandshakeType.serverKeyExchange) {
      // Whether it goes by elliptic curve or by finite field is known from the cipher suite alone.
      if (/^TLS_ECDHE?_/.test(hello.cipher)) {
        this.#serverHello = { ...hello, group: hello.group ?? readKeyExchangeGroup(bytes, start, end) };
      } else if (/^TLS_DHE?_/.test(hello.cipher)) {
        this.#serverHello = { ...hello, dhBits: hello.dhBits ?? readKeyExchangeBits(bytes, start, end) };
      }
    } else if (type === HandshakeType.certificate) {
      this.#chain ??= readCertificates(bytes, start, end, this.#budget);
    } else if (type === HandshakeType.certificateRequest) {
      if (this.#clientCertificate === 'not-asked') this.#clientCertificate = 'asked';
    } else if (type === HandshakeType.serverHelloDone) this.#helloDone = true;
  }

  #sslv2Hello(side: TlsSide, version: number, cipherSuiteCount: number, sizeBytes: number): void {
    if (side === 'client') this.#clientHello ??= sslv2ClientHello(version, cipherSuiteCount, sizeBytes);
  }

  #alert(from: TlsSide, level: number, description: number, offset: number): void {
    const endsTls13 = this.#serverHello?.versionCode === TLS13 && !CLOSURE_ALERTS.includes(description);
    const isFatal = level === LEVEL_FATAL || endsTls13;
    if (isFatal && !this.#established) this.#failed = true;
    if (!this.#budget.hasRoom(this.#alerts.length, this.#budget.limits.alerts)) return;
    this.#alerts.push({ from, level: isFatal ? 'fatal' : 'warning', description: alertName(description), offset });
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
    if (this.#established && !isTls13 && type === ContentType.handshake) this.#renegotiated = true;
    progress.finished ||= side === 'server' || !isTls13 || length >= SHORTEST_FINISHED;
    if (client.finished && server.finished && !this.#failed) this.#established = true;
  }

  #probableAlertFrom(): TlsSide | null {
    if (this.#serverHello?.versionCode !== TLS13 || this.#failed) return null;
    const { client, server } = this.#progress;
    const alertLength = this.#alertLength();
    if (client.lastProtectedLength === alertLength) {
      // Libraries that check certificates behind the handshake (GnuTLS) send their Finished first. A client that closes
      // says so by the same length, but behind something that it had to say.
      return client.protectedRecords === (client.finished ? 2 : 1) ? 'client' : null;
    }
    return this.#serverAnswers === 1 && server.lastProtectedLength === alertLength ? 'server' : null;
  }

  /** Of a protected alert in TLS 1.3. */
  #alertLength(): number {
    return 2 + 1 + (this.#serverHello?.cipher === 'TLS_AES_128_CCM_8_SHA256' ? 8 : 16);
  }

  #lastAlert(side: TlsSide): 'seen' | 'probable' | 'none' {
    const { lastType, lastProtected, lastLength } = this.#halves[side];
    if (lastType === ContentType.alert) return 'seen';
    const isTls13 = this.#serverHello?.versionCode === TLS13;
    return isTls13 && lastProtected && lastLength === this.#alertLength() ? 'probable' : 'none';
  }

  #resumed(): boolean {
    const hello = this.#serverHello;
    if (hello === null) return false;
    if (hello.versionCode === TLS13) return hello.preSharedKey;
    // A whole handshake has the client’s key exchange in clear before anything protected.
    return this.#established && !this.#keyExchanged && this.#chain === null && this.#halves.client.isWhole;
  }

  #stage(server: TlsHalfFacts): TlsStage {
    if (this.#established) return 'established';
    if (this.#serverHello === null) {
      if (this.#helloRetried) return 'hello-retry';
      return this.#clientHello === null ? 'nothing' : 'client-hello';
    }
    const { client } = this.#progress;
    if (client.finished || this.#keyExchanged) return 'client-flight';
    const { protectedRecords } = this.#progress.server;
    const isWhole = this.#helloDone || (protectedRecords > 0 && !server.recordOpen);
    return isWhole ? 'server-flight' : 'server-hello';
  }
}
