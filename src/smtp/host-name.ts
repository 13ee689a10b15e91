/** Full host names in bytes: labels of letters, digits and hyphens, and one dot at least (RFC 5321 §2.3.5). */

const DOT = 46;
const HYPHEN = 45;
const LOCAL_DOMAIN = '.localdomain';

/**
 * Where the full host name that begins at `start` ends; -1 when there is none. An address is none, and neither is a
 * name under `.localdomain`, which every machine without a name of its own has.
 */
export function hostNameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let dots = 0;
  let lastLabel = at;
  let hasLetter = false;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    const letter = byte | 32;
    if (byte === DOT) {
      if (at === lastLabel) return -1;
      dots++;
      lastLabel = at + 1;
      hasLetter = false;
    } else if (letter >= 97 && letter <= 122) hasLetter = true;
    else if (!(byte >= 48 && byte <= 57) && byte !== HYPHEN) break;
  }
  // A last label of digits is an address; a dot at the end leaves it empty.
  const isName = dots > 0 && at > lastLabel && hasLetter && !endsInLocalDomain(bytes, at, lastLabel);
  return isName && (at === end || isSpace(bytes[at] as number)) ? at : -1;
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 13 || byte === 10 || byte === 9;
}

function endsInLocalDomain(bytes: Uint8Array, end: number, lastLabel: number): boolean {
  if (end - lastLabel !== LOCAL_DOMAIN.length - 1) return false;
  for (let i = 0; i < LOCAL_DOMAIN.length; i++) {
    const byte = bytes[lastLabel - 1 + i] as number;
    if ((byte >= 65 && byte <= 90 ? byte | 32 : byte) !== LOCAL_DOMAIN.charCodeAt(i)) return false;
  }
  return true;
}
