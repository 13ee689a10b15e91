/**
 * The IPv6 header and its extension headers (RFC 8200 §3, §4).
 *
 *   0 version   4 payload length   6 next header   7 hop limit   8 source   24 destination   40 extension headers
 */

import { CUT_SHORT, type FrameKind, type FrameView, IP_FRAGMENT, MALFORMED, NOTHING } from './frame-view.ts';
import { decodeIcmp6 } from './icmp.ts';
import { int32, uint16 } from './integers.ts';
import { ipv6ExtensionLength, isIpv6Extension, MAX_IPV6_EXTENSIONS } from './ipv6-extension.ts';
import { decodeTcp, isUnwatched } from './tcp.ts';
import { decodeTunnel, isTunnelUdp, mayBeTunnel } from './tunnel.ts';

const HEADER_LENGTH = 40;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMP6 = 58;
const FRAGMENT = 44;

/**
 * Decodes the datagram at `offset`.
 *
 * @param end where the captured bytes end
 * @param wireEnd where the frame ended on the wire
 */
export function decodeIpv6(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + HEADER_LENGTH > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  if ((bytes[offset] as number) >> 4 !== 6) return MALFORMED;
  const nextHeader = bytes[offset + 6] as number;
  const payload = offset + HEADER_LENGTH;
  // Before all that is not needed for it, as in IPv4.
  if (nextHeader === PROTOCOL_TCP && payload + 4 <= end && isUnwatched(bytes, payload, view.ports)) return NOTHING;
  const payloadLength = uint16(bytes, offset + 4);
  // 0 is a jumbogram (RFC 2675) or a segment captured before the network card cut it: the frame knows its length.
  const ipEnd = payloadLength === 0 ? wireEnd : payload + payloadLength;
  view.ipVersion = 6;
  view.ipId = -1;
  view.dontFragment = 1;
  view.ttl = bytes[offset + 7] as number;
  view.source0 = int32(bytes, offset + 8);
  view.source1 = int32(bytes, offset + 12);
  view.source2 = int32(bytes, offset + 16);
  view.source3 = int32(bytes, offset + 20);
  view.destination0 = int32(bytes, offset + 24);
  view.destination1 = int32(bytes, offset + 28);
  view.destination2 = int32(bytes, offset + 32);
  view.destination3 = int32(bytes, offset + 36);
  return decodeIpv6Chain(bytes, nextHeader, payload, end, ipEnd, view);
}

/** Decodes what follows the fixed header: extension headers, then the transport. `nextHeader` says what is at `offset`. */
export function decodeIpv6Chain(
  bytes: Buffer,
  nextHeader: number,
  offset: number,
  end: number,
  ipEnd: number,
  view: FrameView,
): FrameKind {
  const captured = ipEnd < end ? ipEnd : end;
  let next = nextHeader;
  let at = offset;
  for (let count = 0; isIpv6Extension(next); count++) {
    if (count === MAX_IPV6_EXTENSIONS) return MALFORMED;
    if (at + 8 > captured) return ipEnd < at + 8 ? MALFORMED : CUT_SHORT;
    if (next === FRAGMENT) {
      const field = uint16(bytes, at + 2);
      // A datagram in one piece may still carry the header (RFC 6946): then it is read on.
      if ((field & 0xfff9) !== 0) return fragment(bytes, at, field, captured, ipEnd, view);
    }
    const length = ipv6ExtensionLength(next, bytes[at + 1] as number);
    next = bytes[at] as number;
    at += length;
  }
  view.protocol = next;
  if (next === PROTOCOL_TCP) return decodeTcp(bytes, at, end, ipEnd, view);
  if (next === PROTOCOL_ICMP6) return decodeIcmp6(bytes, at, captured, view);
  if (next === PROTOCOL_UDP && !isTunnelUdp(bytes, at, captured, false, view)) return NOTHING;
  return decodeTunnel(bytes, next, at, end, ipEnd, view);
}

/** The fragment header at `at`: 0 next header, 2 offset (13 bits) and M (1 bit), 4 identification (RFC 8200 §4.5). */
function fragment(
  bytes: Buffer,
  at: number,
  field: number,
  captured: number,
  ipEnd: number,
  view: FrameView,
): FrameKind {
  const protocol = bytes[at] as number;
  if (protocol !== PROTOCOL_TCP && !isIpv6Extension(protocol)) {
    if (!mayBeTunnel(protocol)) return NOTHING;
    if (protocol === PROTOCOL_UDP && !isTunnelUdp(bytes, at + 8, captured, (field & 0xfff8) !== 0, view))
      return NOTHING;
  }
  view.protocol = protocol;
  view.fragmentId = int32(bytes, at + 4);
  view.fragmentOffset = field & 0xfff8;
  view.moreFragments = field & 1;
  view.payloadStart = at + 8;
  view.payloadEnd = captured;
  view.payloadLength = ipEnd - (at + 8);
  return IP_FRAGMENT;
}
