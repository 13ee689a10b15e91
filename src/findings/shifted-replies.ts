/**
 * Where the replies of a server have lost a command: a reply that belongs to one kind of command only (354, 334 or 235,
 * 221) stands at another one, and its own command has none. Replies have no numbers; these codes are the only ones that
 * tell (RFC 5321 §4.3.2).
 */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';
import { isMailDialogue } from './known-commands.ts';

export interface Shift {
  /** The command that the reply would answer by its place. */
  readonly command: Turn;
  readonly reply: Turn;
  /** The later command whose reply it is. */
  readonly owner: Turn;
}

let lastSession: Session | null = null;
let lastShift: Shift | null = null;

/** The first of a session; null when there is none. */
export function shiftedReply(session: Session): Shift | null {
  if ((session.facts & Fact.disorder) === 0) return null;
  if (session !== lastSession) {
    lastSession = session;
    lastShift = isMailDialogue(session) ? find(session) : null;
  }
  return lastShift;
}

function find(session: Session): Shift | null {
  // A greeting that went wrong puts everything one apart, and has a finding of its own.
  if (session.greeting === null || !isWhole(session.greeting)) return null;
  for (const command of session.turns) {
    if (command.kind !== 'command') continue;
    const reply = replyTo(session, command);
    const verb = reply === null ? null : ownerOf(reply.code);
    if (reply === null || verb === null || verb === command.verb) continue;
    const owner = session.turns.find(
      (turn) => turn.index > command.index && turn.index < reply.index && turn.verb === verb,
    );
    // It had been received when the reply was sent.
    if (owner !== undefined && reply.acked >= owner.offset + owner.bytes) return { command, reply, owner };
  }
  return null;
}

/** Its last line has the code of its first, and is marked as the last. */
function isWhole({ lines, firstCode }: Turn): boolean {
  const last = lines.at(-1) ?? '';
  return last.startsWith(String(firstCode)) && last[3] !== '-';
}

function ownerOf(code: number): string | null {
  if (code === 354) return 'DATA';
  if (code === 334 || code === 235) return 'AUTH';
  return code === 221 ? 'QUIT' : null;
}
