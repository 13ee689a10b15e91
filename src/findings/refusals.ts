/**
 * Every refusal of a session, classed once, so that a refusal has one finding. What merely follows from an earlier
 * refusal (`503`, `554 no valid recipients`, the replies to RSET and QUIT, a pipelined group whose MAIL was refused)
 * is left out. Many rules ask for the refusals of one session, one after the other: the last answer is kept.
 */
import { Fact, type Recipient, type Session, type Transaction } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { heloFault } from './helo.ts';
import { isForIdentity } from './login-identity.ts';
import { type Classed, classify, type RefusalKind } from './refusal-kinds.ts';
import { missingHello } from './second-hello.ts';

export type { RefusalKind } from './refusal-kinds.ts';

export interface Refusal {
  /** Which rule speaks for it. */
  readonly kind: RefusalKind;
  /** The class is certain; else it is read from the server's words alone. */
  readonly sure: boolean;
  /** The verb that was refused, `message` for what DATA carried. */
  readonly verb: string;
  readonly request: Turn;
  readonly reply: Turn;
  /** The mail transaction in which it stands; null outside of one. */
  readonly transaction: Transaction | null;
  /** The path that MAIL or RCPT named. */
  readonly path: string | null;
  /**
   * `transaction`: nothing of this mail got through. `part`: it cost some recipients only, or a later try in the same
   * session succeeded.
   */
  readonly cost: 'transaction' | 'part';
}

const ENVELOPE: ReadonlySet<string> = new Set(['MAIL', 'RCPT', 'DATA', 'BDAT', 'message']);

const REFUSED = Fact.refusal5xx | Fact.refusal4xx;
const NONE: readonly Refusal[] = [];

let lastSession: Session | null = null;
let lastRefusals: readonly Refusal[] = [];

/** In wire order. AUTH and the greeting are not among them: they have rules of their own. */
export function refusals(session: Session): readonly Refusal[] {
  if ((session.facts & REFUSED) === 0) return NONE;
  if (session === lastSession) return lastRefusals;
  lastRefusals = findRefusals(session);
  lastSession = session;
  return lastRefusals;
}

/** Those of one kind. */
export function refusalsAs(session: Session, kind: RefusalKind): readonly Refusal[] {
  return refusals(session).filter((refusal) => refusal.kind === kind);
}

function findRefusals(session: Session): readonly Refusal[] {
  const found: Refusal[] = [];
  const whole = new Whole(session);
  let mailRefused = false;
  let dataRefused = false;
  let accepted = 0;
  let refused = 0;
  for (const { request, reply } of session.exchanges) {
    if (request === null || reply === null) continue;
    const verb = request.kind === 'message' ? 'message' : request.kind === 'command' ? (request.verb ?? '') : '';
    const isRefusal = reply.code >= 400;
    let follows = false;
    if (verb === 'MAIL' || verb === 'RSET' || verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') {
      mailRefused = verb === 'MAIL' && isRefusal;
      dataRefused = false;
      accepted = 0;
      refused = 0;
    } else if (verb === 'RCPT') {
      follows = mailRefused;
      if (isRefusal) refused++;
      else accepted++;
    } else if (verb === 'DATA' || verb === 'BDAT' || verb === 'message') {
      follows = mailRefused || dataRefused || (refused > 0 && accepted === 0);
      dataRefused ||= isRefusal && verb !== 'message';
    }
    if (!isRefusal || follows || verb === '' || verb === 'AUTH' || verb === 'QUIT' || verb === 'RSET') continue;
    found.push(describe(whole, verb, request, reply, accepted));
  }
  return found;
}

/** True for a refusal at MAIL, RCPT, DATA, BDAT or after the message. */
export function isOfEnvelope(refusal: Refusal): boolean {
  return ENVELOPE.has(refusal.verb);
}

/** What is asked of the whole session for each refusal, found once: a harvest of addresses has thousands of them. */
class Whole {
  readonly session: Session;
  /** Index of the first gap; behind it a reply may have been matched with another command than the one it answers. */
  readonly firstGap: number;
  #recipients: Map<Turn, Recipient> | null = null;
  readonly #hasAccepted = new Map<Transaction, boolean>();

  constructor(session: Session) {
    this.session = session;
    const gap = session.turns.findIndex(({ kind }) => kind === 'gap');
    this.firstGap = gap < 0 ? Number.POSITIVE_INFINITY : gap;
  }

  /** Recipients by their commands. */
  get recipients(): ReadonlyMap<Turn, Recipient> {
    this.#recipients ??= new Map(
      this.session.transactions.flatMap(({ recipients }) => recipients.map((one) => [one.command, one] as const)),
    );
    return this.#recipients;
  }

  /** True when a recipient of this transaction was accepted. */
  hasAccepted(transaction: Transaction): boolean {
    let has = this.#hasAccepted.get(transaction);
    if (has === undefined) {
      has = transaction.recipients.some(({ code }) => isAccepted(code));
      this.#hasAccepted.set(transaction, has);
    }
    return has;
  }
}

function describe(whole: Whole, verb: string, request: Turn, reply: Turn, accepted: number): Refusal {
  const { session } = whole;
  const transaction = ENVELOPE.has(verb) ? transactionOf(session, request) : null;
  const path =
    verb === 'MAIL'
      ? (transaction?.from ?? null)
      : verb === 'RCPT'
        ? (whole.recipients.get(request)?.to ?? null)
        : null;
  const { kind, sure } = classOf(whole, verb, request, reply, transaction, accepted);
  return {
    kind,
    sure,
    verb,
    request,
    reply,
    transaction,
    path,
    cost: transaction !== null && costsPart(whole, verb, transaction, path, reply) ? 'part' : 'transaction',
  };
}

/** The transaction whose MAIL is the last one before this turn. */
function transactionOf(session: Session, turn: Turn): Transaction | null {
  return session.transactions.findLast((transaction) => transaction.mail.index <= turn.index) ?? null;
}

function costsPart(whole: Whole, verb: string, transaction: Transaction, path: string | null, reply: Turn): boolean {
  // A lone dot behind a group whose recipients were all refused carries nothing.
  if (verb === 'RCPT' && transaction.message !== null && whole.hasAccepted(transaction)) return true;
  // LMTP answers for each recipient.
  if (verb === 'message' && transaction.message?.replies.some(({ code }) => isAccepted(code)) === true) return true;
  return whole.session.transactions.some(
    (later) =>
      later.mail.index > reply.index &&
      isDelivered(later) &&
      later.from === transaction.from &&
      (verb === 'MAIL' || later.recipients.some((r) => isAccepted(r.code) && repeats(transaction, verb, path, r.to))),
  );
}

function repeats(transaction: Transaction, verb: string, path: string | null, to: string): boolean {
  return verb === 'RCPT' ? to === path : transaction.recipients.some((recipient) => recipient.to === to);
}

function isDelivered(transaction: Transaction): boolean {
  return transaction.message !== null && isAccepted(transaction.message.code);
}

function isAccepted(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}

function classOf(
  whole: Whole,
  verb: string,
  request: Turn,
  reply: Turn,
  transaction: Transaction | null,
  accepted: number,
): Classed {
  const { session } = whole;
  const { text } = reply;
  const isHello = verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO';
  if (isForHelo(isHello, reply.code, text) && heloFault(session) !== null) return { kind: 'helo', sure: true };
  if (reply.code === 530) return { kind: wantsTls(text) ? 'tls' : 'authentication', sure: true };
  // The finding no-ehlo-after-starttls speaks for it.
  if (missingHello(session)?.refusal === reply) return { kind: 'tls', sure: true };
  if (!isHello && !ENVELOPE.has(verb)) return OTHER;
  if (!isHello && isForIdentity(session, request, reply)) return { kind: 'identity', sure: true };
  const classed = classify({
    verb,
    code: reply.code,
    enhancedCode: reply.enhancedCode,
    text: withoutStatus(text),
    from: transaction?.from ?? null,
    accepted,
    afterHole: whole.firstGap < reply.index,
  });
  if (classed.kind !== 'other') return classed;
  if (isHello && SPEAKS_OF_NAME.test(text) && !isOfOrder(reply.code) && heloFault(session) !== null) {
    return { kind: 'helo', sure: true };
  }
  return reply.code >= 500 && needsUtf8(session, request) ? { kind: 'smtputf8', sure: true } : classed;
}

const OTHER: Classed = { kind: 'other', sure: true };

/** Enhanced codes that begin the lines of a reply: `550-5.7.1 …`. */
function withoutStatus(text: string): string {
  return text.replace(/(^| )[245]\.\d{1,3}\.\d{1,3}(?= |$)/g, '$1');
}

/** 500 and 502 mean that the verb is not known, 503 that the order is wrong: none is about a name. */
function isOfOrder(code: number): boolean {
  return code === 500 || code === 502 || code === 503;
}

const SPEAKS_OF_NAME = /\b(?:helo|ehlo|host ?name|fully[ -]qualified|domain|name)\b/i;

function isForHelo(isHello: boolean, code: number, text: string): boolean {
  if (isOfOrder(code)) return false;
  if (isHello && (code === 501 || code === 504)) return true;
  return /\b(?:helo|ehlo)\b.{0,80}\b(?:reject|invalid|bad|need|must|not|name|argument)/i.test(text);
}

/** `530 Must issue a STARTTLS command first` (RFC 3207 §4), against `530 Authentication required` (RFC 4954 §6). */
function wantsTls(text: string): boolean {
  const words = text.slice(0, 512);
  return /STARTTLS/i.test(words) || (/\b(?:TLS|SSL|encrypt\w*)\b/i.test(words) && !/authenticat/i.test(words));
}

/** The command names an address beyond ASCII, or asks for SMTPUTF8, and the server did not offer it (RFC 6531 §3.1). */
export function needsUtf8(session: Session, request: Turn): boolean {
  if (request.verb !== 'MAIL' && request.verb !== 'RCPT') return false;
  const asks = request.raw.some((octet) => octet > 127) || /\sSMTPUTF8(?:\s|$)/i.test(request.argument ?? '');
  return asks && session.offers.at(-1)?.extensions.has('SMTPUTF8') !== true;
}
