/**
 * IP in IP, and what else carries a packet inside of a packet: the inner one is decoded as if it had been captured
 * alone, and the view speaks of it. Reached only where the plain path gives up: IP that is neither TCP nor ICMP.
 *
 *   protocol 4, 41   IPv4, IPv6 (RFC 2003, RFC 4213)       UDP 2152   GTP-U (3GPP TS 29.281 §5)
 *   protocol 47      GRE (RFC 2784, 2890), ERSPAN, PPTP     UDP 4754   GRE in UDP (RFC 8086)
 *   protocol 97      EtherIP (RFC 3378)                     UDP 4789, 8472   VXLAN (RFC 7348); 8472 is Linux's default
 *   protocol 137     MPLS in IP (RFC 4023)                  UDP 4790   VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe)
 *                                                           UDP 6081   Geneve (RFC 8926)
 *                                                           UDP 6635   MPLS in UDP (RFC 7510)
 *
 * A UDP port is a guess, so what contradicts itself behind one is not ours rather than malformed. What belongs to which
 * tunnel is not told apart: connections of two networks with the same addresses and ports would be taken for one.
 */

import { decodeMpls, decodePpp, decodeRareEtherType, ETHERTYPE_BRIDGING } from './encapsulation.ts';
import { decodeEthernet, decodeEtherType } from './ethernet.ts';
import { CUT_SHORT, type FrameKind, type FrameView, IP_FRAGMENT, MALFORMED, NOTHING } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { enter, leave } from './nesting.ts';

const IPV4 = 4;
const UDP = 17;
const IPV6 = 41;
const GRE = 47;
const ETHERIP = 97;
const MPLS = 137;

const UDP_HEADER_LENGTH = 8;

/** Whether `decodeTunnel` may find a packet in a datagram of this protocol; of UDP, its ports decide. */
export function mayBeTunnel(protocol: number): boolean {
  return (
    protocol === UDP ||
    protocol === GRE ||
    protocol === IPV4 ||
    protocol === IPV6 ||
    protocol === ETHERIP ||
    protocol === MPLS
  );
}

/** The other half of `decodeIpv4`: an IPv4 datagram at `offset` that carries neither TCP nor ICMP. */
export function decodeRareIpv4(
  bytes: Buffer,
  offset: number,
  headerLength: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  const protocol = bytes[offset + 9] as number;
  if (!mayBeTunnel(protocol)) return NOTHING;
  const payload = offset + headerLength;
  const fragmentField = uint16(bytes, offset + 6);
  if (protocol === UDP && !isTunnelUdp(bytes, payload, end, (fragmentField & 0x1fff) !== 0, view)) return NOTHING;
  const totalLength = uint16(bytes, offset + 2);
  const ipEnd = totalLength === 0 ? wireEnd : offset + totalLength;
  if (payload > ipEnd) return MALFORMED;
  if ((fragmentField & 0x3fff) === 0) return decodeTunnel(bytes, protocol, payload, end, ipEnd, view);

  const captured = ipEnd < end ? ipEnd : end;
  view.ipVersion = 4;
  view.protocol = protocol;
  view.ipId = uint16(bytes, offset + 4);
  view.ttl = bytes[offset + 8] as number;
  view.source0 = 0;
  view.source1 = 0;
  view.source2 = 0;
  view.source3 = int32(bytes, offset + 12);
  view.destination0 = 0;
  view.destination1 = 0;
  view.destination2 = 0;
  view.destination3 = int32(bytes, offset + 16);
  view.fragmentId = view.ipId;
  view.fragmentOffset = (fragmentField & 0x1fff) << 3;
  view.moreFragments = (fragmentField >> 13) & 1;
  view.payloadStart = payload < captured ? payload : captured;
  view.payloadEnd = captured;
  view.payloadLength = ipEnd - payload;
  return IP_FRAGMENT;
}

/**
 * Whether a UDP datagram, or a later fragment of one, is worth a look. A fragment does not show its ports: it is taken
 * only once the capture has shown a tunnel over UDP, so that other traffic in fragments costs nothing.
 */
export function isTunnelUdp(
  bytes: Buffer,
  offset: number,
  end: number,
  isLaterFragment: boolean,
  view: FrameView,
): boolean {
  if (isLaterFragment) return view.sawUdpTunnel === 1;
  if (offset + UDP_HEADER_LENGTH > end) return false;
  const port = uint16(bytes, offset + 2);
  const isTunnel =
    port === 4789 ||
    port === 8472 ||
    port === 6081 ||
    port === 2152 ||
    port === 4754 ||
    port === 4790 ||
    port === 6635 ||
    // GTP-U alone may answer from its port.
    uint16(bytes, offset) === 2152;
  if (isTunnel) view.sawUdpTunnel = 1;
  return isTunnel;
}

/** Decodes what a datagram of this protocol carries at `offset`; `ipEnd` is where it ends by its IP length. */
export function decodeTunnel(
  bytes: Buffer,
  protocol: number,
  offset: number,
  end: number,
  ipEnd: number,
  view: FrameView,
): FrameKind {
  if (!mayBeTunnel(protocol) || !enter(view)) return NOTHING;
  const kind = inside(bytes, protocol, offset, ipEnd < end ? ipEnd : end, ipEnd, view);
  leave(view);
  return kind;
}

function inside(
  bytes: Buffer,
  protocol: number,
  offset: number,
  end: number,
  ipEnd: number,
  view: FrameView,
): FrameKind {
  switch (protocol) {
    case IPV4:
      return decodeIpv4(bytes, offset, end, ipEnd, view);
    case IPV6:
      return decodeIpv6(bytes, offset, end, ipEnd, view);
    case GRE:
      return decodeGre(bytes, offset, end, ipEnd, view);
    case MPLS:
      return decodeMpls(bytes, offset, end, ipEnd, view);
    case ETHERIP:
      // Version 3 in four bits, twelve that are reserved.
      if (offset + 2 > end || (bytes[offset] as number) >> 4 !== 3) return NOTHING;
      return decodeEthernet(bytes, offset + 2, end, ipEnd, view);
    default: {
      const kind = decodeUdp(bytes, offset, end, ipEnd, view);
      return kind === MALFORMED ? NOTHING : kind;
    }
  }
}

function decodeUdp(bytes: Buffer, offset: number, end: number, ipEnd: number, view: FrameView): FrameKind {
  if (offset + UDP_HEADER_LENGTH > end) return NOTHING;
  const at = offset + UDP_HEADER_LENGTH;
  const length = uint16(bytes, offset + 4);
  const udpEnd = offset + length;
  // A length of 0 is one that did not fit (offload); one behind the datagram is a lie.
  const wireEnd = length >= UDP_HEADER_LENGTH && udpEnd < ipEnd ? udpEnd : ipEnd;
  const captured = wireEnd < end ? wireEnd : end;
  switch (uint16(bytes, offset + 2)) {
    case 4789:
    case 8472:
      return decodeVxlan(bytes, at, captured, wireEnd, view);
    case 4790:
      return decodeVxlanGpe(bytes, at, captured, wireEnd, view);
    case 6081:
      return decodeGeneve(bytes, at, captured, wireEnd, view);
    case 6635:
      return decodeMpls(bytes, at, captured, wireEnd, view);
    case 4754:
      return decodeGre(bytes, at, captured, wireEnd, view);
    default:
      return isTunnelUdp(bytes, offset, end, false, view) ? decodeGtp(bytes, at, captured, wireEnd, view) : NOTHING;
  }
}

/** VXLAN: 0 flags (08: the network identifier is valid)   1 reserved   4 network identifier   7 reserved   8 a frame */
function decodeVxlan(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  if (((bytes[offset] as number) & 0x08) === 0) return NOTHING;
  return decodeEthernet(bytes, offset + 8, end, wireEnd, view);
}

/** VXLAN-GPE: as VXLAN, but byte 3 names what follows, where flag 04 says so. */
function decodeVxlanGpe(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  const next = ((bytes[offset] as number) & 0x04) === 0 ? 3 : (bytes[offset + 3] as number);
  if (next === 1) return decodeIpv4(bytes, offset + 8, end, wireEnd, view);
  if (next === 2) return decodeIpv6(bytes, offset + 8, end, wireEnd, view);
  return next === 3 ? decodeEthernet(bytes, offset + 8, end, wireEnd, view) : NOTHING;
}

/** Geneve: 0 version (2 bits), length of options in words (6)   1 flags   2 EtherType   4 network identifier   8 options */
function decodeGeneve(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  const first = bytes[offset] as number;
  if (first >> 6 !== 0) return NOTHING;
  const at = offset + 8 + ((first & 0x3f) << 2);
  if (at > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  return decodeEtherType(bytes, uint16(bytes, offset + 2), at, end, wireEnd, view);
}

/**
 * GTP-U: 0 version 1, flags   1 message type, 255 for a packet   2 length   4 tunnel   8 where a flag says so: sequence
 * number (2), N-PDU number (1), type of the first extension header (1); extension headers of `length × 4` bytes.
 */
function decodeGtp(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
  const flags = bytes[offset] as number;
  if (flags >> 4 !== 3 || bytes[offset + 1] !== 255) return NOTHING;
  let at = offset + 8;
  if ((flags & 7) !== 0) {
    if (at + 4 > end) return wireEnd > end ? CUT_SHORT : NOTHING;
    let next = (flags & 4) === 0 ? 0 : (bytes[at + 3] as number);
    at += 4;
    while (next !== 0) {
      if (at >= end) return wireEnd > end ? CUT_SHORT : NOTHING;
      const length = (bytes[at] as number) << 2;
      if (length === 0) return NOTHING;
      at += length;
      if (at > end) return wireEnd > end ? CUT_SHORT : NOTHING;
      next = bytes[at - 1] as number;
    }
  }
  if (at >= end) return wireEnd > end ? CUT_SHORT : NOTHING;
  const version = (bytes[at] as number) >> 4;
  if (version === 4) return decodeIpv4(bytes, at, end, wireEnd, view);
  return version === 6 ? decodeIpv6(bytes, at, end, wireEnd, view) : NOTHING;
}

const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_ACKNOWLEDGMENT = 0x0080;
const GRE_PPP = 0x880b;
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;

/**
 * GRE: 0 flags, version   2 EtherType, then as flagged: checksum (4), key (4), sequence number (4). Version 1 is that of
 * PPTP (RFC 2637 §4.1): an acknowledgment number may follow, and then PPP.
 */
function decodeGre(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const flags = uint16(bytes, offset);
  const type = uint16(bytes, offset + 2);
  const version = flags & 7;
  // Source routes (RFC 1701) are extinct.
  if (version > 1 || (flags & GRE_ROUTING) !== 0) return NOTHING;
  let at = offset + 4;
  if ((flags & GRE_CHECKSUM) !== 0) at += 4;
  if ((flags & GRE_KEY) !== 0) at += 4;
  if ((flags & GRE_SEQUENCE) !== 0) at += 4;
  if (version === 1 && (flags & GRE_ACKNOWLEDGMENT) !== 0) at += 4;
  if (at > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  if (type === GRE_PPP) return at === end ? NOTHING : decodePpp(bytes, at, end, wireEnd, view);
  if (version === 1) return NOTHING;
  if (type === ERSPAN) {
    // Type I has no header, and no sequence number in front of it; type II has 8 bytes.
    return decodeEthernet(bytes, (flags & GRE_SEQUENCE) === 0 ? at : at + 8, end, wireEnd, view);
  }
  if (type === ERSPAN_III) return decodeErspan3(bytes, at, end, wireEnd, view);
  if (type === ETHERTYPE_BRIDGING) return decodeRareEtherType(bytes, type, at, end, wireEnd, view);
  return decodeEtherType(bytes, type, at, end, wireEnd, view);
}

/** ERSPAN III (draft-foschiano-erspan): 12 bytes, the last bit of which announces 8 more. Frame type: 0 Ethernet, 2 IP. */
function decodeErspan3(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 12 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const at = offset + (((bytes[offset + 11] as number) & 1) === 0 ? 12 : 20);
  const frameType = ((bytes[offset + 10] as number) >> 2) & 0x1f;
  if (frameType === 0) return decodeEthernet(bytes, at, end, wireEnd, view);
  if (frameType !== 2) return NOTHING;
  if (at >= end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const version = (bytes[at] as number) >> 4;
  return version === 6 ? decodeIpv6(bytes, at, end, wireEnd, view) : decodeIpv4(bytes, at, end, wireEnd, view);
}
