/**
 * Sequence numbers (RFC 9293 §3.4): 32 bits that wrap. Kept as signed 32-bit values, which V8 holds without boxing;
 * print them with `>>> 0`.
 */

/** How far `b` lies behind `a`: positive when `b` comes later. Right for distances under 2³¹, wrap included. */
export function distance(a: number, b: number): number {
  return (b - a) | 0;
}
