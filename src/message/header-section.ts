/**
 * The header section of one message, read from its first bytes: where it ends and what one field says.
 *
 * It forgives what mail really has: LF alone as line end, a missing empty line, a head that was kept only in part.
 */
import { isUtf8 } from 'node:buffer';
import { latin1, utf8 } from '../bytes/text.ts';
import { decodeEncodedWords } from './encoded-words.ts';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/**
 * Offset of the empty line that ends the header section (RFC 5322 §2.1), or `head.length` when the end was not kept.
 * A line that can be no header line (no colon, not folded) ends it too: what follows is body.
 */
export function headerSectionEnd(head: Buffer): number {
  let start = 0;
  let colon = false;
  for (let i = 0; i < head.length; i++) {
    const byte = head[i] as number;
    if (byte === COLON) {
      colon = true;
    } else if (byte === LF) {
      const length = i > start && head[i - 1] === CR ? i - 1 - start : i - start;
      if (length === 0) return start;
      const folded = start > 0 && (head[start] === SPACE || head[start] === TAB);
      if (!colon && !folded) return start;
      start = i + 1;
      colon = false;
    }
  }
  return head.length;
}

/** The value of the first field of that name (any case), unfolded and trimmed, not decoded; null when there is none. */
export function headerField(head: Buffer, name: string): string | null {
  const limit = headerSectionEnd(head);
  const wanted = name.toLowerCase();
  let at = 0;
  while (at < limit) {
    const feed = head.indexOf(LF, at);
    const lineEnd = feed < 0 || feed > limit ? limit : feed;
    if (namesField(head, at, lineEnd, wanted)) {
      let end = lineEnd;
      while (end < limit && (head[end + 1] === SPACE || head[end + 1] === TAB)) {
        const next = head.indexOf(LF, end + 1);
        end = next < 0 || next > limit ? limit : next;
      }
      return unfold(text(head, head.indexOf(COLON, at) + 1, end));
    }
    at = lineEnd + 1;
  }
  return null;
}

/** The subject with its encoded words decoded (RFC 2047); null when there is none. */
export function subjectOf(head: Buffer): string | null {
  const value = headerField(head, 'subject');
  return value === null ? null : decodeEncodedWords(value);
}

/** `<id@host>` of the Message-ID field, else what stands there; null when there is none or it is empty. */
export function messageIdOf(head: Buffer): string | null {
  const value = headerField(head, 'message-id');
  if (value === null || value === '') return null;
  const open = value.indexOf('<');
  const close = value.indexOf('>', open + 1);
  return open >= 0 && close > open ? value.slice(open, close + 1) : value;
}

function namesField(head: Buffer, at: number, end: number, wanted: string): boolean {
  if (end - at <= wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (((head[at + i] as number) | 32) !== (wanted.charCodeAt(i) | 32)) return false;
  }
  let colon = at + wanted.length;
  while (colon < end && (head[colon] === SPACE || head[colon] === TAB)) colon++; // obsolete syntax, RFC 5322 §4.5
  return head[colon] === COLON;
}

function unfold(value: string): string {
  return value.replaceAll('\r\n', '').replaceAll('\n', '').replaceAll('\t', ' ').trim();
}

function text(bytes: Buffer, start: number, end: number): string {
  return isUtf8(bytes.subarray(start, end)) ? utf8(bytes, start, end) : latin1(bytes, start, end);
}
