/**
 * Names of a connection that other tools know, or could have given it. All are made from the connection itself, so that
 * two runs over the same capture, in whatever format, can be joined.
 */
import { createHash } from 'node:crypto';
import type { Session } from '../../smtp/session.ts';

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
