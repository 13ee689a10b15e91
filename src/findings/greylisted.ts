/**
 * Greylisting seen from its two ends: what a session was put off for, and what it got through. A refusal is known to
 * be greylisting when the same triplet (client, sender, recipient) is accepted later.
 */
import type { Session } from '../smtp/session.ts';
import { type Refusal, refusalsAs } from './refusals.ts';

export interface PutOff {
  readonly from: string;
  readonly to: string;
  readonly refusal: Refusal;
}

/** Sender and recipient of every refusal that says it is greylisting, in wire order. */
export function greylisted(session: Session): readonly PutOff[] {
  return refusalsAs(session, 'greylisting').flatMap((refusal) => {
    const { transaction, path, verb } = refusal;
    if (transaction === null || verb === 'MAIL') return [];
    const recipients = verb === 'RCPT' ? [path] : transaction.recipients.map(({ to }) => to);
    return recipients.flatMap((to) => (to === null ? [] : [{ from: transaction.from, to, refusal }]));
  });
}

/** True when this session delivered from this sender to this recipient, behind the turn `after`. */
export function delivers(session: Session, sender: string, to: string, after = -1): boolean {
  return session.transactions.some(
    (transaction) =>
      transaction.mail.index > after &&
      transaction.from === sender &&
      transaction.recipients.some((recipient) => recipient.to === to && isAccepted(recipient.code)) &&
      isAccepted(transaction.message?.code ?? null),
  );
}

function isAccepted(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}
