/** Numbers and the wire's own words, as the sentences of rules need them. Nothing here knows a rule. */
import { authExchanges, unreadWords } from '../smtp/auth/exchange.ts';
import { looseSecrets } from '../smtp/auth/loose-secrets.ts';
import { secretOf } from '../smtp/auth/model.ts';
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';

/** How much of a server's reply a sentence quotes; the transcript has all of it. */
const QUOTE_LIMIT = 240;
const MASK = '****';

/** `3 ms`, `1.2 s`, `45 s`, `5 min`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!(seconds >= 0)) return 'an unknown time';
  if (seconds < 0.0005) return 'less than 1 ms';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${trimZero(seconds.toFixed(1))} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

/** `1 recipient`, `2 recipients`, `1 reply`, `2 replies`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${groups(n)} ${n === 1 ? one : many}`;
}

/** 12345678 as `12,345,678`. */
export function groups(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** Seconds from one time of the capture to another; NaN when a packet had no time. */
export function secondsBetween(fromUs: number, toUs: number): number {
  return (toUs - fromUs) / 1e6;
}

/**
 * A reply in the server's own words, `535 5.7.8 Error: authentication failed`, lines joined. Wire text: outputs make
 * it harmless. A secret that the server echoes is masked: some servers repeat the line that they did not understand.
 */
export function quote(session: Session, reply: Turn): string {
  const [first = '', ...rest] = reply.lines;
  let text = first.replace(/^(\d{3})-/, '$1 ');
  for (const line of rest) text += ` ${line.replace(/^\d{3}[ -]?(?:[245]\.\d{1,3}\.\d{1,3} )?/, '')}`;
  text = maskSecrets(session, text.trimEnd());
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}

/** Text with every secret that the client sent in this session replaced by a mask. */
export function maskSecrets(session: Session, text: string): string {
  if (session !== lastSession) {
    lastSecrets = secretsIn(session);
    lastSession = session;
  }
  let masked = text;
  for (const secret of lastSecrets) masked = masked.replaceAll(secret, MASK);
  return masked;
}

let lastSession: Session | null = null;
let lastSecrets: readonly string[] = [];

/** In the order in which they are to be masked: what was decoded, what was sent, what looks like one. */
function secretsIn(session: Session): readonly string[] {
  const found: string[] = [];
  for (const { steps } of session.authentication.length === 0 ? [] : authExchanges(session)) {
    for (const step of steps) {
      found.push(...unreadWords(step).filter((word) => word.length > 3));
      const secret = secretOf(step.content)?.reveal() ?? '';
      // Shorter ones would mask words.
      if (secret.length > 3) found.push(secret);
    }
  }
  for (const { command, steps, identity } of session.authentication) {
    for (const turn of [command, ...steps]) {
      if (turn.step === 'user' || turn.step === 'cancel' || turn.step === 'empty') continue;
      found.push(...secretsOf(turn, identity));
    }
  }
  for (const secret of looseSecrets(session.turns)) found.push(secret);
  return found;
}

/** The token as sent and what it says when it is base64, without the user's name. Shorter ones would mask words. */
function secretsOf(turn: Turn, identity: string | null): string[] {
  const line = turn.lines[0] ?? '';
  const token = turn.kind === 'auth' ? line.trim() : (line.trim().split(/\s+/)[2] ?? '');
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  const parts = decoded
    .split('\0')
    .flatMap((part) => part.split('\u0001'))
    .filter((part) => part !== identity);
  return [token, ...parts].filter((secret) => secret.length > 3);
}
