/**
 * Where an address lives. Public means: not loopback, RFC 1918, RFC 6598, RFC 3927, unique-local or link-local.
 * Documentation addresses count as public.
 */
import type { Session } from '../smtp/session.ts';

export type Reach = 'public' | 'private' | 'loopback';

const ZERO = 48;
const NINE = 57;
const DOT = 46;

export function reachOf(address: string): Reach {
  // Every session is asked: the usual form is read without a string.
  const first = octetAt(address, 0);
  if (first < 0) return readReach(address);
  const second = octetAt(address, address.indexOf('.') + 1);
  return second < 0 ? readReach(address) : reachOfOctets(first, second);
}

/** The decimal number at `start`, where a dot stands behind it; -1 when there is none. */
function octetAt(address: string, start: number): number {
  let octet = 0;
  let at = start;
  for (; at < address.length; at++) {
    const digit = address.charCodeAt(at);
    if (digit < ZERO || digit > NINE) break;
    octet = octet * 10 + digit - ZERO;
  }
  return at > start && address.charCodeAt(at) === DOT ? octet : -1;
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
  return reachOfOctets(a, b);
}

function reachOfOctets(a: number, b: number): Reach {
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
