/**
 * What an open session keeps: its turns as bytes. A record is a head and the wire bytes of the turn. Objects are made
 * from it when the session is handed on, so tens of thousands of open sessions cost bytes and nothing that a collector
 * must walk.
 *
 * Records come in the order in which turns ended; their numbers say in which order they began. Nearly everything in a
 * head is what the last one lets expect, so it holds differences, in seven bits a byte (the eighth: more follow), and
 * takes some twelve bytes where the fields take seventy-two:
 *
 *   shape  [extra]  number  frame  times  offset  acked  bytes  text length  code  [answers]  [what is extra]  [measures]
 */
import type { ByteChains, Chain } from '../bytes/byte-chains.ts';
import type { SegmentInfo } from '../reassembly/stream-listener.ts';
import type { TurnKind } from './turn.ts';

/** Where a turn begins: the packet and the stream position of its first byte. Reused. */
export class Opening {
  /** Turns are numbered in the order of their first bytes. */
  number = 0;
  frame = 0;
  timeUs = Number.NaN;
  timeNanos = 0;
  capture = 0;
  offset = 0;
  acked = -1;

  /** Turn `number` begins at `offset` of its stream, in the packet that `segment` speaks of. */
  begin(number: number, offset: number, segment: SegmentInfo): void {
    this.number = number;
    this.frame = segment.frame;
    this.timeUs = segment.timeUs;
    this.timeNanos = segment.timeNanos;
    this.capture = segment.capture;
    this.offset = offset;
    this.acked = segment.acked;
  }
}

export const KINDS: readonly TurnKind[] = ['command', 'reply', 'message', 'auth', 'tls', 'gap', 'unparsed'];
export const KIND = { command: 0, reply: 1, message: 2, auth: 3, tls: 4, gap: 5, unparsed: 6 } as const;

/** What an auth line is; index into it is kept. 0: not an auth line. */
export const STEPS = [null, 'initial', 'user', 'password', 'response', 'cancel', 'empty'] as const;
export const STEP = { none: 0, initial: 1, user: 2, password: 3, response: 4, cancel: 5, empty: 6 } as const;

/** The parts of a record beyond where it begins. Reused; `write` reads it. */
export class Entry {
  kind = 0;
  side = 0;
  endTimeUs = 0;
  endTimeNanos = 0;
  /** Bytes on the wire. */
  bytes = 0;
  /** Number of the turn that a reply answers; -1 for none. */
  answers = -1;
  /** Reply code, or verb of a command. */
  code = 0;
  complete = true;
  cut = false;
  step = 0;
  messageBytes = 0;
  messageLines = 0;
  messageMissing = 0;
  /** Bits of MARK: what is odd in its bytes. */
  messageMarks = 0;
  /** Octets of its longest line, line end included. */
  messageLongest = 0;
  /** What its body comes to (RunningPrint); of a chunk, the body up to its end. */
  messagePrint = 0;
}

/** What the next head is told against. */
export class JournalBase {
  number = -1;
  frame = 0;
  timeUs = 0;
  capture = 0;
  /** Where the last turn of side 0, and of side 1, ended in its stream. */
  end0 = 0;
  end1 = 0;

  begin(): void {
    this.number = -1;
    this.frame = 0;
    this.timeUs = 0;
    this.capture = 0;
    this.end0 = 0;
    this.end1 = 0;
  }
}

const HAS_ANSWERS = 64;
const HAS_EXTRA = 128;
const EXTRA_STEP = 1;
const EXTRA_NANOS = 2;
const EXTRA_CAPTURE = 4;
const EXTRA_RAW_TIMES = 8;
const EXTRA_CUT = 16;

/** Times beyond this (the year 2041, or none) are kept as they are: their differences may not be exact. */
const PLAIN_TIME_US = 2 ** 51;

const NO_BYTES = Buffer.alloc(0);
/** Twenty numbers of at most eight bytes, and behind them a text that is short. */
const SHORT_TEXT = 96;
const head = Buffer.alloc(160 + SHORT_TEXT);
let headLength = 0;

/** A whole number ≥ 0. */
function putCount(value: number): void {
  let rest = value;
  while (rest > 0x7fffffff) {
    head[headLength++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  rest |= 0;
  while (rest > 127) {
    head[headLength++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  head[headLength++] = rest;
}

/** A whole number: the lowest bit is its sign. */
function putDifference(value: number): void {
  if (value >= 0 && value < 0x3fffffff) putCount((value | 0) << 1);
  else putCount(value < 0 ? -value * 2 - 1 : value * 2);
}

/** Writes a record whose text is `bytes[start, end)`, or the whole of `text` when it is not null. */
export function writeEntry(
  chains: ByteChains,
  journal: Chain,
  base: JournalBase,
  opening: Opening,
  entry: Entry,
  bytes: Uint8Array,
  start: number,
  end: number,
  text: Chain | null,
): void {
  const { side, answers } = entry;
  const length = text === null ? end - start : text.length;
  const isPlain = Math.abs(opening.timeUs) < PLAIN_TIME_US && Math.abs(entry.endTimeUs) < PLAIN_TIME_US;
  const extra =
    (entry.step === 0 ? 0 : EXTRA_STEP) |
    ((opening.timeNanos | entry.endTimeNanos) === 0 ? 0 : EXTRA_NANOS) |
    (opening.capture === base.capture ? 0 : EXTRA_CAPTURE) |
    (isPlain ? 0 : EXTRA_RAW_TIMES) |
    (entry.cut ? EXTRA_CUT : 0);
  head[0] =
    entry.kind |
    (side << 3) |
    (entry.complete ? 16 : 0) |
    (answers < 0 ? 0 : HAS_ANSWERS) |
    (extra === 0 ? 0 : HAS_EXTRA);
  headLength = 1;
  if (extra !== 0) head[headLength++] = extra;
  putDifference(opening.number - base.number - 1);
  putDifference(opening.frame - base.frame);
  if (isPlain) {
    putDifference(opening.timeUs - base.timeUs);
    putDifference(entry.endTimeUs - opening.timeUs);
    base.timeUs = opening.timeUs;
  } else {
    headLength = head.writeDoubleLE(opening.timeUs, headLength);
    headLength = head.writeDoubleLE(entry.endTimeUs, headLength);
  }
  putDifference(opening.offset - (side === 0 ? base.end0 : base.end1));
  putCount(opening.acked < 0 ? 0 : 1 + zigzag(opening.acked - (side === 0 ? base.end1 : base.end0)));
  putDifference(entry.bytes - length);
  putCount(length);
  putCount(entry.code);
  if (answers >= 0) putDifference(opening.number - answers);
  if (extra !== 0) {
    if (entry.step !== 0) head[headLength++] = entry.step;
    if ((extra & EXTRA_NANOS) !== 0) {
      putCount(opening.timeNanos);
      putCount(entry.endTimeNanos);
    }
    if ((extra & EXTRA_CAPTURE) !== 0) putCount(opening.capture);
    base.capture = opening.capture;
  }
  if (entry.kind === KIND.message) {
    putDifference(entry.messageBytes);
    putDifference(entry.messageLines);
    putCount(entry.messageMissing);
    putCount(entry.messageMarks);
    putCount(entry.messageLongest);
    putCount(entry.messagePrint);
  }
  base.number = opening.number;
  base.frame = opening.frame;
  if (side === 0) base.end0 = opening.offset + entry.bytes;
  else base.end1 = opening.offset + entry.bytes;
  if (text === null && end - start <= SHORT_TEXT) {
    for (let i = start; i < end; i++) head[headLength++] = bytes[i] as number;
    chains.append(journal, head, 0, headLength);
    return;
  }
  chains.append(journal, head, 0, headLength);
  if (text === null) chains.append(journal, bytes, start, end);
  else chains.appendChain(journal, text);
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

/** Reads one record after the other out of a copied journal. The fields are those of the record last read. Reused. */
export class JournalReader {
  readonly opening = new Opening();
  readonly entry = new Entry();
  /** The text: `bytes[textStart, textEnd)`. */
  textStart = 0;
  textEnd = 0;
  #at = 0;
  readonly #base = new JournalBase();
  #bytes: Buffer = NO_BYTES;
  #end = 0;

  /** The journal is `bytes[start, end)`, and a little behind it may be read. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#base.begin();
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    const opening = this.opening;
    const entry = this.entry;
    const base = this.#base;
    const shape = this.#byte();
    const extra = (shape & HAS_EXTRA) === 0 ? 0 : this.#byte();
    const side = (shape >> 3) & 1;
    entry.kind = shape & 7;
    entry.side = side;
    entry.complete = (shape & 16) !== 0;
    opening.number = base.number + 1 + this.#difference();
    opening.frame = base.frame + this.#difference();
    if ((extra & EXTRA_RAW_TIMES) === 0) {
      base.timeUs += this.#difference();
      opening.timeUs = base.timeUs;
      entry.endTimeUs = base.timeUs + this.#difference();
    } else {
      opening.timeUs = this.#bytes.readDoubleLE(this.#at);
      entry.endTimeUs = this.#bytes.readDoubleLE(this.#at + 8);
      this.#at += 16;
    }
    opening.offset = (side === 0 ? base.end0 : base.end1) + this.#difference();
    const acked = this.#count();
    opening.acked = acked === 0 ? -1 : (side === 0 ? base.end1 : base.end0) + unzigzag(acked - 1);
    const surplus = this.#difference();
    const length = this.#count();
    entry.bytes = length + surplus;
    entry.code = this.#count();
    entry.answers = (shape & HAS_ANSWERS) === 0 ? -1 : opening.number - this.#difference();
    entry.step = 0;
    entry.cut = false;
    opening.timeNanos = 0;
    entry.endTimeNanos = 0;
    if (extra !== 0) {
      entry.cut = (extra & EXTRA_CUT) !== 0;
      if ((extra & EXTRA_STEP) !== 0) entry.step = this.#byte();
      if ((extra & EXTRA_NANOS) !== 0) {
        opening.timeNanos = this.#count();
        entry.endTimeNanos = this.#count();
      }
      if ((extra & EXTRA_CAPTURE) !== 0) base.capture = this.#count();
    }
    opening.capture = base.capture;
    if (entry.kind === KIND.message) {
      entry.messageBytes = this.#difference();
      entry.messageLines = this.#difference();
      entry.messageMissing = this.#count();
      entry.messageMarks = this.#count();
      entry.messageLongest = this.#count();
      entry.messagePrint = this.#count();
    }
    base.number = opening.number;
    base.frame = opening.frame;
    if (side === 0) base.end0 = opening.offset + entry.bytes;
    else base.end1 = opening.offset + entry.bytes;
    this.textStart = this.#at;
    this.textEnd = this.textStart + length;
    this.#at = this.textEnd;
    // Of a journal that was cut, the last record may lack its end: what is not there reads as no number.
    return this.textEnd <= this.#end;
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number;
  }

  #count(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    let shift = 7;
    while (shift < 28) {
      byte = bytes[this.#at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7;
    }
    let factor = 2 ** 28;
    do {
      byte = bytes[this.#at++] as number;
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  }

  #difference(): number {
    const value = this.#count();
    if (value < 0x40000000) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
