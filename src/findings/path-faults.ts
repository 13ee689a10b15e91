/** What is wrong with the form of MAIL and RCPT, looked at in their bytes (RFC 5321 §4.1.1.2, §4.1.1.3, §4.1.2). */
import type { Turn } from '../smtp/turn.ts';

export type PathFault =
  /** `RCPT TO:b@mx.example` */
  | 'no-brackets'
  /** `MAIL FROM: <a@client.example>` */
  | 'space-before'
  /** `RCPT TO:< b@mx.example>` */
  | 'space-inside'
  /** `RCPT TO:<a@mx.example>, <b@mx.example>` */
  | 'several'
  /** No `FROM:` or `TO:`. */
  | 'no-keyword';

const SPACE = 32;
const TAB = 9;
const CR = 13;
const LF = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN = 60;
const CLOSE = 62;

/** The first fault of a MAIL or RCPT; null when its form is right, or not all of it was kept. Nearly always a few looks. */
export function pathFault(command: Turn): PathFault | null {
  const { buffer, start, end, verb } = command;
  if (command.cut || !command.complete) return null;
  let at = start;
  while (at < end && buffer[at] !== COLON && buffer[at] !== OPEN) at++;
  const keyword = verb === 'MAIL' ? 'from' : 'to';
  if (buffer[at] !== COLON || !endsWith(buffer, start, at, keyword)) return 'no-keyword';
  at++;
  if (buffer[at] !== OPEN) {
    const spaced = at;
    while (at < end && (buffer[at] === SPACE || buffer[at] === TAB)) at++;
    if (buffer[at] !== OPEN) return 'no-brackets';
    return severalFault(buffer, at + 1, end) ?? (at > spaced ? 'space-before' : null);
  }
  return severalFault(buffer, at + 1, end);
}

function severalFault(buffer: Buffer, first: number, end: number): PathFault | null {
  if (buffer[first] === SPACE) return 'space-inside';
  let isQuoted = false;
  for (let i = first; i < end; i++) {
    const octet = buffer[i];
    if (octet === BACKSLASH) i++;
    else if (octet === QUOTE) isQuoted = !isQuoted;
    else if (octet === LF) return 'no-brackets';
    else if (octet === CLOSE && !isQuoted) {
      if (buffer[i - 1] === SPACE) return 'space-inside';
      const next = buffer[i + 1];
      if (next === 44 /* , */ || next === 59 /* ; */) return 'several';
      return next === SPACE && buffer[i + 2] === OPEN ? 'several' : null;
    } else if (!isQuoted && octet === 44 && buffer[first] !== 64 /* a source route */) return 'several';
    else if (octet === CR && buffer[i + 1] === LF) return 'no-brackets';
  }
  return null;
}

function endsWith(buffer: Buffer, start: number, end: number, word: string): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (((buffer[end - word.length + i] as number) | 32) !== word.charCodeAt(i)) return false;
  }
  return true;
}
