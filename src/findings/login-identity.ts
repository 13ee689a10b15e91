/** The login in force, and the words with which servers say that a sender does not belong to it. */
import type { AuthAttempt, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';

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

/**
 * True when what was refused of the envelope or the message, after a login, was refused for who logged in:
 * `auth-success-then-failure` speaks for it.
 */
export function isForIdentity(session: Session, request: Turn, reply: Turn): boolean {
  if (session.authentication.length === 0) return false;
  if (loginAt(session, request) === null) return false;
  if (reply.enhancedCode !== null && CODES.has(reply.enhancedCode)) return true;
  const words = reply.text.slice(0, 1024);
  return WORDS.some((pattern) => pattern.test(words));
}
