/**
 * Commands beside the dozen that every session is made of, gathered in one pass for the rules that ask for some of
 * them. A session that has none costs a look at each verb.
 */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';

const COMMON: ReadonlySet<string> = new Set([
  'EHLO',
  'HELO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'AUTH',
  'STARTTLS',
  'QUIT',
  'RSET',
  'NOOP',
]);
const NONE: readonly Turn[] = [];

let lastSession: Session | null = null;
let lastRare: readonly Turn[] = NONE;

/** In wire order: known commands that are rare, and those that no standard knows. */
export function rareCommands(session: Session): readonly Turn[] {
  if (session !== lastSession) {
    lastSession = session;
    lastRare = gather(session.turns);
  }
  return lastRare;
}

function gather(turns: readonly Turn[]): readonly Turn[] {
  let rare: Turn[] | null = null;
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.kind !== 'command' || COMMON.has(turn.verb as string)) continue;
    rare ??= [];
    rare.push(turn);
  }
  return rare ?? NONE;
}
