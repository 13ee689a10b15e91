/**
 * What is odd in the bytes of commands and replies: line ends that are not CRLF, NUL, octets beyond ASCII. One pass for
 * the four rules that ask, and only over sessions that have an odd line at all (`Fact.oddLine`).
 */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isMailDialogue, isUnknown } from './known-commands.ts';
import { openingOf } from './opening-words.ts';

export interface OddLines {
  /** Turns with an LF that has no CR before it. */
  readonly bareLf: readonly Turn[];
  /** Turns with a CR that has no LF behind it. */
  readonly bareCr: readonly Turn[];
  readonly nul: readonly Turn[];
  /** Turns with octets above 127. */
  readonly high: readonly Turn[];
}

const BACKSPACE = 8;
const TAB = 9;
/** Control octets that a keyboard makes, or that end a line. */
const KEYS: readonly number[] = [BACKSPACE, TAB, 10, 13];

const NONE: OddLines = { bareLf: [], bareCr: [], nul: [], high: [] };

let lastSession: Session | null = null;
let lastLines: OddLines = NONE;

export function oddLines(session: Session): OddLines {
  if ((session.facts & Fact.oddLine) === 0 || !isMailDialogue(session)) return NONE;
  if (session !== lastSession) {
    lastSession = session;
    lastLines = read(session);
  }
  return lastLines;
}

function read(session: Session): OddLines {
  const found = { bareLf: [] as Turn[], bareCr: [] as Turn[], nul: [] as Turn[], high: [] as Turn[] };
  // Bytes of telnet’s own at the start are no line.
  const opening = openingOf(session);
  const telnet = opening?.kind === 'telnet' ? opening.turn : null;
  // Behind a hole bytes may be the rest of anything, until a line is a command and nothing else: the signature of
  // the PROXY protocol has QUIT in it.
  let lost = false;
  for (const turn of session.turns) {
    if (turn.from === 'client') {
      if (turn.kind === 'gap') lost = true;
      else if (lost && (turn.kind !== 'command' || isUnknown(turn) || turn.buffer[turn.end - 2] !== 13)) continue;
      else lost = false;
    }
    if ((turn.kind !== 'command' && turn.kind !== 'reply') || turn === telnet || turn.verb === 'PROXY') continue;
    const { buffer, start, end } = turn;
    let lf = false;
    let cr = false;
    let nul = false;
    let high = false;
    let control = false;
    for (let i = start; i < end; i++) {
      const octet = buffer[i] as number;
      if (octet > 127) high = true;
      else if (octet === 0) nul = true;
      else if (octet === 10) lf ||= i === start || buffer[i - 1] !== 13;
      // The last CR may have lost its LF to the end of what was kept.
      else if (octet === 13) cr ||= i + 1 < end && buffer[i + 1] !== 10;
      else if (octet < 32) control ||= octet !== BACKSPACE && octet !== TAB;
    }
    // Another protocol, or noise: where no lines are, none is odd.
    if ((control || (high && !isText(turn))) && isUnknown(turn)) continue;
    if (lf) found.bareLf.push(turn);
    if (cr) found.bareCr.push(turn);
    if (nul) found.nul.push(turn);
    if (high) found.high.push(turn);
  }
  return found;
}

/** Words of any language, in UTF-8. */
function isText({ raw }: Turn): boolean {
  return !raw.toString('utf8').includes('\uFFFD');
}

/** A command or reply of octets that no keyboard makes. */
export function isBinary(turn: Turn): boolean {
  return turn.raw.some((octet) => octet < 32 && octet !== 0 && !KEYS.includes(octet)) || !isText(turn);
}
