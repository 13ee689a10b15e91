/**
 * One turn of a dialogue. It holds the bytes as they were on the wire; strings are made when somebody asks, since
 * most turns of a large capture are counted and never shown.
 */

import { latin1 } from '../bytes/text.ts';
import type { Direction } from '../reassembly/transport-facts.ts';
import { decodeWireText } from './wire-text.ts';

export type TurnKind = 'command' | 'reply' | 'message' | 'auth' | 'tls' | 'gap' | 'unparsed';

/** What an `auth` turn or an AUTH command's initial response is, by the client's grammar (RFC 4954 §4). */
export type AuthStep = 'initial' | 'user' | 'password' | 'response' | 'cancel' | 'empty';

export class Turn {
  index = 0;
  from: Direction = 'client';
  kind: TurnKind = 'command';
  /** Time and frame of its first byte. */
  timeUs = 0;
  timeNanos = 0;
  endTimeUs = 0;
  endTimeNanos = 0;
  frame = 0;
  /** Index of the capture that `frame` counts in. */
  capture = 0;
  /** Position of its first byte in its direction's stream, gaps included. */
  offset = 0;
  /** Bytes of the peer's stream that the packet with the first byte acknowledged; -1 when unknown. */
  acked = -1;
  /** Bytes on the wire, line ends included; of a gap, the bytes missing. */
  bytes = 0;
  /** In capitals; null unless a command. */
  verb: string | null = null;
  /** Of a reply, as far as it came: that of its last line (`hasMixedCodes`); 0 for other turns. */
  code = 0;
  /** Index of the turn that this reply answers; -1 for none. */
  answers = -1;
  /** Index of the (last) reply that answers this turn; -1 for none. */
  answeredBy = -1;
  /** Its last line end was seen (a reply: its last line; a message: its end of data). */
  complete = true;
  /** More came than limits.ts lets a turn keep: `raw` is the beginning. */
  cut = false;
  /** For auth turns: what the line is. */
  step: AuthStep | null = null;
  /** Its bytes are `buffer[start, end)`; `raw` is a slice of them. Lent with the session. */
  buffer: Buffer = EMPTY;
  start = 0;
  end = 0;
  #lines: string[] | null = null;
  #text: string | null = null;

  /** The bytes as on the wire; a message: its head as kept. Lent with the session. */
  get raw(): Buffer {
    return this.start === 0 && this.end === this.buffer.length
      ? this.buffer
      : this.buffer.subarray(this.start, this.end);
  }

  set raw(bytes: Buffer) {
    this.hold(bytes, 0, bytes.length);
  }

  /** Its bytes are `buffer[start, end)`: without a slice, since most are never looked at. */
  hold(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.#lines = null;
    this.#text = null;
  }

  /** The enhanced status code that a reply's text begins with (RFC 2034 §4), null for none. */
  get enhancedCode(): string | null {
    if (this.kind !== 'reply') return null;
    const line = this.firstCode === this.code ? this.start : lastLineStart(this.buffer, this.start, this.end);
    return readEnhancedCode(this.buffer, line + 4, this.end);
  }

  /** The code of a reply's first line, which is `code` unless the server breaks the rule (RFC 5321 §4.2.1). */
  get firstCode(): number {
    return this.kind === 'reply' ? codeAt(this.buffer, this.start) : 0;
  }

  /** A reply has lines with different codes, against RFC 5321 §4.2.1. */
  get hasMixedCodes(): boolean {
    const code = String(this.code);
    return (
      this.kind === 'reply' && this.lines.some((line) => /^[1-5]\d\d(?:[ \t-]|$)/.test(line) && !line.startsWith(code))
    );
  }

  /** Lines without line ends, not masked; replies with their codes. Empty for message, tls and gap turns. */
  get lines(): readonly string[] {
    this.#lines ??=
      this.kind === 'message' || this.kind === 'tls' || this.kind === 'gap'
        ? []
        : splitLines(this.buffer, this.start, this.end);
    return this.#lines;
  }

  /** What follows the verb of a command, trimmed, not masked; null for other turns or when nothing follows. */
  get argument(): string | null {
    if (this.kind !== 'command') return null;
    const line = this.lines[0] ?? '';
    const rest = line
      .trimStart()
      .slice(this.verb?.length ?? 0)
      .trim();
    return rest === '' ? null : rest;
  }

  /** Text of a reply without codes, lines joined by a space. */
  get text(): string {
    this.#text ??= this.lines.map((line) => line.replace(/^\d{3}[ -]?/, '')).join(' ');
    return this.#text;
  }
}

const EMPTY = Buffer.alloc(0);

function splitLines(bytes: Buffer, start: number, end: number): string[] {
  const lines: string[] = [];
  let at = start;
  while (at < end) {
    let feed = at;
    while (feed < end && bytes[feed] !== 10) feed++;
    lines.push(decodeWireText(bytes, at, feed < end && feed > at && bytes[feed - 1] === 13 ? feed - 1 : feed));
    at = feed + 1;
  }
  return lines;
}

function codeAt(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) - 48) * 100 + ((bytes[at + 1] as number) - 48) * 10 + (bytes[at + 2] as number) - 48;
}

function lastLineStart(bytes: Buffer, start: number, end: number): number {
  const feed = bytes.subarray(start, end).lastIndexOf(10, end - start - 2);
  return feed < 0 ? start : start + feed + 1;
}

/** `class.subject.detail` (RFC 3463 §2) at `start`, when a space or the line's end follows; else null. */
export function readEnhancedCode(bytes: Buffer, start: number, end: number): string | null {
  const kind = bytes[start];
  if (start + 5 > end || (kind !== 50 && kind !== 52 && kind !== 53) || bytes[start + 1] !== 46) return null;
  const subject = digitsEnd(bytes, start + 2, end);
  if (subject < 0 || bytes[subject] !== 46) return null;
  const detail = digitsEnd(bytes, subject + 1, end);
  if (detail < 0) return null;
  const next = bytes[detail] as number;
  const isWhole =
    detail === end || next === 32 || (next >= 9 && next <= 13) || next === 58 || next === 59 || next === 44;
  return isWhole ? latin1(bytes, start, detail) : null;
}

/** Behind one to three digits at `start`; -1 when there are none, or more. */
function digitsEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && at < start + 4 && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at++;
  return at === start || at === start + 4 ? -1 : at;
}
