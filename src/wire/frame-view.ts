/**
 * What decoding one packet leaves behind: numbers, in one object that every packet overwrites.
 *
 * Nothing is allocated for a packet. Every field is a whole number that fits a small integer of V8 (addresses and
 * sequence numbers are kept as signed 32-bit values for that reason), so the object keeps one shape for ever.
 * A field that the kind of packet does not speak of keeps whatever an earlier packet left in it.
 */

import { WIRE_LIMITS } from './nesting.ts';

/** Not TCP, or on ports that nobody watches. Nothing in the view may be relied on. */
export const NOTHING = 0;
/** A TCP segment with a watched port. */
export const TCP = 1;
/** A piece of an IP datagram that may carry TCP: for `IpFragments`. */
export const IP_FRAGMENT = 2;
/** An ICMP error about a TCP segment with a watched port. */
export const ICMP_ERROR = 3;
/** The link type is none of those that are read. */
export const UNREAD_LINK_TYPE = 4;
/** A length field contradicts the packet that it stands in. */
export const MALFORMED = 5;
/** The snapshot length cut the packet before its headers ended: it may have been of interest, and cannot be told. */
export const CUT_SHORT = 6;

export type FrameKind =
  | typeof NOTHING
  | typeof TCP
  | typeof IP_FRAGMENT
  | typeof ICMP_ERROR
  | typeof UNREAD_LINK_TYPE
  | typeof MALFORMED
  | typeof CUT_SHORT;

/** Bits of `FrameView.flags` (RFC 9293 §3.1). */
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_ACK = 0x10;

export class FrameView {
  /** Indexed by port: 1 = watched. Owned by the caller, who may change it between packets. */
  readonly ports: Uint8Array;

  /** 4 or 6. */
  ipVersion = 0;
  /** The source address, most significant first. An IPv4 address stands in the last, the others are 0. */
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  /** The destination address, in the same form. */
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** TTL or hop limit. */
  ttl = 0;
  /** IPv4 identification; -1 for IPv6. */
  ipId = -1;
  /** The DF bit: 0 or 1; 1 for IPv6, which routers never fragment. */
  dontFragment = 0;
  /** The protocol above IP: 6 for TCP. For an IPv6 fragment, the next header that its fragment header names. */
  protocol = 0;

  sourcePort = 0;
  destinationPort = 0;
  /** Sequence number as a signed 32-bit value; print it with `>>> 0`. */
  seq = 0;
  /** Acknowledgment number, likewise; means nothing without the ACK bit. */
  ack = 0;
  flags = 0;
  /** The window field as it stands, not scaled. */
  window = 0;
  /** TCP options as far as captured: `bytes[optionsStart, optionsEnd)`. */
  optionsStart = 0;
  optionsEnd = 0;
  /** TCP payload as far as captured: `bytes[payloadStart, payloadEnd)`. For a fragment: its piece of the datagram. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Payload bytes by the IP length fields; more than `payloadEnd - payloadStart` where the snapshot length cut. */
  payloadLength = 0;

  /** Headers that the packet being decoded lies in (nesting.ts); 0 between packets. */
  depth = 0;
  /** Packets in more headers than these are left alone. Set by the owner before the first packet. */
  maxDepth = WIRE_LIMITS.nesting;
  /** Packets left alone because too many headers lay in each other. Counts on over packets, as the next two do. */
  tooDeep = 0;
  /** 802.11 frames that were encrypted. */
  encrypted = 0;
  /** 1 once a packet was on the port of a tunnel over UDP. */
  sawUdpTunnel = 0;

  /** IP_FRAGMENT: identification of the datagram, signed 32-bit (16 bits in IPv4). */
  fragmentId = 0;
  /** IP_FRAGMENT: where the piece belongs, in bytes. */
  fragmentOffset = 0;
  /** IP_FRAGMENT: 1 when further pieces follow. */
  moreFragments = 0;

  /** ICMP_ERROR: type and code; `ipVersion` says of which ICMP. The reporter is the view's source address. */
  icmpType = 0;
  icmpCode = 0;
  /** ICMP_ERROR: the next-hop MTU of "fragmentation needed" and "packet too big", else 0 (and 0 from old routers). */
  icmpMtu = 0;
  /** ICMP_ERROR: the header of the segment that the error is about, as the reporter quotes it. */
  embeddedSource0 = 0;
  embeddedSource1 = 0;
  embeddedSource2 = 0;
  embeddedSource3 = 0;
  embeddedDestination0 = 0;
  embeddedDestination1 = 0;
  embeddedDestination2 = 0;
  embeddedDestination3 = 0;
  embeddedSourcePort = 0;
  embeddedDestinationPort = 0;
  embeddedSeq = 0;

  /** @param ports 65536 entries, 1 = watched; kept by reference. */
  constructor(ports: Uint8Array) {
    if (ports.length !== 65536) throw new RangeError(`a port table has 65536 entries, this one ${ports.length}`);
    this.ports = ports;
  }
}

/** A port table for `FrameView` in which exactly the given ports are watched. */
export function watchPorts(ports: Iterable<number>): Uint8Array {
  const table = new Uint8Array(65536);
  for (const port of ports) {
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`not a port: ${port}`);
    table[port] = 1;
  }
  return table;
}

/** A port table for `FrameView` in which every port is watched. */
export function watchAllPorts(): Uint8Array {
  return new Uint8Array(65536).fill(1);
}
