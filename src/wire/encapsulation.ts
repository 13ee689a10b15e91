/**
 * What stands between a link layer and IP on some networks: PPPoE and PPP, MPLS, further VLAN tags, GRE inside of
 * Ethernet types. None of it is on the path of plain Ethernet: it is reached where that path gives up.
 *
 * Every header here may hold another one, a whole Ethernet frame too, so each counts towards the limit of nesting.ts: a
 * packet of nothing but headers ends there, and never in the depth of the call stack.
 */

import { decodeEthernet, decodeEtherType, decodeLlc } from './ethernet.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { enter, leave } from './nesting.ts';

/** Transparent Ethernet bridging: a whole frame, its header included (GRE, Geneve). */
export const ETHERTYPE_BRIDGING = 0x6558;
const MPLS_UNICAST = 0x8847;
const MPLS_MULTICAST = 0x8848;
const PPPOE_SESSION = 0x8864;
/** Tags of switches from before 802.1ad. */
const OLD_VLAN_TAG = 0x9200;
const OTHER_OLD_VLAN_TAG = 0x9300;
/** 802.1ah: 4 bytes of service instance, then a whole frame. */
const BACKBONE_TAG = 0x88e7;
/** LLC behind an EtherType, for frames longer than an 802.3 length can say. */
const JUMBO_LLC = 0x8870;

/** Decodes what an EtherType other than IPv4, IPv6 and the usual VLAN tags says is at `offset`. */
export function decodeRareEtherType(
  bytes: Buffer,
  etherType: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  switch (etherType) {
    case MPLS_UNICAST:
    case MPLS_MULTICAST:
    case PPPOE_SESSION:
    case OLD_VLAN_TAG:
    case OTHER_OLD_VLAN_TAG:
    case BACKBONE_TAG:
    case JUMBO_LLC:
    case ETHERTYPE_BRIDGING:
      break;
    default:
      return NOTHING;
  }
  if (!enter(view)) return NOTHING;
  const kind = inside(bytes, etherType, offset, end, wireEnd, view);
  leave(view);
  return kind;
}

function inside(
  bytes: Buffer,
  etherType: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  switch (etherType) {
    case MPLS_UNICAST:
    case MPLS_MULTICAST:
      return decodeMpls(bytes, offset, end, wireEnd, view);
    case PPPOE_SESSION:
      return decodePppoe(bytes, offset, end, wireEnd, view);
    case BACKBONE_TAG:
      return decodeEthernet(bytes, offset + 4, end, wireEnd, view);
    case JUMBO_LLC:
      return decodeLlc(bytes, offset, end, wireEnd, view);
    case ETHERTYPE_BRIDGING:
      return decodeEthernet(bytes, offset, end, wireEnd, view);
    default:
      if (offset + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
      return decodeEtherType(bytes, uint16(bytes, offset + 2), offset + 4, end, wireEnd, view);
  }
}

/**
 * MPLS (RFC 3032): entries of label (20 bits), class (3), bottom of stack (1) and TTL (8). Nothing says what is below:
 * its first four bits tell IPv4 and IPv6, and 0 is the control word of an Ethernet pseudowire (RFC 4448 §4.6).
 */
export function decodeMpls(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  let at = offset;
  for (let isBottom = false; !isBottom; at += 4) {
    if (at + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
    isBottom = ((bytes[at + 2] as number) & 1) === 1;
  }
  if (at >= end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const nibble = (bytes[at] as number) >> 4;
  if (nibble === 4) return decodeIpv4(bytes, at, end, wireEnd, view);
  if (nibble === 6) return decodeIpv6(bytes, at, end, wireEnd, view);
  return nibble === 0 ? decodeEthernet(bytes, at + 4, end, wireEnd, view) : NOTHING;
}

/** PPPoE (RFC 2516 §4): 0 version 1 and type 1   1 code, 0 in a session   2 session   4 length   6 a PPP protocol */
export function decodePppoe(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 6 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  if (bytes[offset] !== 0x11 || bytes[offset + 1] !== 0) return NOTHING;
  const pppEnd = offset + 6 + uint16(bytes, offset + 4);
  // 0 is a segment captured before the network card cut it, as in IPv4.
  const isKnown = pppEnd > offset + 6 && pppEnd <= wireEnd;
  return decodePppProtocol(bytes, offset + 6, end, isKnown ? pppEnd : wireEnd, view);
}

/** PPP, with the address and control bytes of HDLC (RFC 1662 §3.1) or without them. */
export function decodePpp(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  const isFramed = offset + 2 <= end && bytes[offset] === 0xff && bytes[offset + 1] === 3;
  return decodePppProtocol(bytes, isFramed ? offset + 2 : offset, end, wireEnd, view);
}

/** A PPP protocol number, in one byte where it was compressed (RFC 1661 §6.5), and what it names. */
function decodePppProtocol(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 2 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const isCompressed = ((bytes[offset] as number) & 1) === 1;
  const protocol = isCompressed ? (bytes[offset] as number) : uint16(bytes, offset);
  const at = offset + (isCompressed ? 1 : 2);
  if (protocol === 0x21) return decodeIpv4(bytes, at, end, wireEnd, view);
  if (protocol === 0x57) return decodeIpv6(bytes, at, end, wireEnd, view);
  if (protocol === 0x281 || protocol === 0x283) return decodeRareEtherType(bytes, MPLS_UNICAST, at, end, wireEnd, view);
  return NOTHING;
}

/** Cisco HDLC: 0 address (0F unicast, 8F multicast)   1 control, 0   2 an EtherType */
export function decodeCiscoHdlc(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  return decodeEtherType(bytes, uint16(bytes, offset + 2), offset + 4, end, wireEnd, view);
}

/** LLC that is no SNAP of Ethernet: IP without it (DSAP and SSAP 06, unnumbered information), or bridged 802.1H. */
export function decodeRareLlc(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 3 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  if (bytes[offset] === 6 && bytes[offset + 1] === 6 && bytes[offset + 2] === 3) {
    return decodeIpv4(bytes, offset + 3, end, wireEnd, view);
  }
  if (offset + 8 > end || int32(bytes, offset) !== (0xaaaa0300 | 0)) return NOTHING;
  const organisation = uint16(bytes, offset + 4);
  if (organisation !== 0 && organisation !== 0x00f8) return NOTHING;
  if (!enter(view)) return NOTHING;
  const kind = decodeEtherType(bytes, uint16(bytes, offset + 6), offset + 8, end, wireEnd, view);
  leave(view);
  return kind;
}
