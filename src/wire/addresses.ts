/**
 * IP addresses between their 32-bit integers (as `FrameView` keeps them) and their text.
 *
 * Four signed integers, most significant first; an IPv4 address is the last of them behind zeros. The version has to go
 * with them: `0, 0, 0, 1` is 0.0.0.1 in one and ::1 in the other.
 */

export type IpVersion = 4 | 6;

/** An address as integers; see above. */
export interface IpAddress {
  readonly version: IpVersion;
  readonly ints: readonly [number, number, number, number];
}

/** Dotted decimal of a (signed or unsigned) 32-bit integer. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The canonical form (RFC 5952 §4); IPv4-mapped addresses in mixed notation (§5). */
export function formatIpv6(a: number, b: number, c: number, d: number): string {
  if (isMapped(a, b, c)) return `::ffff:${formatIpv4(d)}`;
  const groups: number[] = [];
  for (const int of [a, b, c, d]) groups.push(int >>> 16, int & 0xffff);
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

export function formatAddress(version: number, a: number, b: number, c: number, d: number): string {
  return version === 4 ? formatIpv4(d) : formatIpv6(a, b, c, d);
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** The first of the longest, as RFC 5952 §4.2.3 wants it. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}

/**
 * Reads an address: dotted decimal without leading zeros, or any form of RFC 4291 §2.2.
 *
 * @returns null for everything else, zone indices (`fe80::1%eth0`) and prefix lengths included
 */
export function parseAddress(text: string): IpAddress | null {
  if (!text.includes(':')) {
    const int = parseIpv4(text);
    return int === null ? null : { version: 4, ints: [0, 0, 0, int] };
  }
  const groups = parseIpv6Groups(text);
  if (groups === null) return null;
  const int = (index: number): number => ((groups[index] as number) << 16) | (groups[index + 1] as number);
  return { version: 6, ints: [int(0), int(2), int(4), int(6)] };
}

function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let int = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    int = (int << 8) | Number(part);
  }
  return int;
}

/** The eight groups, or null. */
function parseIpv6Groups(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  if (head === null || halves.length === 1) return head !== null && head.length === 8 ? head : null;
  const tail = parseGroups(halves[1] as string, true);
  // "::" stands for at least one group.
  if (tail === null || head.length + tail.length > 7) return null;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; the last may be dotted decimal, and counts as two, where `last` says that the text ends here. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = last && index === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 === null) return null;
    groups.push(ipv4 >>> 16, ipv4 & 0xffff);
  }
  return groups;
}

/** ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
function isMapped(a: number, b: number, c: number): boolean {
  return a === 0 && b === 0 && c === 0xffff;
}

/** 127.0.0.0/8, ::1, and the former where it is mapped into IPv6. */
export function isLoopback(version: number, a: number, b: number, c: number, d: number): boolean {
  if (version === 4 || isMapped(a, b, c)) return d >>> 24 === 127;
  return a === 0 && b === 0 && c === 0 && d === 1;
}

/**
 * Addresses that mean something inside one network only: RFC 1918, RFC 6598 (carrier NAT), RFC 3927 (link-local),
 * unique-local (RFC 4193) and IPv6 link-local (RFC 4291 §2.5.6); IPv4-mapped ones are judged as IPv4.
 */
export function isPrivate(version: number, a: number, b: number, c: number, d: number): boolean {
  if (version === 4 || isMapped(a, b, c)) {
    return (
      d >>> 24 === 10 ||
      d >>> 20 === 0xac1 || // 172.16.0.0/12
      d >>> 16 === 0xc0a8 || // 192.168.0.0/16
      d >>> 22 === (100 << 2) + 1 || // 100.64.0.0/10
      d >>> 16 === 0xa9fe // 169.254.0.0/16
    );
  }
  return a >>> 25 === 0xfc >> 1 || a >>> 22 === 0xfe80 >> 6;
}

/** Neither loopback nor private; addresses kept for documentation count as public. False for what is no address. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === null) return false;
  const { version, ints } = address;
  return !isLoopback(version, ...ints) && !isPrivate(version, ...ints);
}
