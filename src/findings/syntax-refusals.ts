/**
 * Refusals that a rule of syntax, lines or order speaks for, so that `rejected-other` and `deferred-other` do not tell
 * them again. Each is tied to what the client was seen to do: the server’s words alone claim nothing.
 */
import { MARK } from '../bytes/kernel/message-scan.ts';
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { bdatFaults } from './bdat-faults.ts';
import { impatient } from './impatience.ts';
import { longLines } from './long-lines.ts';
import { oddLines } from './odd-lines.ts';
import { pathFault } from './path-faults.ts';
import { type Refusal, refusals } from './refusals.ts';
import { unofferedParams } from './unoffered-params.ts';

export type SyntaxRule =
  | 'received-loop'
  | 'bare-lf'
  | 'bare-cr'
  | 'pipelining-not-offered'
  | 'pipelining-after-sync-command'
  | 'bdat-errors'
  | 'line-too-long'
  | 'path-syntax'
  | 'mail-params-unsupported'
  | 'bad-sequence';

const LOOP =
  /\btoo many hops\b|\b(?:mail|routing|forwarding|message) loop\b|\bloop(?:s|ing)? (?:back|detected)\b|\bhop count\b|\btoo many "?received\b/i;
const BARE_LF = /\bbare[ -]?(?:<?LF\b|line ?feeds?\b|newlines?\b)|smtplf\.html/i;
const BARE_CR = /\bbare[ -]?(?:<?CR\b|carriage)/i;
const IMPATIENT = /\bpipelin|\bsynchroni[sz]ation error|\bout of sync|\bprotocol synchroni[sz]/i;
const TOO_LONG = /\btoo long\b|\bline length\b|\blines? (?:is |are )?(?:longer|exceed)/i;
const WORDS_LIMIT = 1024;

const NO_CLAIMS: ReadonlyMap<Turn, SyntaxRule> = new Map();

let lastSession: Session | null = null;
let lastClaims: ReadonlyMap<Turn, SyntaxRule> = NO_CLAIMS;

/** The rule that speaks for a refusal, by its reply. */
export function syntaxRefusals(session: Session): ReadonlyMap<Turn, SyntaxRule> {
  if (session !== lastSession) {
    lastSession = session;
    lastClaims = find(session);
  }
  return lastClaims;
}

/** The refusals that one rule speaks for. */
export function refusedFor(session: Session, rule: SyntaxRule): readonly Refusal[] {
  const claims = syntaxRefusals(session);
  return claims.size === 0 ? NONE : refusals(session).filter(({ reply }) => claims.get(reply) === rule);
}

const NONE: readonly Refusal[] = [];

function find(session: Session): ReadonlyMap<Turn, SyntaxRule> {
  const refused = refusals(session);
  if (refused.length === 0) return NO_CLAIMS;
  const claims = new Map<Turn, SyntaxRule>();
  for (const refusal of refused) {
    if (refusal.kind !== 'other') continue;
    const rule = ruleOf(session, refusal);
    if (rule !== null) claims.set(refusal.reply, rule);
  }
  return claims;
}

function ruleOf(session: Session, { verb, request, reply, transaction }: Refusal): SyntaxRule | null {
  const words = reply.text.slice(0, WORDS_LIMIT);
  const { code, enhancedCode } = reply;
  // Zoho gives the code of a loop (5.4.6) to accounts that it has stopped.
  if ((enhancedCode?.slice(2) === '4.6' && !/\bunusual sending\b/i.test(words)) || LOOP.test(words))
    return 'received-loop';
  const marks = verb === 'message' ? (transaction?.message?.marks ?? 0) : 0;
  if (BARE_LF.test(words) && ((marks & MARK.bareLf) !== 0 || oddLines(session).bareLf.includes(request))) {
    return 'bare-lf';
  }
  if (BARE_CR.test(words) && ((marks & MARK.bareCr) !== 0 || oddLines(session).bareCr.includes(request))) {
    return 'bare-cr';
  }
  if (IMPATIENT.test(words)) {
    const { behindSync, unoffered } = impatient(session);
    const concerns = ({ before, next }: { before: Turn; next: Turn }) => before === request || next === request;
    if (behindSync.some(concerns)) return 'pipelining-after-sync-command';
    if (unoffered.some(concerns)) return 'pipelining-not-offered';
  }
  if (bdatFaults(session).some((fault) => fault.reply === reply)) return 'bdat-errors';
  if (TOO_LONG.test(words) && longLines(session).some(({ turn }) => turn === request)) return 'line-too-long';
  if (verb === 'MAIL' || verb === 'RCPT') {
    const isOfForm = code === 500 || code === 501 || code === 504 || code === 553 || code === 555;
    if (isOfForm && unofferedParams(session, request).length > 0) return 'mail-params-unsupported';
    if (isOfForm && pathFault(request) !== null) return 'path-syntax';
  }
  return code === 503 && verb !== 'STARTTLS' ? 'bad-sequence' : null;
}
