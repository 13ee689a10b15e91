/** Times of a capture as text. A `Date` is made once a day of capture, not once a turn. */
import type { Instant } from '../reassembly/transport-facts.ts';

const DAY_US = 86_400e6;
let cachedDay = Number.NaN;
let cachedDate = '';

/** `2007-08-12`, UTC. `us` must be exact and not before 1970. */
export function dateOf(us: number): string {
  const day = Math.floor(us / DAY_US);
  if (day !== cachedDay) {
    cachedDate = new Date(day * 86_400_000).toISOString().slice(0, 10);
    cachedDay = day;
  }
  return cachedDate;
}

/** RFC 3339, UTC, 6 or 9 digits; null where the packet had no time, or none that is exact (before 1970, after 2255). */
export function rfc3339(us: number, nanos: number, digits: 6 | 9): string | null {
  if (!isExact(us)) return null;
  const date = dateOf(us);
  const rest = us - cachedDay * DAY_US;
  const second = Math.floor(rest / 1e6);
  const clock = `T${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}.`;
  // 1xxxxxx: the leading one keeps the zeros.
  const micros = String(1_000_000 + (rest - second * 1e6)).slice(1);
  return digits === 6 ? `${date + clock + micros}Z` : `${date + clock + micros + String(1000 + nanos).slice(1)}Z`;
}

/** A moment that a calendar can name to the microsecond. */
export function isExact(us: number): boolean {
  return us >= 0 && us <= Number.MAX_SAFE_INTEGER;
}

function two(value: number): string {
  return value < 10 ? `0${value | 0}` : `${value | 0}`;
}

/** Seconds from one moment to another, to the nanosecond; null when one of them is unknown. */
export function secondsBetween(startUs: number, startNanos: number, endUs: number, endNanos: number): number | null {
  const us = endUs - startUs;
  if (Number.isNaN(us)) return null;
  const nanos = endNanos - startNanos;
  return nanos === 0 ? us / 1e6 : (us * 1000 + nanos) / 1e9;
}

export function instantText(instant: Instant, digits: 6 | 9): string | null {
  return rfc3339(instant.us, instant.nanos, digits);
}
