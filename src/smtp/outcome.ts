/** How a session ended, in one word. The order of the questions is the contract's: the first that holds. */
import type { HalfFacts } from '../reassembly/transport-facts.ts';
import { Fact, type Outcome, type Session, type Transaction } from './session.ts';
import type { Turn } from './turn.ts';

/** Seconds of silence after which a connection that is still open is known to be waiting for a greeting. */
const SILENT_SECONDS = 30;

export function judgeOutcome(session: Session, transactionOpen: boolean): Outcome {
  const { transport, facts, service, authentication } = session;
  const hasPayload = saidBytes(transport.client) + saidBytes(transport.server) > 0;
  if (transport.opening !== 'complete' && !hasPayload) return 'not-connected';
  if ((facts & Fact.notSmtp) !== 0) return 'not-smtp';
  const delivery = judgeDelivery(session.transactions, service === 'lmtp');
  if (delivery !== null) return delivery;
  if (session.encryption?.outcome === 'established' && !session.encryption.decrypted) return 'encrypted';
  const lastAuth = authentication.at(-1);
  if (lastAuth !== undefined && lastAuth.outcome === 'rejected') return 'authentication-failed';
  const refusal = firstRefusal(session);
  if (refusal !== null) return refusal.code >= 500 ? 'rejected' : 'deferred';
  const silent = transport.server.bytes === 0 && transport.server.missingBytes === 0 && session.startCaptured;
  const known = session.endCaptured || (silent && session.quietSeconds >= SILENT_SECONDS);
  if (!session.startCaptured || (facts & (Fact.gap | Fact.truncated)) !== 0) return 'incomplete';
  if (!known && !hasQuit(session)) return 'incomplete';
  if (silent) return 'no-greeting';
  if (transactionOpen || isUnanswered(session) || isBroken(session) || leftAtAuth(session)) return 'aborted';
  return 'idle';
}

/** What the snapshot length left nothing of was said all the same. */
function saidBytes({ bytes, truncatedBytes }: HalfFacts): number {
  return bytes + truncatedBytes;
}

/** Null when no message reached its end with an acceptance. */
function judgeDelivery(transactions: readonly Transaction[], lmtp: boolean): Outcome | null {
  let accepted = 0;
  let refused = 0;
  for (const transaction of transactions) {
    const { message, mailReply, recipients } = transaction;
    if (message !== null && message.replies.length > 0) {
      if (lmtp) {
        for (const reply of message.replies) {
          if (reply.code < 400) accepted++;
          else refused++;
        }
      } else if ((message.code as number) < 400) accepted++;
      else refused++;
    } else if (mailReply !== null && mailReply.code >= 400) refused++;
    else if (recipients.length > 0 && recipients.every((recipient) => (recipient.code ?? 0) >= 400)) refused++;
  }
  if (accepted === 0) return null;
  return refused === 0 ? 'delivered' : 'partly-delivered';
}

/** The first refusal that nothing later undid. */
function firstRefusal(session: Session): Turn | null {
  if (session.greeting !== null && session.greeting.code >= 400) return session.greeting;
  const { turns } = session;
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.kind !== 'reply' || turn.code < 400) continue;
    const request = turns[turn.answers];
    if (request === undefined) {
      // A server may close the session at any time (RFC 5321 §3.8).
      if (turn.code === 421) return turn;
      continue;
    }
    const family = request.kind === 'command' ? FAMILIES[request.verb ?? ''] : request.kind;
    if (family === undefined) {
      if (turn.code === 421) return turn;
      continue;
    }
    if (!isUndone(turns, i, family)) return turn;
  }
  return null;
}

/** Commands whose refusal decides a session. A later success of the same family undoes it. */
const FAMILIES: Record<string, string> = {
  EHLO: 'hello',
  HELO: 'hello',
  LHLO: 'hello',
  STARTTLS: 'starttls',
  AUTH: 'auth',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'message',
  BDAT: 'message',
  BURL: 'message',
};

function isUndone(turns: readonly Turn[], index: number, family: string): boolean {
  for (let i = index + 1; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.kind !== 'reply' || turn.code >= 400 || turn.answers < 0) continue;
    const request = turns[turn.answers] as Turn;
    const later = request.kind === 'command' ? FAMILIES[request.verb ?? ''] : request.kind;
    if (later === family && turn.code !== 334 && turn.code !== 354) return true;
  }
  return false;
}

function hasQuit(session: Session): boolean {
  return session.turns.some((turn) => turn.kind === 'command' && turn.verb === 'QUIT');
}

/** A command other than QUIT, or a line with nothing on it, has no reply. A chunk's reply stands at its BDAT command. */
function isUnanswered(session: Session): boolean {
  return session.turns.some(
    (turn) =>
      turn.answeredBy < 0 &&
      ((turn.kind === 'command' && turn.verb !== 'QUIT' && turn.verb !== 'PROXY' && turn.verb !== '') ||
        turn.kind === 'auth'),
  );
}

function isBroken(session: Session): boolean {
  return session.encryption?.outcome === 'failed';
}

/** The last command but QUIT is an EHLO that offered AUTH, and nothing else was asked for. */
function leftAtAuth(session: Session): boolean {
  if ((session.facts & Fact.authOffered) === 0) return false;
  const last = session.turns.findLast((turn) => turn.from === 'client' && turn.verb !== 'QUIT' && turn.kind !== 'gap');
  if (last === undefined || (last.verb !== 'EHLO' && last.verb !== 'LHLO')) return false;
  const offer = session.offers.at(-1);
  return offer?.command === last && (offer.extensions.has('AUTH') || offer.extensions.has('AUTH='));
}
