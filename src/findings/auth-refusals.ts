/**
 * Every refused AUTH of a session, classed once, so that a refusal has one finding: which rule speaks for it. Several
 * rules ask about one session, one after the other: the last answer is kept.
 */
import type { AuthAttempt, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { authBeforeTls } from './auth-before-tls.ts';
import { type Provider, providerOf } from './auth-providers.ts';
import { turnShows } from './evidence.ts';
import type { History } from './history.ts';
import type { Evidence } from './rule.ts';
import { count, list, quote } from './words.ts';

/** The rule that speaks for a refusal; `elsewhere`: a rule about something else. */
export type AuthRefusalKind =
  | 'auth-535'
  | 'auth-534'
  | 'auth-538'
  | 'auth-530'
  | 'auth-454'
  | 'auth-504'
  | 'auth-501'
  | 'auth-432'
  | 'auth-503'
  | 'auth-too-many-errors'
  | 'auth-not-offered-but-sent'
  | 'elsewhere';

export interface AuthRefusal {
  readonly kind: AuthRefusalKind;
  readonly attempt: AuthAttempt;
  readonly reply: Turn;
}

let lastSession: Session | null = null;
let lastRefusals: readonly AuthRefusal[] = [];

/** In wire order. */
export function authRefusals(session: Session): readonly AuthRefusal[] {
  if (session === lastSession) return lastRefusals;
  const found: AuthRefusal[] = [];
  for (const attempt of session.authentication) {
    const { reply, code } = attempt;
    if (reply === null || code === null || code < 400) continue;
    found.push({ kind: kindOf(session, attempt, reply, found.length > 0), attempt, reply });
  }
  lastSession = session;
  lastRefusals = found;
  return found;
}

function kindOf(session: Session, attempt: AuthAttempt, reply: Turn, isRepeated: boolean): AuthRefusalKind {
  const { code } = reply;
  if (code === 421) return isRepeated ? 'auth-too-many-errors' : 'auth-454';
  // Exchange Online says 432 to a fourth connection of one mailbox: that is no password transition (RFC 4954 §6).
  if (code === 432) return asksForTransition(reply) ? 'auth-432' : 'auth-454';
  if (code < 500) return 'auth-454';
  if (authBeforeTls(session, attempt) !== null) return 'elsewhere';
  switch (code) {
    case 500:
      return reply.enhancedCode === '5.5.6' || /\bline\b.{0,20}\btoo long\b/i.test(reply.text)
        ? 'auth-501'
        : unknownThere(session, attempt);
    case 502:
      return unknownThere(session, attempt);
    case 501:
      return 'auth-501';
    case 503:
      return followsRefusedHello(session, attempt) ? 'elsewhere' : 'auth-503';
    case 504:
      return 'auth-504';
    case 530:
      return asksForTls(reply.text) ? 'elsewhere' : 'auth-530';
    case 534:
      return 'auth-534';
    case 535:
      return 'auth-535';
    case 538:
      return 'auth-538';
    case 550:
      return isRepeated && !NO_PASSWORDS.test(reply.text) ? 'auth-too-many-errors' : 'auth-535';
    default:
      // No code for it in RFC 4954 §6, and yet the login was refused.
      return 'auth-535';
  }
}

function asksForTransition({ enhancedCode, text }: Turn): boolean {
  return enhancedCode !== '4.3.2' && !/\b(?:concurrent|connections?|thread) limit\b|\blimit exceeded\b/i.test(text);
}

/** Exchange Online, where logins with a password have been taken away: 550 5.7.30 to each of them. */
export const NO_PASSWORDS = /\bbasic auth\w* is (?:disabled|not supported)\b/i;

/** A server that does not know AUTH: said of the client where it had not been offered (auth-not-offered-but-sent). */
function unknownThere(session: Session, attempt: AuthAttempt): AuthRefusalKind {
  return offeredBefore(session, attempt.command)?.length === 0 ? 'auth-not-offered-but-sent' : 'auth-504';
}

/** `503 send EHLO first` behind a refused EHLO is no refusal of its own. */
function followsRefusedHello(session: Session, attempt: AuthAttempt): boolean {
  const { hello } = session;
  return hello !== null && !hello.accepted && hello.turn.answeredBy >= 0 && hello.turn.index < attempt.command.index;
}

/** `530 Must issue a STARTTLS command first` (RFC 3207 §4), against `530 Authentication required` (RFC 4954 §6). */
function asksForTls(text: string): boolean {
  return /\b(?:STARTTLS|TLS|SSL|encrypt\w*)\b/i.test(text) && !/\bauthenticat/i.test(text);
}

/** What every rule about refused logins tells. */
export interface RefusedLogins {
  /** The first refusal in the server's words. */
  readonly words: string;
  readonly times: number;
  readonly mechanisms: readonly string[];
  readonly identities: readonly string[];
  /** A later login of this client was accepted: in this session, or in another one with this server. */
  readonly recovered: 'here' | 'elsewhere' | null;
  readonly provider: Provider | null;
}

interface RefusedGroup {
  readonly first: AuthRefusal;
  readonly refusals: readonly AuthRefusal[];
  readonly evidence: readonly Evidence[];
  readonly data: RefusedLogins;
}

/** The refusals of one kind as one finding tells them; null when there are none. */
export function refusedLogins(session: Session, history: History, kind: AuthRefusalKind): RefusedGroup | null {
  const refusals = authRefusals(session).filter((refusal) => refusal.kind === kind);
  const first = refusals[0];
  if (first === undefined) return null;
  const attempts = refusals.map(({ attempt }) => attempt);
  return {
    first,
    refusals,
    evidence: refusals
      .slice(0, 5)
      .flatMap(({ attempt, reply }) => [turnShows(attempt.command, 'the login'), turnShows(reply, 'is refused')]),
    data: {
      words: quote(session, first.reply),
      times: refusals.length,
      mechanisms: unique(attempts.map(({ mechanism }) => mechanism)),
      identities: unique(attempts.map(({ identity }) => identity ?? '')),
      recovered: recoveryOf(session, history, refusals.at(-1) as AuthRefusal),
      provider: providerOf(session, first.reply),
    },
  };
}

function recoveryOf(session: Session, history: History, { attempt, reply }: AuthRefusal): RefusedLogins['recovered'] {
  const later = session.authentication.some(
    ({ outcome, command }) => outcome === 'accepted' && command.index > attempt.command.index,
  );
  if (later) return 'here';
  const login = history.lastLogin(session.client.address);
  const isSame = login?.server.address === session.server.address && login.server.port === session.server.port;
  return isSame && login.startUs > reply.timeUs ? 'elsewhere' : null;
}

/** `the login of “alice” with PLAIN`, `3 logins of “alice” and “bob” with PLAIN and LOGIN`. */
export function loginWords({ times, mechanisms, identities }: RefusedLogins): string {
  const named = identities.slice(0, 3).map((identity) => `“${identity}”`);
  const more = identities.length > 3 ? ` and ${count(identities.length - 3, 'other')}` : '';
  return (
    `${times === 1 ? 'the login' : count(times, 'login')}` +
    `${named.length === 0 ? '' : ` of ${more === '' ? list(named) : named.join(', ')}${more}`}` +
    `${mechanisms.length === 0 ? '' : ` with ${list(mechanisms)}`}`
  );
}

export function recoveryWords({ recovered }: RefusedLogins): string {
  if (recovered === null) return '';
  return recovered === 'here'
    ? '; a later login in this session was accepted'
    : '; a later login of this client in another session was accepted';
}

/** The mechanisms that the last complete reply to EHLO before this turn offers; null when there is none to go by. */
export function offeredBefore(session: Session, turn: Turn): readonly string[] | null {
  const offer = session.offers.findLast(({ reply }) => reply.index < turn.index);
  if (offer === undefined || !offer.complete) return null;
  // What was offered before TLS began does not hold inside it (RFC 3207 §4.2).
  const begun = session.encryption?.by === 'starttls' ? (session.encryption.reply?.index ?? -1) : -1;
  if (begun >= 0 && begun < turn.index && offer.reply.index < begun) return null;
  const { extensions } = offer;
  return [...(extensions.get('AUTH') ?? []), ...(extensions.get('AUTH=') ?? [])].map((name) => name.toUpperCase());
}

/**
 * The 421 with which a server ends a session after refused logins without being asked, or in place of the answer to
 * the next command; null when there is none. One that answers AUTH itself is among `authRefusals`.
 */
export function endOfRepeatedAuth(session: Session): Turn | null {
  const refusals = authRefusals(session);
  const last = refusals.at(-1);
  if (refusals.length < 2 || last === undefined) return null;
  for (let i = last.reply.index + 1; i < session.turns.length; i++) {
    const turn = session.turns[i] as Turn;
    if (turn.from === 'client' ? !isLastWord(turn) : turn.code !== 421) return null;
    if (turn.from === 'server') return turn;
  }
  return null;
}

/** A further AUTH, or the QUIT of a client that has not seen the 421 yet. */
function isLastWord(turn: Turn): boolean {
  return turn.kind === 'auth' || turn.verb === 'AUTH' || turn.verb === 'QUIT';
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words.filter((word) => word !== ''))];
}
