/** What a banner can hold to act on a terminal, and what no output may hold raw. */

export const HOSTILE_TEXTS: readonly string[] = [
  '\x1b[2J\x1b]0;title\x07',
  'a\x9b31mred',
  '\u202eabc\u202c',
  '\u2066isolate\u2069',
  'zero\u200bwidth\u200d\ufeff',
  'line\u2028separator\u2029',
  'bell\x07 back\x08\x08space \x7f',
  'lone \ud800 surrogate',
  'tags \u{e0041}\u{e0042}',
  'car\rriage',
  'nul\0byte',
  'soft\u00adhyphen',
];

/** Controls but for the line end, format characters, separators, lone surrogates. */
const RAW = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/gu;

/** The code points of `text` that could act on a terminal. */
export function rawControls(text: string): string[] {
  return [...text.matchAll(RAW)].map(([found]) => `U+${found.codePointAt(0)?.toString(16)}`);
}

/** Of JSON: C0 but for the line end, DEL, C1, line and paragraph separators, bidirectional controls. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const ACTING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The characters of a JSON text that could act on a terminal or turn a line round; what is only unseen is none. */
export function actingControls(json: string): string[] {
  return [...json.matchAll(ACTING)].map(([found]) => `U+${found.codePointAt(0)?.toString(16)}`);
}
