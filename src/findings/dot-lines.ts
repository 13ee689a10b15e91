/**
 * Lines that begin with a dot, as they were on the wire, in the beginning of a message: its header section, or its first
 * kilobytes where no empty line ends that. What stands behind is not kept, so nothing is said of it.
 */
import type { Turn } from '../smtp/turn.ts';

export interface DotLines {
  /** A dot and something other than a dot. */
  readonly single: number;
  /** Two dots and more. */
  readonly double: number;
  /** Stream offset of the first line with a single dot; -1 for none. */
  readonly at: number;
}

const DOT = 46;
const HEAD_BYTES = 16_384;
const NONE: DotLines = { single: 0, double: 0, at: -1 };

export function dotLines({ raw, offset }: Turn): DotLines {
  // The first line may begin with one as well as any other.
  if (raw[0] !== DOT && raw.indexOf('\n.') < 0) return NONE;
  const blank = raw.indexOf('\r\n\r\n');
  const end = Math.min(blank < 0 ? raw.length : blank, HEAD_BYTES);
  let single = 0;
  let double = 0;
  let first = -1;
  let line = 0;
  while (line < end) {
    if (raw[line] === DOT) {
      const next = line + 1 < end ? raw[line + 1] : undefined;
      if (next === DOT) double++;
      else if (next !== undefined && next !== 13 && next !== 10) {
        single++;
        if (first < 0) first = line;
      }
    }
    // Only CRLF ends a line here: behind other ends a dot need not be doubled.
    const feed = raw.indexOf('\r\n', line);
    line = feed < 0 ? end : feed + 2;
  }
  return { single, double, at: first < 0 ? -1 : offset + first };
}
