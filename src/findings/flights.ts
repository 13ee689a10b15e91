/** Commands that travel together (RFC 2920), and how a sentence names them. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { list } from './words.ts';

/** More are not named one by one. */
const NAMED = 4;

/** What a turn of the client is called. */
export function wordFor(turn: Turn): string {
  if (turn.kind === 'message') return 'the message';
  if (turn.kind === 'auth') return 'the AUTH exchange';
  if (turn.kind === 'tls') return 'its TLS records';
  return turn.verb === null || turn.verb === '' ? 'a line of the client' : turn.verb.slice(0, 20);
}

/** `MAIL, RCPT and DATA`; several of one kind are named once. */
export function wordsFor(turns: readonly Turn[]): string {
  const words = [...new Set(turns.slice(0, 100).map(wordFor))];
  return words.length > NAMED ? `${words.slice(0, NAMED).join(', ')} and others` : list(words);
}

/** The turns in front of this one, and itself, that came in the same packet from the same side. */
export function flightUntil(session: Session, turn: Turn): readonly Turn[] {
  return runBack(session, turn, (one) => one.frame === turn.frame);
}

/** The turns in front of this one, and itself, that the same side sent without an answer between and that have none. */
export function unansweredUntil(session: Session, turn: Turn): readonly Turn[] {
  return runBack(session, turn, (one) => one.answeredBy < 0);
}

function runBack(session: Session, turn: Turn, belongs: (one: Turn) => boolean): readonly Turn[] {
  let first = turn.index;
  while (first > 0) {
    const before = session.turns[first - 1] as Turn;
    if (before.from !== turn.from || before.kind === 'gap' || !belongs(before)) break;
    first--;
  }
  return session.turns.slice(first, turn.index + 1);
}
