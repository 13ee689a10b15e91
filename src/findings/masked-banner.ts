/**
 * What an SMTP inspection of a firewall (Cisco’s “fixup”, later “inspect esmtp”) leaves of a session: a greeting of
 * stars, and one more mark. The greeting alone is no proof: some masters of servers write one like that.
 */
import type { EhloOffer, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { greetingForm } from './greeting-name.ts';
import { type HeloFallback, heloFallback } from './helo-fallback.ts';
import { isInClear, replyTo } from './in-clear.ts';

export interface MaskedBanner {
  readonly greeting: Turn;
  /** The reply to EHLO whose keywords are crossed out, and those keywords. */
  readonly offer: EhloOffer | null;
  readonly keywords: readonly string[];
  readonly fallback: HeloFallback | null;
  /** A command of the client that was crossed out, or the reply that speaks of one. */
  readonly command: Turn | null;
  /** STARTTLS or AUTH, where it was lost by it. */
  readonly lost: 'STARTTLS' | 'AUTH' | null;
}

/** A keyword whose letters were replaced: `XXXXXXXA` for STARTTLS, which has eight as well. */
const CROSSED_OUT = /^X{3,}[A-Z]?$/;
const STARTTLS_LENGTH = 8;
/** STARTTLS as Cisco’s inspection leaves it. */
export const CROSSED_OUT_STARTTLS = 'XXXXXXXA';

let lastSession: Session | null = null;
let lastMask: MaskedBanner | null = null;

export function maskedBanner(session: Session): MaskedBanner | null {
  if (session !== lastSession) {
    lastSession = session;
    lastMask = isMasked(session.greeting) ? read(session, session.greeting as Turn) : null;
  }
  return lastMask;
}

/** A greeting of stars, whatever the reason. */
export function isMasked(greeting: Turn | null): boolean {
  return greeting !== null && greeting.code === 220 && greetingForm(greeting).isMasked;
}

function read(session: Session, greeting: Turn): MaskedBanner | null {
  const offer = session.offers.find(({ extensions }) => crossedOut(extensions).length > 0) ?? null;
  const keywords = offer === null ? [] : crossedOut(offer.extensions);
  const fallback = heloFallback(session);
  const command =
    session.turns.find((turn) =>
      turn.kind === 'command'
        ? CROSSED_OUT.test(turn.verb ?? '')
        : turn.kind === 'reply' && turn.code >= 500 && /\bX{4,}/.test(turn.text),
    ) ?? null;
  if (offer === null && fallback === null && command === null) return null;
  return { greeting, offer, keywords, fallback, command, lost: lostBy(session, offer, keywords, fallback) };
}

function crossedOut(extensions: EhloOffer['extensions']): string[] {
  return [...extensions.keys()].filter((keyword) => CROSSED_OUT.test(keyword));
}

/** Lost is what was on offer and cannot be read, or what the session then fails for. */
function lostBy(
  session: Session,
  offer: EhloOffer | null,
  keywords: readonly string[],
  fallback: HeloFallback | null,
): MaskedBanner['lost'] {
  if (offer !== null && !offer.extensions.has('STARTTLS') && isInClear(session, offer.reply.index)) {
    if (keywords.some((keyword) => keyword.length === STARTTLS_LENGTH)) return 'STARTTLS';
  }
  if (fallback === null) return null;
  const refusal = session.turns.find(
    (turn) => turn.kind === 'command' && turn.index > fallback.helo.index && replyTo(session, turn)?.code === 530,
  );
  if (refusal === undefined) return null;
  return /\b(?:STARTTLS|TLS)\b/i.test(replyTo(session, refusal)?.text ?? '') ? 'STARTTLS' : 'AUTH';
}
