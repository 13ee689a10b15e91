/**
 * Lines of a message that the server took for commands: behind a DATA that was refused, or behind a line of one dot that
 * ended the message too early. Rules about commands leave these lines alone.
 */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';
import { isMailDialogue, isUnknown } from './known-commands.ts';

export interface StrayBody {
  readonly because: 'refused' | 'early-end';
  /** The DATA that was refused, or the message that ended too early. */
  readonly behind: Turn;
  /** At least one; the dot that was meant to end it is the last, where it came. */
  readonly lines: readonly Turn[];
  /** Replies to them that say: no such command. */
  readonly answers: readonly Turn[];
}

let lastSession: Session | null = null;
let lastBody: StrayBody | null = null;

/** The first of a session; null when there is none. */
export function strayBody(session: Session): StrayBody | null {
  if ((session.facts & Fact.disorder) === 0) return null;
  if (session !== lastSession) {
    lastSession = session;
    lastBody = isMailDialogue(session) ? find(session) : null;
  }
  return lastBody;
}

function find(session: Session): StrayBody | null {
  const { turns } = session;
  for (const turn of turns) {
    if (turn.from !== 'client') continue;
    const isRefused = turn.verb === 'DATA' && (replyTo(session, turn)?.code ?? 0) >= 400;
    if (!isRefused && (turn.kind !== 'message' || !turn.complete)) continue;
    const body = linesBehind(session, turn);
    if (body === null) continue;
    const { lines, answers, ends } = body;
    if (isRefused) return { because: 'refused', behind: turn, lines, answers };
    // Without the dot that was meant as the end they may be anything.
    if (ends && lines.length > 1) return { because: 'early-end', behind: turn, lines, answers };
  }
  return null;
}

function linesBehind(
  session: Session,
  behind: Turn,
): { lines: readonly Turn[]; answers: readonly Turn[]; ends: boolean } | null {
  const lines: Turn[] = [];
  const answers: Turn[] = [];
  let ends = false;
  for (let i = behind.index + 1; i < session.turns.length; i++) {
    const turn = session.turns[i] as Turn;
    if (turn.from !== 'client') continue;
    if (turn.kind !== 'command') break;
    // The first line decides; later ones may begin with a word that is a verb.
    if (lines.length === 0 && (!isUnknown(turn) || turn.verb === '.')) return null;
    if (turn.verb === 'QUIT' || turn.verb === 'RSET') break;
    lines.push(turn);
    const reply = replyTo(session, turn);
    if (reply !== null && reply.code >= 500 && reply.code <= 503) answers.push(reply);
    if (turn.verb === '.') {
      ends = true;
      break;
    }
  }
  return lines.length === 0 || answers.length === 0 ? null : { lines, answers, ends };
}
