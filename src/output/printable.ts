/**
 * Text from the wire, made harmless for a terminal. Captured text is hostile: a banner may hold escape sequences,
 * bidirectional controls that turn a line round, or characters that nobody sees. Nothing of that passes: control
 * bytes get a name (`<CR>`, `<LF>`, `<TAB>`, `<NUL>`) or a number (`\x1b`, `\u202e`).
 */

/** Almost every line is of this kind, and one scan of one character class says so. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Controls, format characters (bidi, zero width, tags, soft hyphen), lone surrogates, line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const NAMED: Readonly<Record<string, string>> = { '\0': '<NUL>', '\t': '<TAB>', '\n': '<LF>', '\r': '<CR>' };

/** `text` with everything that could act on a terminal made visible. Letters of all scripts stay as they are. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, visible);
}

function visible(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
