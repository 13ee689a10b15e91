/**
 * The model of one SMTP session: what was said, in which order, and what answers what. Facts only; severity and
 * wording live in findings/. A session is made from what the decoder kept when it ends (or, live, as far as it is
 * known) and is read-only from then on. It is lent to rules and outputs until they return.
 */
import type { Direction, Endpoint, FrameRange, Instant, TransportFacts } from '../reassembly/transport-facts.ts';
import type { TlsFacts } from '../tls/observer.ts';
import type { Suspect } from './smuggling.ts';
import type { Turn } from './turn.ts';

export type { Direction, Endpoint, Instant } from '../reassembly/transport-facts.ts';

export type Service =
  | 'smtp'
  | 'lmtp'
  | 'tls'
  | 'http'
  | 'imap'
  | 'pop3'
  | 'ssh'
  | 'ftp'
  | 'nntp'
  | 'other'
  | 'unknown'
  | 'silent';

export type Outcome =
  | 'not-connected'
  | 'not-smtp'
  | 'delivered'
  | 'partly-delivered'
  | 'encrypted'
  | 'authentication-failed'
  | 'rejected'
  | 'deferred'
  | 'incomplete'
  | 'no-greeting'
  | 'aborted'
  | 'idle';

/** A command, real or pseudo, with the reply that answers it (RFC 5321 §4.2). */
export interface Exchange {
  /** The command, message or auth turn; null for the greeting. */
  readonly request: Turn | null;
  /** Null when it was never answered. */
  readonly reply: Turn | null;
}

/** One reply to EHLO or LHLO that listed extensions. */
export interface EhloOffer {
  readonly command: Turn;
  readonly reply: Turn;
  /** The whole reply was captured, first line to last. */
  readonly complete: boolean;
  /** Keyword in capitals to parameters, as in the record. `AUTH=X Y` is kept under `AUTH=`. */
  readonly extensions: ReadonlyMap<string, readonly string[]>;
}

export interface AuthAttempt {
  /** In capitals, as the client named it; '' when it named none. */
  readonly mechanism: string;
  /** The user that authenticates, decoded; null when it cannot be known. */
  readonly identity: string | null;
  readonly outcome: 'accepted' | 'rejected' | 'cancelled' | 'incomplete';
  readonly code: number | null;
  readonly enhancedCode: string | null;
  readonly command: Turn;
  /** Every client line after the AUTH command. */
  readonly steps: readonly Turn[];
  readonly reply: Turn | null;
  /** PLAIN, LOGIN, XOAUTH2 or OAUTHBEARER credentials went over the wire readable: the turn that carries them. */
  readonly exposed: Turn | null;
}

export interface Encryption {
  readonly by: 'starttls' | 'implicit';
  readonly outcome: 'established' | 'rejected' | 'failed' | 'unknown';
  readonly version: string | null;
  readonly cipher: string | null;
  readonly serverName: string | null;
  readonly alert: { readonly from: Direction; readonly level: string; readonly description: string } | null;
  /** What follows is plainly SMTP: decrypted in place by a middlebox, or never encrypted. */
  readonly decrypted: boolean;
  readonly command: Turn | null;
  readonly reply: Turn | null;
  /** What the TLS connection showed from outside; absent where STARTTLS was asked for and no TLS came of it. */
  readonly handshake?: TlsFacts;
}

export interface Recipient {
  readonly to: string;
  readonly code: number | null;
  readonly enhancedCode: string | null;
  readonly command: Turn;
  readonly reply: Turn | null;
}

/** What DATA or BDAT carried. */
export interface Message {
  /** Dot-stuffing undone, last CRLF counted, the final dot not. */
  readonly bytes: number;
  /** Lines of the same; null when it is not known. */
  readonly lines: number | null;
  /** The end of the message was captured. */
  readonly complete: boolean;
  /** Bytes of it that were not captured. */
  readonly missing: number;
  readonly code: number | null;
  readonly enhancedCode: string | null;
  /** The turns that carried it: one for DATA, one a chunk for BDAT. */
  readonly turns: readonly Turn[];
  /** Bits of MARK (bytes/kernel/message-scan.ts): what is odd in its bytes; what was not captured shows nothing. */
  readonly marks: number;
  /** Octets of its longest line on the wire, line end included. */
  readonly longestLine: number;
  /** A fingerprint of its body (RunningPrint): what stands behind the empty line, as it was on the wire. */
  readonly bodyPrint: number;
  /** Where in it some servers see the end of data; empty for what BDAT carried, and for nearly every message. */
  readonly suspects: readonly Suspect[];
  /** Its beginning, dot-stuffing undone: the header section as far as kept (limits.ts). */
  readonly head: Buffer;
  /** The whole text where bodies were kept, else null. */
  readonly text: Buffer | null;
  /** Final replies: one, or for LMTP one for each accepted recipient. */
  readonly replies: readonly Turn[];
}

export interface Transaction {
  readonly from: string;
  readonly mail: Turn;
  readonly mailReply: Turn | null;
  readonly recipients: readonly Recipient[];
  readonly message: Message | null;
}

/** A malformed or surprising thing on the wire. Recorded, never thrown. */
export interface Anomaly {
  readonly kind:
    | 'lost-sync'
    | 'reply-without-command'
    | 'queue-overflow'
    | 'line-cut'
    | 'session-cut'
    | 'plaintext-after-starttls'
    | 'multiline-code-mismatch';
  readonly turn: number | null;
}

/** Bits of `Session.facts`: what a session shows at all, so that a rule is only run where it can find something. */
export const Fact = {
  unanswered: 1 << 0,
  refused: 1 << 1,
  unreachable: 1 << 2,
  /** Connected, and the server never sent a byte. */
  noServerBytes: 1 << 3,
  greetingRefused: 1 << 4,
  authOffered: 1 << 5,
  ehloAccepted: 1 << 6,
  authCommand: 1 << 7,
  authRefused: 1 << 8,
  credentialsInClear: 1 << 9,
  startTlsOffered: 1 << 10,
  startTlsCommand: 1 << 11,
  tls: 1 << 12,
  mailCommand: 1 << 13,
  refusal5xx: 1 << 14,
  refusal4xx: 1 << 15,
  message: 1 << 16,
  gap: 1 << 17,
  midStream: 1 << 18,
  oneSided: 1 << 19,
  truncated: 1 << 20,
  conflict: 1 << 21,
  notSmtp: 1 << 22,
  noMail: 1 << 23,
  /** In a command or reply: an octet that is no printable ASCII, or a line that does not end in CRLF. */
  oddLine: 1 << 24,
  /** In a message: a mark (bare CR or LF, NUL, octets above 127), or a line of more than 1000 octets. */
  oddMessage: 1 << 25,
  /** More than five seconds between a turn and the next, between the handshake and the first, or in a reply. */
  slow: 1 << 26,
  /** Repetitions, a closed window, a RST, a close by the server that no QUIT asked for. */
  transport: 1 << 27,
  /** A command or its order was refused as such (500–504, 555), a verb nobody knows, a reply or a command without its other half, a code that changes. */
  disorder: 1 << 28,
  /** A command was sent before the reply to the one before it had come. */
  pipelined: 1 << 29,
  /** A command beside the dozen that every session is made of. */
  rareCommand: 1 << 30,
} as const;

export type FactName = keyof typeof Fact;

/**
 * Bits of `Session.signs`: what is unusual in the bytes of a dialogue (signs.ts). As with facts, a bit says that a rule
 * may find something, not that it does.
 */
export const Sign = {
  /** The client’s first turn is no EHLO, HELO or LHLO, or was sent before a byte of the server had come. */
  oddOpening: 1 << 0,
  /** A greeting of several lines, or one that does not begin with a full host name. */
  oddGreeting: 1 << 1,
  /** The name in EHLO or HELO is no full host name, or is the server’s own. */
  oddHello: 1 << 2,
  /** MAIL or RCPT in another form than the usual one, or with a parameter other than a SIZE or BODY that is on offer. */
  oddPath: 1 << 3,
  /** MAIL declares more octets than the server offers to take. */
  oversized: 1 << 4,
  /** A command or AUTH line on top of one whose reply has to be waited for. */
  impatientSync: 1 << 5,
  /** A command on top of another, PIPELINING not offered. */
  impatientUnoffered: 1 << 6,
  /** Commands in no order of RFC 5321 §4.1.4. */
  outOfOrder: 1 << 7,
  /** BDAT was said. */
  chunked: 1 << 8,
  /** In the kept head of a message: a line that begins with a dot. */
  dotted: 1 << 9,
  /** The last message has no end, no reply, or a client that left before its reply. */
  unended: 1 << 10,
  /** A command of more than 512 octets, or a reply of more in all its lines. */
  longLine: 1 << 11,
  /** A reply whose enhanced code is of another class than its code. */
  mixedClasses: 1 << 12,
  /** The server said something that is no reply. */
  unparsed: 1 << 13,
  /** An EHLO keyword that begins with two X. */
  crossedOut: 1 << 14,
  /** A path with an octet that a shell, a template or a source route uses. */
  oddAddress: 1 << 15,
  /** In the kept head of a message: a brace. */
  braced: 1 << 16,
} as const;

export type SignName = keyof typeof Sign;

export interface Session {
  readonly id: number;
  /** Index of the capture in which it began. */
  readonly capture: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly start: Instant;
  readonly end: Instant;
  /** 6 or 9: digits of its times. */
  readonly timeDigits: 6 | 9;
  readonly frames: FrameRange;
  readonly transport: TransportFacts;
  readonly service: Service;
  readonly facts: number;
  readonly signs: number;
  /** In wire order; `turns[i].index === i`. */
  readonly turns: readonly Turn[];
  /**
   * Index of the first turn behind a TURN or ATRN that was granted (RFC 2645 §5.3), where the server speaks commands and
   * the client replies; -1 for none.
   */
  readonly turnedAt: number;
  readonly greeting: Turn | null;
  readonly hello: {
    readonly verb: string;
    readonly name: string;
    readonly turn: Turn;
    readonly accepted: boolean;
  } | null;
  readonly exchanges: readonly Exchange[];
  readonly offers: readonly EhloOffer[];
  readonly authentication: readonly AuthAttempt[];
  readonly encryption: Encryption | null;
  readonly transactions: readonly Transaction[];
  readonly anomalies: readonly Anomaly[];
  readonly outcome: Outcome;
  /** No more can come: closed, or the capture went on long enough without it. */
  readonly ended: boolean;
  /** The capture shows the connection's start (a SYN or SYN/ACK). */
  readonly startCaptured: boolean;
  /** The capture shows the connection's end (FIN or RST), or that nothing more came for `quietSeconds`. */
  readonly endCaptured: boolean;
  /** Seconds of capture after the session's last packet; NaN when unknown. */
  readonly quietSeconds: number;
  /** The same four ports stand for another connection too: a display filter needs frame bounds. */
  readonly portsReused: boolean;
}
