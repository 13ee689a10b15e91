/** A client that said nothing for so long, between commands, that the server was right to leave (RFC 5321 §4.5.3.2.7). */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isMailDialogue } from './known-commands.ts';
import { secondsBetween } from './words.ts';

export interface Idle {
  readonly seconds: number;
  /** The last turn before the silence. */
  readonly last: Turn;
  /** The server’s 421; null when it only closed. */
  readonly farewell: Turn | null;
}

export const PATIENCE_SECONDS = 300;

/** Null when the server did not leave, or the client had not been silent for five minutes. */
export function idleTimeout(session: Session): Idle | null {
  const { turns, transport } = session;
  if (!isMailDialogue(session) || session.greeting === null) return null;
  const at = turns.findLastIndex(({ kind, code, answers }) => kind === 'reply' && code === 421 && answers < 0);
  const farewell = at < 0 ? null : (turns[at] as Turn);
  // Who finds the connection closed when it speaks again has been idle all the same.
  if (farewell !== null && turns.slice(at + 1).some(({ from, answeredBy }) => from === 'client' && answeredBy >= 0))
    return null;
  const before = farewell === null ? turns : turns.slice(0, at);
  const last = before.at(-1);
  if (last === undefined || !isBetweenCommands(before, last)) return null;
  const { closing, closed } = transport;
  const left = closing === 'server-fin' || closing === 'server-rst' ? closed : null;
  const endUs = farewell?.timeUs ?? left?.us;
  if (endUs === undefined) return null;
  const seconds = secondsBetween(last.endTimeUs, endUs);
  return seconds >= PATIENCE_SECONDS ? { seconds, last, farewell } : null;
}

/** Every command had its reply, and neither a message nor a login was under way. */
function isBetweenCommands(turns: readonly Turn[], last: Turn): boolean {
  if (last.kind !== 'reply' || last.code === 354 || last.code === 334) return false;
  if (!turns.some(({ kind }) => kind === 'command')) return false;
  const client = turns.findLast(({ from }) => from === 'client');
  return (
    client !== undefined && client.kind !== 'gap' && client.kind !== 'tls' && client.complete && client.answeredBy >= 0
  );
}
