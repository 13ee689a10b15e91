/**
 * Where an address lives. Public means: not loopback, RFC 1918, RFC 6598, RFC 3927, unique-local or link-local.
 * Documentation addresses count as public.
 */
import type { Session } from '../smtp/session.ts';

export type Reach = 'public' | 'private' | 'loopback';

/** Asked of a few addresses again and again. */
const KNOWN = new Map<string, Reach>();
const MAX_KNOWN = 1_024;

export function reachOf(address: string): Reach {
  let reach = KNOWN.get(address);
  if (reach === undefined) {
    reach = readReach(address);
    if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
    KNOWN.set(address, reach);
  }
  return reach;
}

function readReach(address: string): Reach {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  const text = (mapped?.[1] ?? address).toLowerCase();
  return text.includes(':') ? reachOfV6(text) : reachOfV4(text);
}

/** The whole connection: public when an end is, loopback when both ends are. */
export function reachOfSession(session: Session): Reach {
  const client = reachOf(session.client.address);
  const server = reachOf(session.server.address);
  if (client === 'public' || server === 'public') return 'public';
  return client === 'loopback' && server === 'loopback' ? 'loopback' : 'private';
}

function reachOfV4(address: string): Reach {
  const [a = 0, b = 0] = address.split('.').map(Number);
  if (a === 127) return 'loopback';
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254);
  return isPrivate ? 'private' : 'public';
}

function reachOfV6(address: string): Reach {
  if (address === '::1') return 'loopback';
  const first = Number.parseInt(address.split(':')[0] || '0', 16);
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 ? 'private' : 'public';
}
