/** Hashes that stand for texts and bytes in tables of numbers. Not for security: an attacker can make two alike. */

/** FNV-1a, 32 bits, signed. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The same of `bytes[start, end)`; with another multiplier and seed it is another hash. */
export function hashBytes(bytes: Buffer, start: number, end: number, seed = 0x811c9dc5, prime = 0x01000193): number {
  let hash = seed | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), prime);
  return hash ^ (hash >>> 15);
}
