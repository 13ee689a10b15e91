/** The Community ID of a connection: the name that Zeek, Suricata, Elastic and Wireshark have for it too. */
import { createHash } from 'node:crypto';
import type { Session } from '../smtp/session.ts';
import { parseAddress } from '../wire/addresses.ts';

const PROTOCOL_TCP = 6;

/**
 * Community ID version 1 with seed 0 (github.com/corelight/community-id-spec), the key that joins Zeek, Suricata and
 * Elastic: `1:` and the base64 of SHA-1 over seed, addresses, protocol, padding and ports, the smaller end first.
 */
export function communityId({ client, server }: Pick<Session, 'client' | 'server'>): string {
  const from = endpointBytes(client);
  const to = endpointBytes(server);
  const isForward = Buffer.compare(Buffer.concat([from.address, from.port]), Buffer.concat([to.address, to.port])) <= 0;
  const [first, second] = isForward ? [from, to] : [to, from];
  const hash = createHash('sha1')
    .update(Buffer.alloc(2))
    .update(first.address)
    .update(second.address)
    .update(Buffer.from([PROTOCOL_TCP, 0]))
    .update(first.port)
    .update(second.port)
    .digest('base64');
  return `1:${hash}`;
}

function endpointBytes({ address, port }: Session['client']): { address: Buffer; port: Buffer } {
  const parsed = parseAddress(address);
  const ints = parsed === null ? [] : parsed.version === 4 ? parsed.ints.slice(3) : parsed.ints;
  const bytes = Buffer.alloc(4 * ints.length);
  ints.forEach((int, index) => {
    bytes.writeInt32BE(int, 4 * index);
  });
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  return { address: bytes, port: portBytes };
}
