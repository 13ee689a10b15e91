/** Times of a capture as text. A `Date` is made once a second of capture, not once a turn. */
import type { Instant } from '../reassembly/transport-facts.ts';

let cachedSecond = Number.NaN;
let cachedText = '';

/** RFC 3339, UTC, 6 or 9 digits; null where the packet had no time, or none that is exact (before 1970, after 2255). */
export function rfc3339(us: number, nanos: number, digits: 6 | 9): string | null {
  if (!(us >= 0 && us <= Number.MAX_SAFE_INTEGER)) return null;
  let second = Math.floor(us / 1e6);
  if (second * 1e6 > us) second--; // the quotient was rounded up
  if (second !== cachedSecond) {
    cachedText = `${new Date(second * 1000).toISOString().slice(0, 19)}.`;
    cachedSecond = second;
  }
  // 1xxxxxx: the leading one keeps the zeros.
  const micros = String(1_000_000 + (us - second * 1e6)).slice(1);
  return digits === 6 ? `${cachedText + micros}Z` : `${cachedText + micros + String(1000 + nanos).slice(1)}Z`;
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
