/** EHLO refused as unknown, HELO then taken: the session goes on without any extension. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { heloFault } from './helo.ts';
import { replyTo } from './in-clear.ts';

export interface HeloFallback {
  readonly ehlo: Turn;
  readonly refusal: Turn;
  readonly helo: Turn;
  readonly reply: Turn;
}

/** Null unless EHLO got 500, 502 or 504 and a later HELO was accepted. A 504 for a bad name is another matter. */
export function heloFallback(session: Session): HeloFallback | null {
  let refused: { ehlo: Turn; refusal: Turn } | null = null;
  for (const turn of session.turns) {
    if (turn.kind !== 'command' || (turn.verb !== 'EHLO' && turn.verb !== 'HELO')) continue;
    const reply = replyTo(session, turn);
    if (reply === null) continue;
    if (turn.verb === 'HELO') {
      if (refused !== null && reply.code >= 200 && reply.code < 300) return { ...refused, helo: turn, reply };
    } else if (reply.code === 500 || reply.code === 502 || (reply.code === 504 && heloFault(session) === null)) {
      refused ??= { ehlo: turn, refusal: reply };
    } else if (reply.code < 300) return null;
  }
  return null;
}
