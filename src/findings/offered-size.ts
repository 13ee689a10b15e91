/** SIZE (RFC 1870): what the server offers to take, what the client declares. */
import type { EhloOffer, Session, Transaction } from '../smtp/session.ts';

/** The offer in force at a transaction's MAIL; null when none came before. */
export function offerFor(session: Session, { mail }: Transaction): EhloOffer | null {
  return session.offers.findLast((offer) => offer.reply.index < mail.index) ?? null;
}

/** Octets that an offer lets through; 0 when it names no limit (RFC 1870 §4). */
export function sizeOffered(offer: EhloOffer | null): number {
  const text = offer?.extensions.get('SIZE')?.[0] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Octets declared in MAIL; 0 when none are. */
export function sizeDeclared({ mail }: Transaction): number {
  const text = /\sSIZE=(\d{1,15})(?:\s|$)/i.exec(mail.argument ?? '')?.[1];
  return text === undefined ? 0 : Number(text);
}

/** Octets of a file that fit as an attachment: base64 makes 78 out of 57. */
export function largestAttachment(sizeBytes: number): number {
  return Math.floor((sizeBytes * 57) / 78);
}
