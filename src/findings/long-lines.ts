/** Lines longer than RFC 5321 §4.5.3.1 allows, extensions counted. */
import { Fact, type Message, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isChunked, isMailDialogue, offerBefore } from './known-commands.ts';

export interface LongLine {
  readonly where: 'command' | 'reply' | 'message';
  readonly turn: Turn;
  /** Octets, line end included. */
  readonly octets: number;
  readonly limit: number;
}

export const COMMAND_OCTETS = 512;
export const TEXT_OCTETS = 1000;
/** RFC 4954 §4. */
const AUTH_OCTETS = 12_288;
/** What extensions add to MAIL and RCPT: RFC 1870, 6152, 3461, 4954, 6531, 2852, 6710, 8689. */
const MAIL_EXTRA: Readonly<Record<string, number>> = {
  SIZE: 26,
  '8BITMIME': 17,
  BINARYMIME: 17,
  DSN: 107,
  AUTH: 500,
  SMTPUTF8: 10,
  DELIVERBY: 17,
  'MT-PRIORITY': 15,
  REQUIRETLS: 12,
  FUTURERELEASE: 34,
};
const RCPT_EXTRA: Readonly<Record<string, number>> = { DSN: 500 };

let lastSession: Session | null = null;
let lastLines: readonly LongLine[] = [];

/** In wire order. A session of short lines costs a comparison a turn. */
export function longLines(session: Session): readonly LongLine[] {
  if (session !== lastSession) {
    lastSession = session;
    lastLines = isMailDialogue(session) ? find(session) : [];
  }
  return lastLines;
}

function find(session: Session): readonly LongLine[] {
  const { turns } = session;
  let found: LongLine[] | null = null;
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.bytes <= COMMAND_OCTETS) continue;
    const line = turn.kind === 'command' ? longCommand(session, turn) : turn.kind === 'reply' ? longReply(turn) : null;
    if (line === null) continue;
    found ??= [];
    found.push(line);
  }
  if ((session.facts & Fact.oddMessage) === 0) return found ?? NONE;
  const inMessages = session.transactions.flatMap(({ message }) =>
    message !== null && isLong(session, message)
      ? [{ where: 'message' as const, turn: message.turns[0] as Turn, octets: message.longestLine, limit: TEXT_OCTETS }]
      : [],
  );
  return [...(found ?? NONE), ...inMessages].sort((a, b) => a.turn.index - b.turn.index);
}

const NONE: readonly LongLine[] = [];

function isLong(session: Session, message: Message): boolean {
  return message.longestLine > TEXT_OCTETS && message.missing === 0 && !isChunked(session, message);
}

function longCommand(session: Session, turn: Turn): LongLine | null {
  const limit = limitOf(session, turn);
  return turn.bytes > limit ? { where: 'command', turn, octets: turn.bytes, limit } : null;
}

function limitOf(session: Session, turn: Turn): number {
  if (turn.verb === 'AUTH') return AUTH_OCTETS;
  const extras = turn.verb === 'MAIL' ? MAIL_EXTRA : turn.verb === 'RCPT' ? RCPT_EXTRA : null;
  if (extras === null) return COMMAND_OCTETS;
  const offered = offerBefore(session, turn);
  let limit = COMMAND_OCTETS;
  for (const [keyword, octets] of Object.entries(extras)) {
    // Where the offer is not known all of it may stand.
    if (offered === null || !offered.complete || offered.extensions.has(keyword)) limit += octets;
  }
  return limit;
}

function longReply(turn: Turn): LongLine | null {
  const { buffer, start, end } = turn;
  let longest = 0;
  let line = start;
  for (let at = start; at < end; at = line) {
    const feed = buffer.indexOf(10, at);
    line = feed < 0 || feed >= end ? end : feed + 1;
    if (line - at > longest) longest = line - at;
  }
  return longest > COMMAND_OCTETS ? { where: 'reply', turn, octets: longest, limit: COMMAND_OCTETS } : null;
}
