/**
 * Values as Zeek's ASCII writer puts them into a line: `-` is unset, `(empty)` has nothing in it, and what would part a
 * field or act on a terminal is `\xNN`, byte by byte, so that Zeek's own reader gives back what was on the wire. The
 * backslash is escaped in the same way, since a text may hold `\x09` itself.
 */

const UNSET = '-';
const EMPTY = '(empty)';

/** Controls, format characters, separators, lone surrogates, and the backslash. */
const UNSAFE = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function stringValue(text: string | null): string {
  if (text === null) return UNSET;
  if (text === '') return EMPTY;
  // A text that reads as one of the two is told from them by its first letter.
  if (text === UNSET || text === EMPTY) return hexOf(text.slice(0, 1)) + text.slice(1);
  return text.replace(UNSAFE, hexOf);
}

/** A set or vector: elements between commas, a comma in one of them is `\x2c`. */
export function listValue(elements: readonly string[] | null): string {
  if (elements === null) return UNSET;
  if (elements.length === 0) return EMPTY;
  return elements.map((element) => stringValue(element).replaceAll(',', '\\x2c')).join(',');
}

export function boolValue(value: boolean): string {
  return value ? 'T' : 'F';
}

/** Seconds since 1970 with six digits; unset for a packet without a time. */
export function timeValue(timeUs: number): string {
  if (!Number.isFinite(timeUs)) return UNSET;
  const seconds = Math.floor(timeUs / 1e6);
  return `${seconds}.${String(timeUs - seconds * 1e6).padStart(6, '0')}`;
}

function hexOf(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').replace(/../g, '\\x$&');
}
