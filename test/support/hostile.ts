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
