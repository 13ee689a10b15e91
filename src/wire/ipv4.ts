/**
 * The IPv4 header (RFC 791 §3.1).
 *
 *   0 version, header length   2 total length   4 identification   6 flags, fragment offset   8 TTL   9 protocol
 *   10 checksum (not verified)   12 source   16 destination   20 options
 */

import { CUT_SHORT, type FrameKind, type FrameView, IP_FRAGMENT, MALFORMED, NOTHING } from './frame-view.ts';
import { decodeIcmp4 } from './icmp.ts';
import { int32, uint16 } from './integers.ts';
import { decodeTcp, isUnwatched } from './tcp.ts';
import { decodeRareIpv4 } from './tunnel.ts';

const HEADER_LENGTH = 20;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;

/**
 * Decodes the datagram at `offset`.
 *
 * @param end where the captured bytes end
 * @param wireEnd where the frame ended on the wire
 */
export function decodeIpv4(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + HEADER_LENGTH > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const first = bytes[offset] as number;
  const headerLength = (first & 15) << 2;
  if (first >> 4 !== 4 || headerLength < HEADER_LENGTH) return MALFORMED;
  const protocol = bytes[offset + 9] as number;
  if (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_ICMP) {
    return decodeRareIpv4(bytes, offset, headerLength, end, wireEnd, view);
  }
  const fragmentField = uint16(bytes, offset + 6);
  const payload = offset + headerLength;
  // Most packets of most captures leave here, so it comes before all that is not needed for it (16 ns, not 37).
  if (protocol === PROTOCOL_TCP && (fragmentField & 0x3fff) === 0 && payload + 4 <= end) {
    if (isUnwatched(bytes, payload, view.ports)) return NOTHING;
  }
  const totalLength = uint16(bytes, offset + 2);
  // 0 is a segment captured before the network card cut it (TSO): the frame knows its length.
  const ipEnd = totalLength === 0 ? wireEnd : offset + totalLength;
  if (payload > ipEnd) return MALFORMED;

  view.ipVersion = 4;
  view.protocol = protocol;
  view.ipId = uint16(bytes, offset + 4);
  view.dontFragment = (fragmentField >> 14) & 1;
  view.ttl = bytes[offset + 8] as number;
  view.source0 = 0;
  view.source1 = 0;
  view.source2 = 0;
  view.source3 = int32(bytes, offset + 12);
  view.destination0 = 0;
  view.destination1 = 0;
  view.destination2 = 0;
  view.destination3 = int32(bytes, offset + 16);
  const captured = ipEnd < end ? ipEnd : end;
  if ((fragmentField & 0x3fff) !== 0) {
    if (protocol !== PROTOCOL_TCP) return NOTHING;
    view.fragmentId = view.ipId;
    view.fragmentOffset = (fragmentField & 0x1fff) << 3;
    view.moreFragments = (fragmentField >> 13) & 1;
    view.payloadStart = payload < captured ? payload : captured;
    view.payloadEnd = captured;
    view.payloadLength = ipEnd - payload;
    return IP_FRAGMENT;
  }
  if (protocol === PROTOCOL_TCP) return decodeTcp(bytes, payload, end, ipEnd, view);
  return decodeIcmp4(bytes, payload, captured, view);
}
