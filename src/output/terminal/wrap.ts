/** Prose in the width of a terminal. Lines of the wire are never wrapped. */

/** Longer lines than this tire the eye, however wide the terminal is. */
const WIDEST = 110;
const NARROWEST = 40;

/** The width that prose gets on a terminal of so many columns; 80 where that is unknown. */
export function proseWidth(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns === undefined || columns <= 0 ? 80 : columns));
}

/**
 * `text` behind `first`, in lines of at most `width` characters; every further line begins with `rest`. A word that is
 * longer than a line stands alone and is not cut, so that addresses and commands can be copied.
 */
export function wrap(text: string, width: number, first: string, rest: string): string {
  let out = '';
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    if (!empty && line.length + 1 + word.length > width) {
      out += `${line}\n`;
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return `${out}${line}\n`;
}
