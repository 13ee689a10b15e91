/** Where a turn stands: before or behind TLS; and which reply it got. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';

/** Whether no TLS had been agreed to before the turn of this index. */
export function isInClear(session: Session, index: number): boolean {
  const { encryption } = session;
  if (encryption === null || encryption.outcome === 'rejected') return true;
  if (encryption.by === 'implicit') return false;
  return encryption.reply === null || encryption.reply.code >= 300 || index < encryption.reply.index;
}

/** The (last) reply to a command, an AUTH line or a message; null when it was never answered. */
export function replyTo(session: Session, turn: Turn): Turn | null {
  return turn.answeredBy < 0 ? null : (session.turns[turn.answeredBy] ?? null);
}
