/** Which clients count as one: a mail system may try again from another address of its network. */

let lastAddress = '';
let lastNetwork = '';

/** The /24 of an IPv4 address, the /64 of an IPv6 address: `198.51.100.`, `2001:db8:0:1:`. */
export function networkOf(address: string): string {
  // Several collectors ask for the same session in a row.
  if (address === lastAddress) return lastNetwork;
  lastAddress = address;
  lastNetwork = isIpv4(address) ? address.slice(0, address.lastIndexOf('.') + 1) : network6(address);
  return lastNetwork;
}

/** The same for a person: `198.51.100.0/24`, `2001:db8:0:1::/64`. */
export function networkWords(network: string): string {
  return network.endsWith('.') ? `${network.replace(/^::ffff:/i, '')}0/24` : `${network}:/64`;
}

/** Mapped addresses (`::ffff:192.0.2.1`) too. */
function isIpv4(address: string): boolean {
  return address.includes('.');
}

function network6(address: string): string {
  const gap = address.indexOf('::');
  if (gap < 0) return `${address.split(':', 4).join(':')}:`;
  const head = gap === 0 ? [] : address.slice(0, gap).split(':');
  const tail = gap + 2 === address.length ? [] : address.slice(gap + 2).split(':');
  while (head.length + tail.length < 8) head.push('0');
  return `${[...head, ...tail].slice(0, 4).join(':')}:`;
}
