/** AUTH sent in clear to a server that offers it only inside TLS: the refusal has this cause and no other. */
import type { AuthAttempt, EhloOffer, Session } from '../smtp/session.ts';
import { isInClear } from './in-clear.ts';

export interface AuthBeforeTls {
  readonly attempt: AuthAttempt;
  /** The offer in clear: STARTTLS, and no AUTH. */
  readonly offer: EhloOffer;
  /** The offer inside TLS that lists AUTH, where a decrypted session shows one. */
  readonly later: EhloOffer | null;
}

/** What a server says to AUTH that it does not take at this point (RFC 4954 §4, §6; RFC 3207 §4). */
const NOT_HERE: ReadonlySet<number> = new Set([503, 530, 538]);

/** Null when this attempt was refused for another reason, or had AUTH on offer. */
export function authBeforeTls(session: Session, attempt: AuthAttempt): AuthBeforeTls | null {
  if (attempt.code === null || attempt.code < 500 || !isInClear(session, attempt.command.index)) return null;
  const offer = session.offers.findLast(({ reply }) => reply.index < attempt.command.index);
  if (offer === undefined || !offer.complete || !offer.extensions.has('STARTTLS') || offersAuth(offer)) return null;
  const later =
    session.offers.find(
      (one) => one.reply.index > attempt.command.index && offersAuth(one) && !isInClear(session, one.reply.index),
    ) ?? null;
  return NOT_HERE.has(attempt.code) || later !== null ? { attempt, offer, later } : null;
}

export function offersAuth({ extensions }: EhloOffer): boolean {
  return extensions.has('AUTH') || extensions.has('AUTH=');
}
