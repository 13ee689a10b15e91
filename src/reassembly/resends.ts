/**
 * Why one side sent again: because the other asked for it (duplicate or selective acknowledgments), because its timer ran
 * out, or for nothing. Made when an acknowledgment is first repeated or a segment is sent again: a connection without
 * losses has none.
 */
import { distance } from './seq.ts';
import type { RetransmissionKinds } from './transport-facts.ts';

/** So many duplicate acknowledgments are a request (RFC 5681 §3.2). */
const REQUEST = 3;
/** The shortest timer of Linux; RFC 6298 §2.4 has a second, others 300 ms. Probes of the tail (RFC 8985 §7) count too. */
const TIMER_US = 200_000;
/** Selective acknowledgments further ahead are of nothing that is on its way. */
const PLAUSIBLE = 1 << 26;
/** Two captures of an acknowledgment without an identification are this close. */
const COPY_AT_ONCE_US = 100;

interface Repeats {
  readonly seq: number;
  readonly length: number;
  times: number;
  readonly firstFrame: number;
  lastFrame: number;
  readonly firstUs: number;
  lastUs: number;
}

/** What the half-stream knows of a segment that it sends again. */
export interface Resent {
  readonly seq: number;
  readonly length: number;
  readonly timeUs: number;
  /** What the peer acknowledged so far; without meaning when `hasAck` is false. */
  readonly acked: number;
  readonly hasAck: boolean;
  /** When it last sent something new. */
  readonly newUs: number;
  /** The end of all that it has sent. */
  readonly end: number;
  /** The handshake's; 0 when unknown. */
  readonly roundTripUs: number;
}

export class Resends implements RetransmissionKinds {
  fast = 0;
  timeout = 0;
  needless = 0;
  /** The segment that was sent again most often. */
  most: Repeats | null = null;

  /** Duplicates of the peer's last acknowledgment. */
  #sameAcks = 0;
  #window = -1;
  /** Of the peer's last pure acknowledgment. */
  #ackId = -1;
  #ackUs = Number.NaN;
  /** How far selective acknowledgments reach; meaningful while `#hasSack`. */
  #sackedTo = 0;
  #hasSack = false;
  /** When it last sent something again. */
  #lastUs = Number.NaN;
  /** What began the recovery that is under way; it lasts until what had been sent by then is acknowledged. */
  #recovery: 'fast' | 'timeout' | null = null;
  #recoveryEnd = 0;

  /** The peer acknowledged more. */
  progress(ack: number): void {
    this.#sameAcks = 0;
    if (this.#hasSack && distance(this.#sackedTo, ack) >= 0) this.#hasSack = false;
    if (this.#recovery !== null && distance(this.#recoveryEnd, ack) >= 0) this.#recovery = null;
  }

  /** The pure acknowledgment that brought the progress: its copies are known by it. */
  rememberAck(window: number, ipId: number, timeUs: number): void {
    this.#window = window;
    this.#ackId = ipId;
    this.#ackUs = timeUs;
  }

  /**
   * The peer's last acknowledgment once more, pure, while data is on its way: a duplicate where its window is the same
   * (RFC 5681 §2) or it is a selective one (RFC 6675 §2). `hasCopies`: packets of this connection were captured twice.
   */
  repeatAck(window: number, ipId: number, timeUs: number, isSelective: boolean, hasCopies: boolean): void {
    if (ipId > 0 ? this.#isKnownId(ipId, hasCopies) : hasCopies && timeUs - this.#ackUs < COPY_AT_ONCE_US) return;
    // The first that is looked at: where all is captured twice, it is the copy of the one that it repeats.
    const isFirst = this.#window < 0;
    if (isFirst ? !hasCopies : isSelective || window === this.#window) this.#sameAcks++;
    this.rememberAck(window, ipId, timeUs);
  }

  /** One sender's identifications rise; what is not behind the last one was captured later than it was sent. */
  #isKnownId(ipId: number, hasCopies: boolean): boolean {
    return hasCopies && this.#ackId > 0 ? (ipId - this.#ackId) << 16 <= 0 : ipId === this.#ackId;
  }

  /** A selective acknowledgment reaches to `edge`, behind a hole. */
  select(edge: number, timeUs: number): void {
    if (!this.#hasSack || distance(this.#sackedTo, edge) > 0) this.#sackedTo = edge;
    this.#hasSack = true;
    this.#ackUs = timeUs;
  }

  /** Whether selective acknowledgments name something from `seq` on. */
  hasReached(seq: number): boolean {
    return this.#hasSack && distance(seq, this.#sackedTo) > 0;
  }

  /** A segment was sent again. */
  count(resent: Resent, frame: number): void {
    const kind = this.#kindOf(resent);
    if (kind !== null) this[kind]++;
    if (kind === 'fast' || kind === 'timeout') {
      this.#recovery = kind;
      this.#recoveryEnd = resent.end;
    }
    this.#lastUs = resent.timeUs;
    this.#countMost(resent, frame);
  }

  #kindOf({ seq, length, timeUs, acked, hasAck, newUs, roundTripUs }: Resent): keyof RetransmissionKinds | null {
    // Without the peer's packets nothing tells why.
    if (!hasAck) return null;
    const behind = (seq + length) | 0;
    if (distance(behind, acked) >= 0) return 'needless';
    const silentUs = timeUs - (this.#lastUs > newUs ? this.#lastUs : newUs);
    const patienceUs = TIMER_US + roundTripUs;
    const beyond = this.#hasSack ? distance(behind, this.#sackedTo) : 0;
    const isAskedFor = (this.#sameAcks >= REQUEST && distance(seq, acked) >= 0) || (beyond > 0 && beyond < PLAUSIBLE);
    // What was asked for long ago has been sent, and was lost again.
    if (isAskedFor && !(silentUs >= TIMER_US && timeUs - this.#ackUs >= patienceUs)) return 'fast';
    // The rest of what was lost follows as acknowledgments come (RFC 6582 §3.2).
    if (this.#recovery !== null && silentUs < patienceUs && distance(seq, this.#recoveryEnd) > 0) return this.#recovery;
    return silentUs >= TIMER_US ? 'timeout' : null;
  }

  #countMost({ seq, length, timeUs }: Resent, frame: number): void {
    const { most } = this;
    if (most === null || most.seq !== seq) {
      // The one that was sent most often is kept.
      if (most !== null && most.times > 2) return;
      this.most = { seq, length, times: 1, firstFrame: frame, lastFrame: frame, firstUs: timeUs, lastUs: timeUs };
      return;
    }
    most.times++;
    most.lastFrame = frame;
    most.lastUs = timeUs;
  }
}
