/**
 * JSON as every output writes it. JSON.stringify escapes C0 and lone surrogates; what else could act on a terminal or
 * break a line is escaped here.
 */

/** DEL, C1, the line and paragraph separators, and every bidirectional control. */
const ACTS = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of JSON without a line end. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.search(ACTS) < 0 ? text : text.replace(ACTS, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
