/**
 * The link types that few captures have: point-to-point links, firewall logs, radio, and headers that wrap another link
 * type. The usual ones are in the table of `decodeFrame`, which comes here with all others.
 */

import { decodeCiscoHdlc, decodeMpls, decodePpp, decodePppoe } from './encapsulation.ts';
import { decodeEtherType, decodeLlc } from './ethernet.ts';
import { decodeFrame } from './frame.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING, UNREAD_LINK_TYPE } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { decodeJuniper } from './juniper.ts';
import {
  LINKTYPE_APPLE_IP_OVER_IEEE1394,
  LINKTYPE_ATM_RFC1483,
  LINKTYPE_C_HDLC,
  LINKTYPE_C_HDLC_WITH_DIR,
  LINKTYPE_ENC,
  LINKTYPE_FDDI,
  LINKTYPE_IEEE802_11,
  LINKTYPE_IEEE802_11_AVS,
  LINKTYPE_IEEE802_11_PRISM,
  LINKTYPE_IEEE802_11_RADIOTAP,
  LINKTYPE_IPOIB,
  LINKTYPE_JUNIPER_CHDLC,
  LINKTYPE_JUNIPER_ETHER,
  LINKTYPE_JUNIPER_PPP,
  LINKTYPE_JUNIPER_PPPOE,
  LINKTYPE_MPLS,
  LINKTYPE_NFLOG,
  LINKTYPE_PFLOG,
  LINKTYPE_PKTAP,
  LINKTYPE_PPI,
  LINKTYPE_PPP,
  LINKTYPE_PPP_ETHER,
  LINKTYPE_PPP_HDLC,
  LINKTYPE_PPP_PPPD,
  LINKTYPE_PPP_WITH_DIR,
} from './link-types.ts';
import { enter, leave } from './nesting.ts';
import { decodePrism, decodeRadiotap, decodeWlan, littleEndian16 } from './wlan.ts';

/** `decodeFrame` for the link types that are not in its own table. */
export function decodeRareLink(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  linkType: number,
  view: FrameView,
): FrameKind {
  switch (linkType) {
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC:
      return decodePppOrHdlc(bytes, offset, end, wireEnd, view);
    case LINKTYPE_PPP_PPPD:
    case LINKTYPE_PPP_WITH_DIR:
      return decodeDirectedPpp(bytes, offset, end, wireEnd, view);
    case LINKTYPE_PPP_ETHER:
      return decodePppoe(bytes, offset, end, wireEnd, view);
    case LINKTYPE_C_HDLC:
      return decodeCiscoHdlc(bytes, offset, end, wireEnd, view);
    case LINKTYPE_C_HDLC_WITH_DIR:
      return decodeCiscoHdlc(bytes, offset + 1, end, wireEnd, view);
    case LINKTYPE_MPLS:
      return decodeMpls(bytes, offset, end, wireEnd, view);
    case LINKTYPE_IEEE802_11:
      return decodeWlan(bytes, offset, end, wireEnd, view);
    case LINKTYPE_IEEE802_11_RADIOTAP:
      return decodeRadiotap(bytes, offset, end, wireEnd, view);
    case LINKTYPE_IEEE802_11_PRISM:
    case LINKTYPE_IEEE802_11_AVS:
      return decodePrism(bytes, offset, end, wireEnd, view);
    case LINKTYPE_PPI:
      return decodePpi(bytes, offset, end, wireEnd, view);
    case LINKTYPE_PKTAP:
      return decodePktap(bytes, offset, end, wireEnd, view);
    case LINKTYPE_NFLOG:
      return decodeNflog(bytes, offset, end, wireEnd, view);
    case LINKTYPE_PFLOG:
      return decodePflog(bytes, offset, end, wireEnd, view);
    case LINKTYPE_ENC:
      return decodeEnc(bytes, offset, end, wireEnd, view);
    case LINKTYPE_APPLE_IP_OVER_IEEE1394:
      return decodeTyped(bytes, 16, 18, offset, end, wireEnd, view);
    case LINKTYPE_IPOIB:
      // 40 bytes of global route header, then the EtherType and two bytes that are reserved (RFC 4391 §6).
      return decodeTyped(bytes, 40, 44, offset, end, wireEnd, view);
    case LINKTYPE_ATM_RFC1483:
      return decodeLlc(bytes, offset, end, wireEnd, view);
    case LINKTYPE_JUNIPER_PPPOE:
    case LINKTYPE_JUNIPER_ETHER:
    case LINKTYPE_JUNIPER_PPP:
    case LINKTYPE_JUNIPER_CHDLC:
      return decodeJuniper(bytes, offset, end, wireEnd, linkType, view);
    case LINKTYPE_FDDI:
      return decodeLlc(bytes, offset + 13, end, wireEnd, view);
    default:
      return UNREAD_LINK_TYPE;
  }
}

/** A header of fixed length with an EtherType in it. */
function decodeTyped(
  bytes: Buffer,
  typeAt: number,
  length: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + length > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  return decodeEtherType(bytes, uint16(bytes, offset + typeAt), offset + length, end, wireEnd, view);
}

/** Routers write Cisco HDLC under the link type of PPP: its first byte tells (RFC 1547 §4.3.1). */
function decodePppOrHdlc(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 2 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const isCisco = (bytes[offset] === 0x0f || bytes[offset] === 0x8f) && bytes[offset + 1] === 0;
  return isCisco ? decodeCiscoHdlc(bytes, offset, end, wireEnd, view) : decodePpp(bytes, offset, end, wireEnd, view);
}

/** One byte of direction in front of PPP; Linux's pppd puts it in place of the address byte, and the control byte stays. */
function decodeDirectedPpp(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 2 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const isAddress = bytes[offset + 1] === 3;
  return decodePpp(bytes, offset + (isAddress ? 2 : 1), end, wireEnd, view);
}

/** Per-packet information (little-endian): 0 version, flags   2 length   4 link type of what follows */
function decodePpi(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const length = littleEndian16(bytes, offset + 2);
  if (length < 8) return MALFORMED;
  const linkType = littleEndian16(bytes, offset + 4);
  return decodeWrapped(bytes, offset + length, end, wireEnd, linkType, view);
}

/** macOS, `tcpdump -i any` and pktap devices (little-endian): 0 length   4 type, 1 for a packet   8 link type */
function decodePktap(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 12 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const length = littleEndian16(bytes, offset);
  if (length < 12) return MALFORMED;
  if (bytes[offset + 4] !== 1) return NOTHING;
  return decodeWrapped(bytes, offset + length, end, wireEnd, littleEndian16(bytes, offset + 8), view);
}

function decodeWrapped(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  linkType: number,
  view: FrameView,
): FrameKind {
  if (offset > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  if (!enter(view)) return NOTHING;
  const kind = decodeFrame(bytes, offset, end, linkType, wireEnd - offset, view);
  leave(view);
  // The capture's own link type is read; that of one packet inside is not.
  return kind === UNREAD_LINK_TYPE ? NOTHING : kind;
}

const NFLOG_PAYLOAD = 9;

/**
 * Netfilter's log: 0 address family   1 version 0   2 group, then attributes of length (2, its own four bytes included),
 * type (2) and value, padded to 4 bytes. Their numbers are in the byte order of the host that captured.
 */
function decodeNflog(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  if (bytes[offset + 1] !== 0) return NOTHING;
  // The first attribute is a short one: in the right order its length has a zero in its upper byte.
  const isBig = bytes[offset + 4] === 0;
  for (let at = offset + 4; at + 4 <= end; ) {
    const length = isBig ? uint16(bytes, at) : littleEndian16(bytes, at);
    const type = (isBig ? uint16(bytes, at + 2) : littleEndian16(bytes, at + 2)) & 0x7fff;
    if (length < 4) return MALFORMED;
    if (type === NFLOG_PAYLOAD) {
      const valueEnd = at + length;
      return decodeFamily(bytes, bytes[offset] as number, at + 4, end, valueEnd < wireEnd ? valueEnd : wireEnd, view);
    }
    at += (length + 3) & ~3;
  }
  return wireEnd > end ? CUT_SHORT : NOTHING;
}

/** BSD's packet filter log: 0 length of the header   1 address family …; padded to 4 bytes. */
function decodePflog(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const length = ((bytes[offset] as number) + 3) & ~3;
  if (length < 4) return MALFORMED;
  return decodeFamily(bytes, bytes[offset + 1] as number, offset + length, end, wireEnd, view);
}

/** What OpenBSD's IPsec decrypted: 0 address family, in the byte order of the host that captured   4 SPI   8 flags */
function decodeEnc(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 12 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const family = int32(bytes, offset);
  const isBig = family > 0 && family < 256;
  return decodeFamily(bytes, isBig ? family : (bytes[offset] as number), offset + 12, end, wireEnd, view);
}

/** AF_INET is 2 everywhere; AF_INET6 differs between systems (see loopback.ts). */
function decodeFamily(
  bytes: Buffer,
  family: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (family === 2) return decodeIpv4(bytes, offset, end, wireEnd, view);
  if (family === 10 || family === 24 || family === 28 || family === 30) {
    return decodeIpv6(bytes, offset, end, wireEnd, view);
  }
  return NOTHING;
}
