/**
 * Every field of a header section, in its order (RFC 5322 §2.2): what is asked for by name alone is in
 * header-section.ts.
 */
import { isUtf8 } from 'node:buffer';
import { latin1, utf8 } from '../bytes/text.ts';
import { headerSectionEnd } from './header-section.ts';

export interface HeaderField {
  /** In small letters. */
  readonly name: string;
  /** Unfolded and trimmed, encoded words as they are. */
  readonly value: string;
}

const LF = 10;

/** Fields of the header section in `head`; lines that belong to no field are left out. */
export function headerFields(head: Buffer): HeaderField[] {
  const limit = headerSectionEnd(head);
  const fields: { name: string; parts: string[] }[] = [];
  for (let at = 0; at < limit; ) {
    const feed = head.indexOf(LF, at);
    const end = feed < 0 || feed > limit ? limit : feed;
    const line = text(head, at, end > at && head[end - 1] === 13 ? end - 1 : end);
    at = end + 1;
    const open = fields.at(-1);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      open?.parts.push(line);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon > 0) fields.push({ name: line.slice(0, colon).trimEnd().toLowerCase(), parts: [line.slice(colon + 1)] });
  }
  return fields.map(({ name, parts }) => ({ name, value: parts.join('').replaceAll('\t', ' ').trim() }));
}

function text(bytes: Buffer, start: number, end: number): string {
  return isUtf8(bytes.subarray(start, end)) ? utf8(bytes, start, end) : latin1(bytes, start, end);
}
