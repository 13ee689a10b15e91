/**
 * What an EtherType names, and the Ethernet header itself (IEEE 802.3 §3, 802.1Q §9).
 *
 *   0 destination   6 source   12 EtherType, or the length of an 802.3 frame   14 …
 *
 * The EtherType is also what Linux cooked headers and VLAN tags end in, so all of them meet in `decodeEtherType`, which
 * leaves what is neither IP nor a tag (PPPoE, MPLS …) to encapsulation.ts.
 */

import { decodeRareEtherType, decodeRareLlc } from './encapsulation.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';

const HEADER_LENGTH = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
/** Below this, the field is a length and an LLC header follows. */
const FIRST_ETHERTYPE = 0x0600;

export function decodeEthernet(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + HEADER_LENGTH > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const etherType = uint16(bytes, offset + 12);
  if (etherType < FIRST_ETHERTYPE) return decodeLlc(bytes, offset + HEADER_LENGTH, end, wireEnd, view);
  return decodeEtherType(bytes, etherType, offset + HEADER_LENGTH, end, wireEnd, view);
}

/** Decodes what `etherType` says is at `offset`, behind as many VLAN tags as there are. */
export function decodeEtherType(
  bytes: Buffer,
  etherType: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  let type = etherType;
  let at = offset;
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (at + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
    type = uint16(bytes, at + 2);
    at += 4;
  }
  if (type === IPV4) return decodeIpv4(bytes, at, end, wireEnd, view);
  if (type === IPV6) return decodeIpv6(bytes, at, end, wireEnd, view);
  // Inside a tag the field may be a length as well.
  if (type < FIRST_ETHERTYPE && at > offset) return decodeLlc(bytes, at, end, wireEnd, view);
  return decodeRareEtherType(bytes, type, at, end, wireEnd, view);
}

/** LLC with SNAP (IEEE 802.2, RFC 1042): AA AA 03, an organisation of zeros, an EtherType. */
export function decodeLlc(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 <= end && int32(bytes, offset) === (0xaaaa0300 | 0) && uint16(bytes, offset + 4) === 0) {
    const type = uint16(bytes, offset + 6);
    if (type === IPV4) return decodeIpv4(bytes, offset + 8, end, wireEnd, view);
    if (type === IPV6) return decodeIpv6(bytes, offset + 8, end, wireEnd, view);
  }
  return decodeRareLlc(bytes, offset, end, wireEnd, view);
}
