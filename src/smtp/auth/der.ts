/** As much of DER (X.690 §8.1, §10.1) as Kerberos and SPNEGO tokens need: one byte of tag, definite lengths. */

export interface Tlv {
  readonly tag: number;
  /** Where its content begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** The element at `at`; null when it does not fit into `bytes[at, end)`. */
export function readTlv(bytes: Buffer, at: number, end: number): Tlv | null {
  if (at + 2 > end) return null;
  const tag = bytes[at] as number;
  let length = bytes[at + 1] as number;
  let start = at + 2;
  if (length > 127) {
    const octets = length & 127;
    if (octets === 0 || octets > 3 || start + octets > end) return null;
    length = 0;
    for (let i = 0; i < octets; i++) length = (length << 8) | (bytes[start + i] as number);
    start += octets;
  }
  return start + length > end ? null : { tag, start, end: start + length };
}

/** The first element with this tag among those that stand one behind another in `within`. */
export function child(bytes: Buffer, within: Tlv | null, tag: number): Tlv | null {
  if (within === null) return null;
  for (let at = within.start; at < within.end; ) {
    const element = readTlv(bytes, at, within.end);
    if (element === null) return null;
    if (element.tag === tag) return element;
    at = element.end;
  }
  return null;
}

/** Follows tags inward from `within`. */
export function descend(bytes: Buffer, within: Tlv | null, ...tags: readonly number[]): Tlv | null {
  let found = within;
  for (const tag of tags) found = child(bytes, found, tag);
  return found;
}

/** Every element with this tag directly in `within`. */
export function children(bytes: Buffer, within: Tlv | null, tag: number): Tlv[] {
  const found: Tlv[] = [];
  for (let at = within?.start ?? 0; within !== null && at < within.end; ) {
    const element = readTlv(bytes, at, within.end);
    if (element === null) break;
    if (element.tag === tag) found.push(element);
    at = element.end;
  }
  return found;
}

/** `1.3.6.1.5.5.2` of the content of an OBJECT IDENTIFIER. */
export function objectIdentifier(bytes: Buffer, { start, end }: Tlv): string {
  const arcs: number[] = [];
  let value = 0;
  for (let i = start; i < end && arcs.length < 32; i++) {
    const octet = bytes[i] as number;
    value = value * 128 + (octet & 127);
    if (octet > 127) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else arcs.push(value);
    value = 0;
  }
  return arcs.join('.');
}
