/** Prose in the width of a terminal. Lines of the wire are never wrapped. */

/** Longer lines than this tire the eye, however wide the terminal is. */
const WIDEST = 110;
const NARROWEST = 40;

/** The width that prose gets on a terminal of so many columns; 80 where that is unknown. */
export function proseWidth(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns === undefined || columns <= 0 ? 80 : columns));
}

/** The columns of the terminal; without one, as many as a line has. */
export function columnsOrAny(columns: number | undefined): number {
  return columns === undefined || columns <= 0 ? Number.POSITIVE_INFINITY : columns;
}

/**
 * `text` behind `first`, in lines of at most `width` characters; every further line begins with `rest`. A word that is
 * longer than a line stands alone and is not cut, so that addresses and commands can be copied.
 */
export function wrap(text: string, width: number, first: string, rest: string): string {
  const words = ODD_SPACE.test(text) ? text.trim().replace(/\s+/g, ' ') : text;
  let out = '';
  let lead = first;
  let at = 0;
  while (words.length - at > width - lead.length) {
    // The last space that still fits; else the end of a word that is too long.
    let end = words.lastIndexOf(' ', at + width - lead.length);
    if (end <= at) end = words.indexOf(' ', at + 1);
    if (end < 0) break;
    out += `${lead}${words.slice(at, end)}\n`;
    lead = rest;
    at = end + 1;
  }
  return `${out}${lead}${words.slice(at)}\n`;
}

const ODD_SPACE = /^ | $| {2}|[^\S ]/;
