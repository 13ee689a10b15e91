/** A group of commands, PIPELINING on offer, whose last ones the server never answered, though the client waited. */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { impatient } from './impatience.ts';
import { secondsBetween } from './words.ts';

export interface LostGroup {
  /** The commands without a reply, in wire order; one at least. */
  readonly open: readonly Turn[];
  readonly waitedSeconds: number;
}

/** A client that waited so long wanted the replies. */
const WAITED_SECONDS = 10;
/** Commands of one group follow each other without a pause. */
const AT_ONCE_US = 1_000_000;

/** Null too where the server, not the client, ended the wait. */
export function lostGroup(session: Session): LostGroup | null {
  if ((session.facts & Fact.disorder) === 0) return null;
  const { closing, closed } = session.transport;
  if ((closing !== 'client-fin' && closing !== 'client-rst') || closed === null) return null;
  const { offered } = impatient(session);
  if (offered.length === 0) return null;
  const group = groupOf(session, new Set(offered.flatMap(({ before, next }) => [before, next])));
  const open = session.turns.filter((turn) => group.has(turn) && turn.kind === 'command' && turn.answeredBy < 0);
  const [first] = open;
  if (first === undefined || first.verb === 'QUIT') return null;
  if (![...group].some((turn) => turn.answeredBy >= 0 && turn.index < first.index)) return null;
  const after = session.turns.find((turn) => turn.index > first.index && turn.from === 'client' && !group.has(turn));
  const last = session.turns.findLast((turn) => turn.index < (after?.index ?? session.turns.length));
  if (last === undefined) return null;
  const waitedSeconds = secondsBetween(last.endTimeUs, after?.timeUs ?? closed.us);
  return waitedSeconds >= WAITED_SECONDS ? { open, waitedSeconds } : null;
}

/** With what the client sent in one go with it: behind a command without a reply nothing shows that it did not wait for one. */
function groupOf(session: Session, group: Set<Turn>): ReadonlySet<Turn> {
  let before: Turn | null = null;
  for (const turn of session.turns) {
    if (turn.from !== 'client') continue;
    const isAtOnce = before !== null && turn.acked === before.acked && turn.timeUs - before.endTimeUs < AT_ONCE_US;
    if (before !== null && isAtOnce && turn.kind === 'command' && group.has(before)) group.add(turn);
    before = turn;
  }
  return group;
}
