/** Replies of a server that answer nothing: from the first one on a client counts its replies wrongly. */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isMailDialogue } from './known-commands.ts';
import { ghostReplies } from './smuggled.ts';

const NONE: readonly Turn[] = [];

let lastSession: Session | null = null;
let lastStray: readonly Turn[] = NONE;

/** In wire order; none where something hides what they may belong to. */
export function strayReplies(session: Session): readonly Turn[] {
  if ((session.facts & Fact.disorder) === 0) return NONE;
  if (session !== lastSession) {
    lastStray = isMailDialogue(session) && isCountable(session) ? find(session) : NONE;
    lastSession = session;
  }
  return lastStray;
}

function find(session: Session): readonly Turn[] {
  const ghosts = ghostReplies(session);
  return session.turns.filter((turn) => isStray(session, turn) && !ghosts.has(turn));
}

/** Nothing hides what the replies may belong to. */
function isCountable(session: Session): boolean {
  if ((session.facts & (Fact.gap | Fact.midStream | Fact.truncated | Fact.conflict)) !== 0) return false;
  if (session.anomalies.some(({ kind }) => kind === 'session-cut' || kind === 'queue-overflow')) return false;
  return session.encryption === null || session.encryption.outcome === 'rejected';
}

function isStray(session: Session, turn: Turn): boolean {
  if (turn.kind !== 'reply' || turn.answers >= 0 || turn === session.greeting || turn.code === 421) return false;
  if (!turn.complete || /\btime[d -]{0,2}out\b|\bidle\b|\bclosing\b|\bshut/i.test(turn.text)) return false;
  // A client line that had not ended, or never did, may be what a forgiving server answers; so may bytes of no line.
  const { turns } = session;
  for (const other of turns) {
    if (other.from !== 'client') continue;
    if (other.kind === 'unparsed') return false;
    if (other.index < turn.index && other.timeUs <= turn.timeUs && !other.complete) return false;
  }
  // Without a greeting before it this may be the greeting.
  return session.greeting !== null && turn.index > session.greeting.index;
}
