/**
 * Every refusal of a session, classed once, so that a refusal has one finding. What merely follows from an earlier
 * refusal (`503`, `554 no valid recipients`, the replies to RSET and QUIT, a pipelined group whose MAIL was refused)
 * is left out.
 */
import type { Session, Transaction } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { heloFault } from './helo.ts';

/** Which rule speaks for it: `helo-name`, `auth-530`, `relay-denied`, or the rules for what no other claims. */
export type RefusalKind = 'helo' | 'authentication' | 'relay' | 'other';

export interface Refusal {
  readonly kind: RefusalKind;
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

/** In wire order. AUTH and the greeting are not among them: they have rules of their own. */
export function refusals(session: Session): readonly Refusal[] {
  const found: Refusal[] = [];
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
    found.push(describe(session, verb, request, reply));
  }
  return found;
}

/** True for a refusal at MAIL, RCPT, DATA, BDAT or after the message. */
export function isOfEnvelope(refusal: Refusal): boolean {
  return ENVELOPE.has(refusal.verb);
}

function describe(session: Session, verb: string, request: Turn, reply: Turn): Refusal {
  const transaction = ENVELOPE.has(verb) ? transactionOf(session, request) : null;
  const path =
    verb === 'MAIL'
      ? (transaction?.from ?? null)
      : (transaction?.recipients.find((recipient) => recipient.command === request)?.to ?? null);
  return {
    kind: kindOf(session, verb, reply),
    verb,
    request,
    reply,
    transaction,
    path,
    cost: transaction !== null && costsPart(session, verb, transaction, path, reply) ? 'part' : 'transaction',
  };
}

/** The transaction whose MAIL is the last one before this turn. */
function transactionOf(session: Session, turn: Turn): Transaction | null {
  return session.transactions.findLast((transaction) => transaction.mail.index <= turn.index) ?? null;
}

function costsPart(
  session: Session,
  verb: string,
  transaction: Transaction,
  path: string | null,
  reply: Turn,
): boolean {
  if (verb === 'RCPT' && transaction.message !== null) return true;
  return session.transactions.some(
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

function kindOf(session: Session, verb: string, reply: Turn): RefusalKind {
  const { text } = reply;
  if (isForHelo(verb, reply, text) && heloFault(session) !== null) return 'helo';
  if (reply.code === 530) return wantsTls(text) ? 'other' : 'authentication';
  if ((verb === 'RCPT' || isAfterHole(session, reply)) && refusesRelaying(reply, text)) return 'relay';
  return 'other';
}

/** Behind a hole a reply may have been matched with another command than the one it answers. */
function isAfterHole(session: Session, reply: Turn): boolean {
  return session.turns.some((turn) => turn.kind === 'gap' && turn.index < reply.index);
}

/** 500 and 502 mean that the verb is not known, 503 that the order is wrong: none is about the name. */
function isForHelo(verb: string, reply: Turn, text: string): boolean {
  if (reply.code === 500 || reply.code === 502 || reply.code === 503) return false;
  if (verb === 'EHLO' || verb === 'HELO') {
    return (
      reply.code === 501 ||
      reply.code === 504 ||
      /\b(?:helo|ehlo|host ?name|fully[ -]qualified|domain|name)\b/i.test(text)
    );
  }
  return /\b(?:helo|ehlo)\b.*\b(?:reject|invalid|bad|need|must|not|name|argument)/i.test(text);
}

/** `530 Must issue a STARTTLS command first` (RFC 3207 §4), against `530 Authentication required` (RFC 4954 §6). */
function wantsTls(text: string): boolean {
  return (
    /\bissue\b.*\bSTARTTLS\b/i.test(text) ||
    (/\b(?:STARTTLS|TLS|SSL|encrypt)/i.test(text) && !/authenticat/i.test(text))
  );
}

const RELAY: readonly RegExp[] = [
  /\brelay(?:ing)?\b.{0,40}\b(?:denied|prohibited|refused|rejected|disallowed|forbidden|not (?:permitted|allowed|authori[sz]ed))/i,
  /\b(?:do(?:es)? not|don't|won't|not allowed to|not permitted to|not authori[sz]ed to|cannot|can't|unable to|refuse to|no|not) relay/i,
  /\brcpthosts\b/i,
  /\b(?:authentication (?:is )?required|must authenticate|need to authenticate|authenticate first)\b/i,
];

function refusesRelaying(reply: Turn, text: string): boolean {
  if (reply.enhancedCode === '5.7.54') return true;
  return (
    RELAY.some((pattern) => pattern.test(text)) &&
    !/\b(?:listed (?:in|at|on|by)|blocked (?:using|by)|dnsbl|rbl|blocklist|blacklist)\b/i.test(text)
  );
}
