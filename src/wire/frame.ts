/**
 * One packet, from its link layer to its TCP payload. The hot path: called for every packet of a capture, most of which
 * are of no interest, so each header's file leaves as early as it can, and nothing is allocated.
 *
 * Each header has a file of its own; each of them is given where the captured bytes end (`end`) and where the packet
 * ended on the wire (`wireEnd`, from IP on `ipEnd`), because a length field that points behind `end` is a cut and one that
 * points behind `wireEnd` is a lie. Checksums are never verified (offload leaves them unfilled in captures of the sending
 * side); lengths always are.
 */

import { decodeEthernet } from './ethernet.ts';
import type { FrameKind, FrameView } from './frame-view.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6, decodeIpv6Chain } from './ipv6.ts';
import {
  LINKTYPE_ETHERNET,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
  LINKTYPE_RAW,
  LINKTYPE_RAW_BSD,
  LINKTYPE_RAW_OPENBSD,
} from './link-types.ts';
import { decodeLinuxSll, decodeLinuxSll2 } from './linux-sll.ts';
import { decodeLoopback, decodeRawIp } from './loopback.ts';
import { decodeRareLink } from './rare-links.ts';
import { decodeTcp } from './tcp.ts';
import { decodeTunnel } from './tunnel.ts';

export * from './frame-view.ts';

/** No frame is longer than this: Linux joins segments up to 8 × 65535 bytes. A length beyond it is a lie. */
const MAX_FRAME_LENGTH = 1 << 20;

/**
 * Decodes the packet `bytes[start, end)` into `view` and says what it is. Reads nothing outside of it, never throws on
 * what a packet holds.
 *
 * @param linkType LINKTYPE_ value of the tcpdump group's registry
 * @param originalLength bytes of the packet on the wire; taken as `end - start` where it says less than that
 * @param view overwritten, and meaningful until the next call; what it says of payload and options are offsets into
 *   `bytes`
 */
export function decodeFrame(
  bytes: Buffer,
  start: number,
  end: number,
  linkType: number,
  originalLength: number,
  view: FrameView,
): FrameKind {
  const wireLength = originalLength < MAX_FRAME_LENGTH ? originalLength : MAX_FRAME_LENGTH;
  const wireEnd = start + wireLength > end ? start + wireLength : end;
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return decodeEthernet(bytes, start, end, wireEnd, view);
    case LINKTYPE_LINUX_SLL:
      return decodeLinuxSll(bytes, start, end, wireEnd, view);
    case LINKTYPE_LINUX_SLL2:
      return decodeLinuxSll2(bytes, start, end, wireEnd, view);
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return decodeLoopback(bytes, start, end, wireEnd, view);
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
      return decodeRawIp(bytes, start, end, wireEnd, view);
    case LINKTYPE_IPV4:
      return decodeIpv4(bytes, start, end, wireEnd, view);
    case LINKTYPE_IPV6:
      return decodeIpv6(bytes, start, end, wireEnd, view);
    default:
      return decodeRareLink(bytes, start, end, wireEnd, linkType, view);
  }
}

/**
 * Decodes a datagram put together from fragments: `bytes[start, end)` begins behind the IP header (in IPv6: behind the
 * fragment header). The view already holds what the fragments said of IP: `ipVersion`, the addresses, `protocol`.
 */
export function decodeTransport(bytes: Buffer, start: number, end: number, view: FrameView): FrameKind {
  if (view.ipVersion === 6) return decodeIpv6Chain(bytes, view.protocol, start, end, end, view);
  if (view.protocol === 6) return decodeTcp(bytes, start, end, end, view);
  return decodeTunnel(bytes, view.protocol, start, end, end, view);
}
