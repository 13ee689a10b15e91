/**
 * BSD loopback (4 bytes of address family) and raw IP (nothing at all).
 *
 * NULL writes the family in the byte order of the machine that captured, LOOP in network order; files exist that do it
 * the other way, so both orders are read in both. AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and
 * OpenBSD, 28 on FreeBSD, 30 on macOS.
 */

import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING } from './frame-view.ts';
import { uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';

export function decodeLoopback(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const high = uint16(bytes, offset);
  const low = uint16(bytes, offset + 2);
  // The family is below 256: in either order, one of the outer bytes is all of it.
  const family = high === 0 ? low : low === 0 && (high & 255) === 0 ? high >> 8 : 0;
  if (family === 2) return decodeIpv4(bytes, offset + 4, end, wireEnd, view);
  if (family === 10 || family === 24 || family === 28 || family === 30) {
    return decodeIpv6(bytes, offset + 4, end, wireEnd, view);
  }
  return NOTHING;
}

/** An IP datagram of either version, told by its first four bits. */
export function decodeRawIp(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset >= end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const version = (bytes[offset] as number) >> 4;
  if (version === 4) return decodeIpv4(bytes, offset, end, wireEnd, view);
  if (version === 6) return decodeIpv6(bytes, offset, end, wireEnd, view);
  return MALFORMED;
}
