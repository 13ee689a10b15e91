/**
 * The path of a MAIL or RCPT command, looked at in its bytes: collectors ask it of every session, and most paths are
 * never shown to anybody, so no string is made.
 */
import type { Turn } from '../smtp/turn.ts';

const SPACE = 32;
const TAB = 9;
const CR = 13;
const LF = 10;
const COLON = 58;
const OPEN = 60;
const CLOSE = 62;

/** FNV-1a of what stands in the brackets; without brackets, of the first word behind the colon. */
export function hashPath(command: Turn): number {
  const { buffer, end } = command;
  let at = pathStart(command);
  const bracketed = buffer[at] === OPEN;
  if (bracketed) at++;
  let hash = 0x811c9dc5 | 0;
  for (; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === CLOSE || byte === CR || byte === LF || (!bracketed && (byte === SPACE || byte === TAB))) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash;
}

/** `MAIL FROM:<>`, the sender of bounces. */
export function isNullPath(command: Turn): boolean {
  const at = pathStart(command);
  return command.buffer[at] === OPEN && command.buffer[at + 1] === CLOSE && at + 1 < command.end;
}

function pathStart({ buffer, start, end }: Turn): number {
  let at = start;
  while (at < end && buffer[at] !== COLON) at++;
  at++;
  while (at < end && (buffer[at] === SPACE || buffer[at] === TAB)) at++;
  return at;
}
