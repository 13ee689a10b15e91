/**
 * ICMP errors that quote a TCP segment: destination unreachable, packet too big, time exceeded.
 *
 *   0 type   1 code   2 checksum   4 unused, or the next-hop MTU   8 the IP header and the first bytes above it
 *
 * ICMPv4: types 3 and 11 (RFC 792; the MTU of code 4 in the last two bytes: RFC 1191 §4). ICMPv6: types 1, 2 (MTU) and
 * 3 (RFC 4443 §3). At least 8 bytes of the segment are quoted: the ports and the sequence number.
 */

import { type FrameKind, type FrameView, ICMP_ERROR, NOTHING } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';
import { ipv6ExtensionLength, isIpv6Extension, MAX_IPV6_EXTENSIONS } from './ipv6-extension.ts';

const HEADER_LENGTH = 8;
/** Ports and sequence number. */
const QUOTED_TCP = 8;

/** `end` is where the captured bytes of the datagram end. An error that quotes too little is NOTHING. */
export function decodeIcmp4(bytes: Buffer, offset: number, end: number, view: FrameView): FrameKind {
  if (offset + HEADER_LENGTH > end) return NOTHING;
  const type = bytes[offset] as number;
  const code = bytes[offset + 1] as number;
  if (type !== 3 && type !== 11) return NOTHING;
  const quoted = offset + HEADER_LENGTH;
  if (quoted + 20 > end || (bytes[quoted] as number) >> 4 !== 4) return NOTHING;
  const ipHeaderLength = ((bytes[quoted] as number) & 15) << 2;
  const fragmentOffset = (((bytes[quoted + 6] as number) & 0x1f) << 8) | (bytes[quoted + 7] as number);
  if (ipHeaderLength < 20 || fragmentOffset !== 0 || bytes[quoted + 9] !== 6) return NOTHING;
  const tcp = quoted + ipHeaderLength;
  if (!quotesWatchedPort(bytes, tcp, end, view)) return NOTHING;

  view.icmpType = type;
  view.icmpCode = code;
  view.icmpMtu = type === 3 && code === 4 ? uint16(bytes, offset + 6) : 0;
  view.embeddedSource0 = 0;
  view.embeddedSource1 = 0;
  view.embeddedSource2 = 0;
  view.embeddedSource3 = int32(bytes, quoted + 12);
  view.embeddedDestination0 = 0;
  view.embeddedDestination1 = 0;
  view.embeddedDestination2 = 0;
  view.embeddedDestination3 = int32(bytes, quoted + 16);
  return ICMP_ERROR;
}

/** `end` is where the captured bytes of the datagram end. An error that quotes too little is NOTHING. */
export function decodeIcmp6(bytes: Buffer, offset: number, end: number, view: FrameView): FrameKind {
  if (offset + HEADER_LENGTH > end) return NOTHING;
  const type = bytes[offset] as number;
  if (type < 1 || type > 3) return NOTHING;
  const quoted = offset + HEADER_LENGTH;
  if (quoted + 40 > end || (bytes[quoted] as number) >> 4 !== 6) return NOTHING;
  const tcp = quotedTcp6(bytes, quoted, end);
  if (tcp < 0 || !quotesWatchedPort(bytes, tcp, end, view)) return NOTHING;

  view.icmpType = type;
  view.icmpCode = bytes[offset + 1] as number;
  const mtu = int32(bytes, offset + 4);
  // 2^31 and more is a lie, and would not be a small integer.
  view.icmpMtu = type !== 2 ? 0 : mtu < 0 ? 0x7fffffff : mtu;
  view.embeddedSource0 = int32(bytes, quoted + 8);
  view.embeddedSource1 = int32(bytes, quoted + 12);
  view.embeddedSource2 = int32(bytes, quoted + 16);
  view.embeddedSource3 = int32(bytes, quoted + 20);
  view.embeddedDestination0 = int32(bytes, quoted + 24);
  view.embeddedDestination1 = int32(bytes, quoted + 28);
  view.embeddedDestination2 = int32(bytes, quoted + 32);
  view.embeddedDestination3 = int32(bytes, quoted + 36);
  return ICMP_ERROR;
}

/** Where the quoted IPv6 packet's TCP header begins, or -1. */
function quotedTcp6(bytes: Buffer, quoted: number, end: number): number {
  let next = bytes[quoted + 6] as number;
  let at = quoted + 40;
  for (let count = 0; isIpv6Extension(next); count++) {
    if (count === MAX_IPV6_EXTENSIONS || at + 8 > end) return -1;
    // Of a fragment only the first holds the ports.
    if (next === 44 && (uint16(bytes, at + 2) & 0xfff8) !== 0) return -1;
    const length = ipv6ExtensionLength(next, bytes[at + 1] as number);
    next = bytes[at] as number;
    at += length;
  }
  return next === 6 ? at : -1;
}

function quotesWatchedPort(bytes: Buffer, tcp: number, end: number, view: FrameView): boolean {
  if (tcp + QUOTED_TCP > end) return false;
  const sourcePort = uint16(bytes, tcp);
  const destinationPort = uint16(bytes, tcp + 2);
  if (view.ports[sourcePort] !== 1 && view.ports[destinationPort] !== 1) return false;
  view.embeddedSourcePort = sourcePort;
  view.embeddedDestinationPort = destinationPort;
  view.embeddedSeq = int32(bytes, tcp + 4);
  return true;
}
