/**
 * What an open session keeps: its turns as bytes. A record is a head of 72 bytes and the wire bytes of the turn; for a
 * message, its measures stand between them. Objects are made from it when the session is handed on, so tens of
 * thousands of open sessions cost bytes and nothing that a collector must walk.
 *
 * Records come in the order in which turns ended; their numbers say in which order they began.
 */
import type { ByteChains, Chain } from '../bytes/byte-chains.ts';
import type { SegmentInfo } from '../reassembly/stream-listener.ts';
import type { TurnKind } from './turn.ts';

/** Where a turn begins: the packet and the stream position of its first byte. Reused. */
export class Opening {
  /** Turns are numbered in the order of their first bytes. */
  number = 0;
  frame = 0;
  timeUs = 0;
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

export const HEAD_LENGTH = 72;
/** Message bytes, lines (-1: not counted), missing bytes: three doubles before the text of a message. */
export const MEASURES_LENGTH = 24;

const head = new ArrayBuffer(HEAD_LENGTH);
const doubles = new Float64Array(head);
const integers = new Int32Array(head);
const headBytes = new Uint8Array(head);
const measures = new ArrayBuffer(MEASURES_LENGTH);
const measureDoubles = new Float64Array(measures);
const measureBytes = new Uint8Array(measures);

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
  messageLines = -1;
  messageMissing = 0;
}

/** Writes a record whose text is `bytes[start, end)`, or the whole of `text` when it is not null. */
export function writeEntry(
  chains: ByteChains,
  journal: Chain,
  opening: Opening,
  entry: Entry,
  bytes: Uint8Array,
  start: number,
  end: number,
  text: Chain | null,
): void {
  const isMessage = entry.kind === KIND.message;
  doubles[0] = opening.timeUs;
  doubles[1] = entry.endTimeUs;
  doubles[2] = opening.offset;
  doubles[3] = opening.acked;
  doubles[4] = entry.bytes;
  integers[10] = opening.number;
  integers[11] = entry.answers;
  integers[12] = opening.frame;
  integers[13] = (text === null ? end - start : text.length) + (isMessage ? MEASURES_LENGTH : 0);
  integers[14] = entry.code;
  integers[15] = entry.kind | (entry.side << 4) | (entry.complete ? 32 : 0) | (entry.cut ? 64 : 0) | (entry.step << 8);
  integers[16] = opening.timeNanos | (entry.endTimeNanos << 10);
  integers[17] = opening.capture;
  chains.append(journal, headBytes, 0, HEAD_LENGTH);
  if (isMessage) {
    measureDoubles[0] = entry.messageBytes;
    measureDoubles[1] = entry.messageLines;
    measureDoubles[2] = entry.messageMissing;
    chains.append(journal, measureBytes, 0, MEASURES_LENGTH);
  }
  if (text === null) chains.append(journal, bytes, start, end);
  else chains.appendChain(journal, text);
}

/** Reads one record after the other out of a copied journal. The fields are those of the record last read. */
export class JournalReader {
  readonly opening = new Opening();
  readonly entry = new Entry();
  /** The text: `bytes[textStart, textEnd)`. */
  textStart = 0;
  textEnd = 0;
  #at = 0;
  readonly #bytes: Buffer;
  readonly #length: number;

  constructor(bytes: Buffer, length: number) {
    this.#bytes = bytes;
    this.#length = length;
  }

  next(): boolean {
    if (this.#at >= this.#length) return false;
    const { opening, entry } = this;
    const bytes = this.#bytes;
    const from = this.#at;
    for (let i = 0; i < HEAD_LENGTH; i++) headBytes[i] = bytes[from + i] as number;
    opening.timeUs = doubles[0] as number;
    entry.endTimeUs = doubles[1] as number;
    opening.offset = doubles[2] as number;
    opening.acked = doubles[3] as number;
    entry.bytes = doubles[4] as number;
    opening.number = integers[10] as number;
    entry.answers = integers[11] as number;
    opening.frame = integers[12] as number;
    const stored = integers[13] as number;
    entry.code = integers[14] as number;
    const packed = integers[15] as number;
    entry.kind = packed & 15;
    entry.side = (packed >> 4) & 1;
    entry.complete = (packed & 32) !== 0;
    entry.cut = (packed & 64) !== 0;
    entry.step = packed >> 8;
    const nanos = integers[16] as number;
    opening.timeNanos = nanos & 1023;
    entry.endTimeNanos = nanos >> 10;
    opening.capture = integers[17] as number;
    this.textStart = this.#at + HEAD_LENGTH;
    this.textEnd = this.textStart + stored;
    this.#at = this.textEnd;
    if (entry.kind === KIND.message) {
      measureBytes.set(this.#bytes.subarray(this.textStart, this.textStart + MEASURES_LENGTH));
      entry.messageBytes = measureDoubles[0] as number;
      entry.messageLines = measureDoubles[1] as number;
      entry.messageMissing = measureDoubles[2] as number;
      this.textStart += MEASURES_LENGTH;
    }
    return true;
  }
}
