/** What becomes of a login that was accepted: mail refused for who logged in, or a login that the server forgot. */
import type { AuthAttempt, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isOfEnvelope, type Refusal, refusals } from './refusals.ts';

/** Codes that mean nothing else: Exchange’s “Client does not have permissions to send as this sender”, SendAsDenied. */
const CODES: ReadonlySet<string> = new Set(['5.7.60', '5.2.252']);

/** The sender does not belong to the login, in the words of servers and providers. */
const WORDS: readonly RegExp[] = [
  // Postfix: reject_sender_login_mismatch and its kin.
  /\bsender address rejected: not owned by\b/i,
  /\bpermissions? to send as\b/i,
  /\bSendAsDenied\b/i,
  /\bnot (?:allowed|authori[sz]ed|permitted) to send (?:mail |e-?mail |messages )?(?:as|from|on behalf of|with|using)\b/i,
  /\bfrom address is not one of your addresses\b/i,
  // GMX, WEB.DE, IONOS.
  /\bsender address is not allowed\b/i,
  // SendGrid, Amazon SES.
  /\bdoes not match a verified sender identity\b/i,
  /\bemail address is not verified\b/i,
  /\b(?:sender|from|envelope)\b.{0,60}\b(?:does not|doesn't|must) match\b.{0,40}\b(?:login|authenticated|auth|account|user)\b/i,
];

/** The login that was in force at this turn; null when there was none. */
export function loginAt(session: Session, turn: Turn): AuthAttempt | null {
  const login = session.authentication.findLast(
    ({ outcome, reply }) => outcome === 'accepted' && reply !== null && reply.index < turn.index,
  );
  return login ?? null;
}

/** True when a refusal of the envelope or the message is for who logged in: `auth-success-then-failure` speaks for it. */
export function isForIdentity(session: Session, refusal: Refusal): boolean {
  const { request, reply } = refusal;
  if (session.authentication.length === 0 || !isOfEnvelope(refusal)) return false;
  if (loginAt(session, request) === null) return false;
  if (reply.enhancedCode !== null && CODES.has(reply.enhancedCode)) return true;
  const words = reply.text.slice(0, 1024);
  return WORDS.some((pattern) => pattern.test(words));
}

export interface LostLogin {
  readonly login: AuthAttempt;
  /** The EHLO or HELO after the login. */
  readonly hello: Turn;
  readonly refusals: readonly Refusal[];
}

/** A login that a second EHLO made the server forget: what follows is refused for want of one. Null for none. */
export function lostLogin(session: Session): LostLogin | null {
  if (session.authentication.length === 0) return null;
  const wanting = refusals(session).filter(({ kind }) => kind === 'authentication');
  const first = wanting[0];
  const login = first === undefined ? null : loginAt(session, first.request);
  if (first === undefined || login === null) return null;
  const accepted = login.reply as Turn;
  const hello = session.turns.findLast(
    (turn) =>
      (turn.verb === 'EHLO' || turn.verb === 'HELO') && turn.index > accepted.index && turn.index < first.request.index,
  );
  return hello === undefined ? null : { login, hello, refusals: wanting };
}
