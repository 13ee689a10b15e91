/**
 * What Juniper routers put before a packet that they capture (as Wireshark reads it; JUNOS does not document it):
 *
 *   0 "MGC"   3 flags   4 length of extensions, if the flags say that there are any, and they follow
 *
 * Then comes the packet with its link header, or, where that was taken off, four bytes of protocol in the byte order of
 * the router's processor, which is little-endian. Old versions leave out all of it.
 */

import { decodeCiscoHdlc, decodePpp } from './encapsulation.ts';
import { decodeEthernet } from './ethernet.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { LINKTYPE_JUNIPER_CHDLC, LINKTYPE_JUNIPER_PPP } from './link-types.ts';

const MAGIC = 0x4d4743;
const HAS_EXTENSIONS = 0x80;
const HAS_NO_LINK_HEADER = 0x02;
/** Of the protocols. */
const IPV4 = 0x02000000;
const IPV6 = 0x06000000;

export function decodeJuniper(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  linkType: number,
  view: FrameView,
): FrameKind {
  if (offset + 6 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const first = int32(bytes, offset);
  let at = offset;
  if (first >>> 8 === MAGIC) {
    at += first & HAS_EXTENSIONS ? 6 + uint16(bytes, offset + 4) : 4;
    if (first & HAS_NO_LINK_HEADER) {
      if (at + 4 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
      const protocol = int32(bytes, at);
      if (protocol === IPV4) return decodeIpv4(bytes, at + 4, end, wireEnd, view);
      return protocol === IPV6 ? decodeIpv6(bytes, at + 4, end, wireEnd, view) : NOTHING;
    }
  }
  if (linkType === LINKTYPE_JUNIPER_CHDLC) return decodeCiscoHdlc(bytes, at, end, wireEnd, view);
  // Its address and control bytes are no part of what Wireshark takes for PPP, and need not be what they are elsewhere.
  if (linkType === LINKTYPE_JUNIPER_PPP) return decodePpp(bytes, at + 2, end, wireEnd, view);
  return decodeEthernet(bytes, at, end, wireEnd, view);
}
