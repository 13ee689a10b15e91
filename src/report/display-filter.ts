/** A Wireshark display filter for one connection. */
import type { Session } from '../smtp/session.ts';

/**
 * Selects exactly the packets of this connection: each direction is spelled out, because `ip.addr` and `tcp.port` alone
 * would also match a connection between the same two hosts with the ports exchanged. Frame bounds are added where the
 * four ports were used again.
 */
export function displayFilter(session: Session): string {
  const { client, server, frames } = session;
  const ip = client.address.includes(':') ? 'ipv6' : 'ip';
  const way = (from: typeof client, to: typeof client): string =>
    `(${ip}.src == ${from.address} && ${ip}.dst == ${to.address} && tcp.srcport == ${from.port} && tcp.dstport == ${to.port})`;
  const both = `${way(client, server)} || ${way(server, client)}`;
  if (!session.portsReused) return both;
  const upper = frames.last >= frames.first ? ` && frame.number <= ${frames.last}` : '';
  return `(${both}) && frame.number >= ${frames.first}${upper}`;
}
