/**
 * The filter that the kernel runs (pcap-filter(7)): everything that the analysis can use, and as little else as
 * possible. Beside the watched ports that is fragments, which have no ports from the second one on, and ICMP errors,
 * which quote a connection but belong to none.
 */

export interface FilterWish {
  readonly ports: readonly number[] | 'any';
  /** An expression of the user's, which TCP and fragments must meet as well. */
  readonly also: string | null;
  /** The link has Ethernet headers: tagged frames are let through, twice tagged ones too. */
  readonly vlan: boolean;
}

/** Fragments of TCP over IPv4 and IPv6: those of IPv4 behind the first, which have no ports; all of IPv6. */
const FRAGMENTS = '(ip[6:2] & 0x1fff != 0 and ip[9] = 6) or (ip6[6] = 44 and ip6[40] = 6)';
/** Destination unreachable and time exceeded; of ICMPv6 also packet too big. */
const ERRORS = 'icmp[0] = 3 or icmp[0] = 11 or (icmp6 and ip6[40] < 4)';

/**
 * `vlan` moves the offsets of all that stands behind it, so the whole expression is said once for each depth of tags;
 * where the user's own speaks of tags it stands first, and what it says of them holds for the rest. `not vlan` says that
 * there is nothing to move: it stands last.
 *
 * The user's expression does not hold for ICMP errors: they come from another host than the connection's.
 */
export function kernelFilter({ ports, also, vlan }: FilterWish): string {
  const tcp = ports === 'any' ? 'tcp' : ports.map((port) => `tcp port ${port}`).join(' or ');
  const streams = `${tcp} or ${FRAGMENTS}`;
  if (also !== null && NO_TAGS.test(also)) return `${ERRORS} or ((${streams}) and (${also}))`;
  if (also !== null && TAGS.test(also)) return `((${also}) and (${streams})) or ${ERRORS}`;
  const plain = also === null ? `${streams} or ${ERRORS}` : `((${streams}) and (${also})) or ${ERRORS}`;
  return vlan ? `${plain} or (vlan and (${plain})) or (vlan and (${plain}))` : plain;
}

const TAGS = /\bvlan\b/;
const NO_TAGS = /(?:\bnot\b|!)[\s(]*vlan\b/;

/** Whether every parenthesis of an expression has its other: else it would take apart what it is put into. */
export function isClosed(expression: string): boolean {
  let depth = 0;
  for (const character of expression) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return depth === 0;
}
