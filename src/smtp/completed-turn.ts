/** Turns of a session that goes on: each is told the moment it is complete, apart from the session made in the end. */
import type { Direction } from '../reassembly/transport-facts.ts';
import type { DialogueDecoder } from './dialogue.ts';
import { type Entry, KIND, KINDS, type Opening, STEPS } from './journal.ts';
import { Turn } from './turn.ts';
import { VERB_NAMES, Verb } from './verbs.ts';

/** `turn.index` and `turn.answers` are the numbers of turns in the order in which they began; nothing is `answeredBy`. */
export interface CompletedTurn {
  readonly turn: Turn;
  /** For `message` turns: content bytes and those of them that were not captured; null for others. */
  readonly message: { readonly bytes: number; readonly missing: number; readonly isChunk: boolean } | null;
}

const DIRECTIONS: readonly Direction[] = ['client', 'server'];

/** Hands every turn of that decoder to `onTurn`. The turn owns its bytes. */
export function followTurns(decoder: DialogueDecoder, onTurn: (completed: CompletedTurn) => void): void {
  let isChunk = false;
  decoder.onTurn = (begin, entry, bytes, start, end, text) => {
    const raw = Buffer.allocUnsafe(text === null ? end - start : text.length);
    if (text === null) bytes.copy(raw, 0, start, end);
    else decoder.chains.copy(text, raw, 0);
    const turn = turnOf(begin, entry, raw);
    if (entry.kind === KIND.command) isChunk = entry.code === Verb.BDAT;
    const { messageBytes, messageMissing } = entry;
    onTurn({
      turn,
      message: entry.kind === KIND.message ? { bytes: messageBytes, missing: messageMissing, isChunk } : null,
    });
  };
}

function turnOf(begin: Opening, entry: Entry, raw: Buffer): Turn {
  const turn = new Turn();
  turn.from = DIRECTIONS[entry.side] as Direction;
  turn.kind = KINDS[entry.kind] as Turn['kind'];
  turn.index = begin.number;
  turn.timeUs = begin.timeUs;
  turn.timeNanos = begin.timeNanos;
  turn.endTimeUs = entry.endTimeUs;
  turn.endTimeNanos = entry.endTimeNanos;
  turn.frame = begin.frame;
  turn.capture = begin.capture;
  turn.offset = begin.offset;
  turn.acked = begin.acked;
  turn.bytes = entry.bytes;
  turn.answers = entry.answers;
  turn.complete = entry.complete;
  turn.cut = entry.cut;
  turn.step = STEPS[entry.step] ?? null;
  if (entry.kind === KIND.reply) turn.code = entry.code;
  turn.raw = raw;
  if (entry.kind === KIND.command) {
    turn.verb =
      entry.code === Verb.OTHER
        ? (/^\s*(\S{0,64})/.exec(turn.lines[0] ?? '')?.[1]?.toUpperCase() ?? '')
        : (VERB_NAMES[entry.code] as string);
  }
  return turn;
}
