/**
 * Linux cooked headers: what libpcap gives for the device `any`.
 *
 *   v1 (16 bytes): 0 packet type   2 ARPHRD type   4 address length   6 address   14 protocol
 *   v2 (20 bytes): 0 protocol   4 interface index   8 ARPHRD type   10 packet type   11 address length   12 address
 *
 * The protocol is an EtherType, except on a few kinds of interface (netlink for one), and except the values below 0x600
 * that Linux uses for itself: 4 is an 802.2 LLC frame.
 */

import { decodeEtherType, decodeLlc } from './ethernet.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING } from './frame-view.ts';
import { uint16 } from './integers.ts';

const V1_LENGTH = 16;
const V2_LENGTH = 20;
const ARPHRD_NETLINK = 824;
const LLC = 0x0004;

export function decodeLinuxSll(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + V1_LENGTH > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const hardware = uint16(bytes, offset + 2);
  return decodeCooked(bytes, uint16(bytes, offset + 14), hardware, offset + V1_LENGTH, end, wireEnd, view);
}

export function decodeLinuxSll2(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + V2_LENGTH > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const hardware = uint16(bytes, offset + 8);
  return decodeCooked(bytes, uint16(bytes, offset), hardware, offset + V2_LENGTH, end, wireEnd, view);
}

function decodeCooked(
  bytes: Buffer,
  protocol: number,
  hardware: number,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (hardware === ARPHRD_NETLINK) return NOTHING;
  if (protocol === LLC) return decodeLlc(bytes, offset, end, wireEnd, view);
  return decodeEtherType(bytes, protocol, offset, end, wireEnd, view);
}
