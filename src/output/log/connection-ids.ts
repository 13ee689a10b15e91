/**
 * Names of a connection that other tools know, or could have given it. All are made from the connection itself, so that
 * two runs over the same capture, in whatever format, can be joined.
 */
import { createHash } from 'node:crypto';
import type { Session } from '../../smtp/session.ts';
import { parseAddress } from '../../wire/addresses.ts';

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

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const UID_DIGITS = 17;

/** As Zeek's `uid` of a connection: `C` and 17 letters or digits. Zeek draws its own anew in each run. */
export function connectionUid(session: Session): string {
  let rest = connectionHash(session).readBigUInt64BE(0) * 2n ** 48n + BigInt(connectionHash(session).readUIntBE(8, 6));
  let uid = '';
  while (uid.length < UID_DIGITS) {
    uid += BASE62[Number(rest % 62n)];
    rest /= 62n;
  }
  return `C${uid}`;
}

/** As Suricata's `flow_id`: a positive integer that every reader of JSON keeps exactly. */
export function flowId(session: Session): number {
  return connectionHash(session).readUIntBE(16, 6);
}

/** Two connections between the same four ends begin at different times, or, without times, in different frames. */
function connectionHash({ client, server, start, frames }: Session): Buffer {
  const began = Number.isNaN(start.us) ? `frame ${frames.first}` : `${start.us}.${start.nanos}`;
  const ends = `${client.address} ${client.port} ${server.address} ${server.port}`;
  return createHash('sha256').update(`${began} ${ends}`).digest();
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
