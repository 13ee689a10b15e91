/**
 * Mails that did not get through at once, by their envelope: what became of the same reverse-path and forward-path in
 * each session. Three rules read it at the end of the run: greylisting that was passed, a mail sent again after a 5xx,
 * a mail that was given up after a 4xx.
 *
 * Only a refusal or a message without reply opens an entry. A session in which all went well costs one look-up for each
 * of its recipients while there are entries at all.
 */
import { messageIdOf } from '../../message/header-section.ts';
import { Fact, type Recipient, type Session, type Transaction } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { hashText } from '../hash.ts';
import { hashPath } from '../paths.ts';
import { Recent } from '../recent.ts';
import { refusalsAs } from '../refusals.ts';
import { quote } from '../words.ts';
import type { CaptureQuality, SessionKeys } from './collector.ts';
import { KeyFilter } from './filter.ts';
import { networkOf } from './networks.ts';
import { inOrder, type Step, type StepKind, type Story } from './story.ts';

/** Envelopes remembered, twice over at most; those that no session named for longest are forgotten. */
const ENVELOPES = 4096;
/** Tries of one envelope; the last of them is kept up to date. */
const STEPS = 16;
/** Recipients of one session that are looked at: a harvest may name thousands. */
const RECIPIENTS = 64;
/** Client networks of which is known when they last came. */
const NETWORKS = 1024;
/** Two captures of a run with less than this between them are one stretch of time. */
const SAME_STRETCH_US = 600e6;

const HOLED = Fact.gap | Fact.oneSided;

/** One try of a mail. */
export interface Try extends Step {
  readonly capture: number;
  /** Of its session's first packet; NaN where that had no time. */
  readonly beganUs: number;
  /** Of MAIL's SIZE; -1 when it named none. Two sizes are two mails. */
  readonly size: number;
  /** The reply's words, where it refused. */
  readonly reply: string;
}

export interface Envelope {
  readonly from: string;
  readonly to: string;
  /** Of the clients that tried. */
  readonly network: string;
  readonly tries: Try[];
  messageId: string | null;
}

interface Span {
  firstUs: number;
  lastUs: number;
}

interface Verdict {
  readonly kind: StepKind;
  readonly reply: Turn | null;
}

export class Envelopes {
  /** By a hash of client network, reverse-path and forward-path. */
  readonly #known = new Recent<number, Envelope>(ENVELOPES);
  readonly #filter = new KeyFilter();
  /** When a client network last came with something that cannot be seen, or nothing. */
  readonly #visits = new Recent<string, { lastUs: number }>(NETWORKS);
  readonly #spans: (Span | undefined)[] = [];

  see(session: Session, keys: SessionKeys): void {
    this.#stretch(session);
    const { transactions } = session;
    // Behind a hole a reply may belong to another command: then nobody knows what became of the mail.
    if (transactions.length === 0 || (session.facts & HOLED) !== 0) {
      if (!this.#visits.isEmpty) this.#visit(session);
      return;
    }
    if (!hasTrouble(session) && this.#known.isEmpty) return;
    let left = RECIPIENTS;
    for (let t = 0; t < transactions.length; t++) {
      const transaction = transactions[t] as Transaction;
      const { recipients } = transaction;
      const base = Math.imul(hashPath(transaction.mail), 31) ^ networkKey(session.client.address, keys);
      for (let r = 0; r < recipients.length && left > 0; r++, left--) {
        const recipient = recipients[r] as Recipient;
        const key = base ^ Math.imul(hashPath(recipient.command), 17);
        // The common case: nothing is known of this envelope, and nothing is to be.
        if (!this.#filter.mayHave(key) && isAccepted(transaction, recipient)) continue;
        this.#recipient(session, transaction, recipient, key);
      }
    }
  }

  /** Every envelope that something happened to, its tries in the order of time. */
  *all(): Generator<Envelope> {
    for (const envelope of this.#known.values()) yield { ...envelope, tries: inOrder(envelope.tries) as Try[] };
  }

  /** The captures’ own last times: they may go on after their last session. */
  reach(captures: readonly CaptureQuality[]): void {
    for (const [i, { lastUs }] of captures.entries()) {
      const span = this.#spans[i];
      if (span !== undefined && lastUs !== undefined && lastUs > span.lastUs) span.lastUs = lastUs;
    }
  }

  /** Seconds of capture after this try, without a longer hole in them; NaN when unknown. */
  secondsAfter({ capture, timeUs }: Try): number {
    let last = this.#spans[capture]?.lastUs ?? Number.NaN;
    for (let i = capture + 1; i < this.#spans.length; i++) {
      const next = this.#spans[i];
      if (next === undefined) continue;
      if (!(next.firstUs - last <= SAME_STRETCH_US)) break;
      last = Math.max(last, next.lastUs);
    }
    return (last - timeUs) / 1e6;
  }

  /** The client network came after this try, and what it wanted cannot be seen. */
  cameLater(envelope: Envelope, { timeUs }: Try): boolean {
    return (this.#visits.get(envelope.network)?.lastUs ?? Number.NEGATIVE_INFINITY) > timeUs;
  }

  #recipient(session: Session, transaction: Transaction, recipient: Recipient, key: number): void {
    let envelope = this.#known.get(key);
    if (envelope === undefined && isAccepted(transaction, recipient)) return;
    const { kind, reply } = judge(session, transaction, recipient);
    if (envelope === undefined) {
      if (kind === 'accepted' || kind === 'tried') return;
      const network = networkOf(session.client.address);
      envelope = { from: transaction.from, to: recipient.to, network, tries: [], messageId: null };
      this.#known.set(key, envelope);
      this.#filter.add(key, () => this.#known.keys());
      if (this.#visits.get(network) === undefined) this.#visits.set(network, { lastUs: Number.NEGATIVE_INFINITY });
    } else if (envelope.to !== recipient.to || envelope.from !== transaction.from) {
      // Another envelope of the same hash: the first is kept.
      return;
    }
    if (transaction.message !== null) envelope.messageId ??= messageIdOf(transaction.message.head);
    if (envelope.tries.length >= STEPS) envelope.tries.pop();
    envelope.tries.push({
      session: session.id,
      capture: session.capture,
      beganUs: session.start.us,
      timeUs: (reply ?? transaction.mail).timeUs,
      kind,
      code: reply?.code ?? 0,
      client: session.client.address,
      server: session.server.address,
      size: sizeOf(transaction),
      reply: reply !== null && reply.code >= 400 ? quote(session, reply) : '',
    });
  }

  #visit(session: Session): void {
    const visit = this.#visits.get(networkOf(session.client.address));
    if (visit !== undefined && session.start.us > visit.lastUs) visit.lastUs = session.start.us;
  }

  /** How far the capture is known to reach: a session may be handed on long after its end, in the next capture. */
  #stretch({ capture, start, end }: Session): void {
    const span = this.#spans[capture];
    if (span === undefined) this.#spans[capture] = { firstUs: start.us, lastUs: end.us };
    else {
      if (start.us < span.firstUs) span.firstUs = start.us;
      if (end.us > span.lastUs) span.lastUs = end.us;
    }
  }
}

let lastClient = 0;
let lastAddress = '';
let lastNetworkKey = 0;

/** Hash of the client’s network. Clients come in bursts. */
function networkKey(address: string, { client }: SessionKeys): number {
  if (client !== lastClient || address !== lastAddress) {
    lastClient = client;
    lastAddress = address;
    lastNetworkKey = hashText(networkOf(address));
  }
  return lastNetworkKey;
}

export function storyOf({ messageId, from, to, tries }: Envelope): Story {
  return { messageId, from, to, others: 0, steps: tries };
}

function hasTrouble({ facts, outcome }: Session): boolean {
  if ((facts & (Fact.refusal4xx | Fact.refusal5xx)) !== 0) return true;
  return (facts & Fact.message) !== 0 && outcome === 'aborted';
}

/** The common case, without an allocation. LMTP answers each recipient after the message: that is judged apart. */
function isAccepted({ message }: Transaction, recipient: Recipient): boolean {
  return (
    message !== null &&
    message.code !== null &&
    message.code < 400 &&
    message.replies.length === 1 &&
    (recipient.code ?? 400) < 400
  );
}

function judge(session: Session, { mailReply, message, recipients }: Transaction, recipient: Recipient): Verdict {
  if (mailReply !== null && mailReply.code >= 400) return refused(session, mailReply);
  if (recipient.reply === null) return { kind: 'tried', reply: null };
  if (recipient.reply.code >= 400) return refused(session, recipient.reply);
  if (message === null) return { kind: 'tried', reply: null };
  const { replies } = message;
  const accepted = session.service === 'lmtp' ? recipients.filter(({ code }) => (code ?? 400) < 400) : [];
  const reply = (session.service === 'lmtp' ? replies[accepted.indexOf(recipient)] : replies.at(-1)) ?? null;
  if (reply !== null) return reply.code >= 400 ? refused(session, reply) : { kind: 'accepted', reply };
  const isSent = message.complete && message.missing === 0;
  return { kind: isSent ? 'unanswered' : 'tried', reply: null };
}

function refused(session: Session, reply: Turn): Verdict {
  if (reply.code >= 500) return { kind: 'rejected', reply };
  const isPutOff = refusalsAs(session, 'greylisting').some((refusal) => refusal.reply === reply);
  return { kind: isPutOff ? 'greylisted' : 'deferred', reply };
}

function sizeOf({ mail }: Transaction): number {
  const size = /\sSIZE=(\d{1,15})(?:\s|$)/i.exec(mail.argument ?? '')?.[1];
  return size === undefined ? -1 : Number(size);
}
