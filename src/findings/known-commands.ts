/** Which commands are known, and which extensions were on offer when a command was sent. */
import type { EhloOffer, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { VERB_NAMES } from '../smtp/verbs.ts';

const KNOWN: ReadonlySet<string> = new Set(VERB_NAMES);

/** A command line whose verb no standard knows. */
export function isUnknown(turn: Turn): boolean {
  return turn.kind === 'command' && (turn.verb === '' || !KNOWN.has(turn.verb as string));
}

/** The word a line begins with, where it can be shown: letters alone, since anything else may be part of a secret. */
export function shownWord({ verb, bytes }: Turn): string {
  return verb !== null && /^[A-Z][A-Z-]{0,15}:?$/.test(verb) ? verb : `a line of ${bytes} octets`;
}

/** The dialogue is one of mail: what another protocol’s lines look like breaks no rule. */
export function isMailDialogue({ service }: Session): boolean {
  return service === 'smtp' || service === 'lmtp';
}

/** What EHLO offered last before this turn; null when nothing was offered, or it cannot be known. */
export function offerBefore(session: Session, turn: Turn): EhloOffer | null {
  return session.offers.findLast(({ command }) => command.index < turn.index) ?? null;
}

/**
 * Whether it is certain that an extension was not offered when this turn was sent: the whole offer was captured and has
 * none of these keywords, or the client said HELO.
 */
export function surelyLacks(session: Session, turn: Turn, keywords: readonly string[]): boolean {
  const offer = offerBefore(session, turn);
  if (offer !== null) return offer.complete && !keywords.some((keyword) => offer.extensions.has(keyword));
  const { hello } = session;
  return session.startCaptured && hello?.accepted === true && hello.turn.index < turn.index;
}

/** The message came by BDAT (RFC 3030): octets are counted, and neither lines nor dots mean anything. */
export function isChunked(session: Session, message: { readonly turns: readonly Turn[] }): boolean {
  const first = message.turns[0];
  if (first === undefined) return true;
  for (let i = first.index - 1; i >= 0; i--) {
    const turn = session.turns[i] as Turn;
    if (turn.from === 'client' && turn.kind !== 'gap') return turn.verb === 'BDAT';
  }
  return false;
}
