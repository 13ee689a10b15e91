/** A login that the server forgot. */
import type { AuthAttempt, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { loginAt } from './login-identity.ts';
import { type Refusal, refusals } from './refusals.ts';

interface LostLogin {
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
