/**
 * What TCP itself showed of a connection: the part of a session that is true whatever was said inside.
 * Made once by the assembler, read by smtp/ and findings/; nobody computes it again.
 */

export type Direction = 'client' | 'server';

/** A moment in the capture. `us` is NaN where the packet had no time. */
export interface Instant {
  readonly us: number;
  readonly nanos: number;
}

/** One direction of a connection. */
export interface HalfFacts {
  /** Packets of this sender. */
  packets: number;
  /** TCP payload in order, each byte counted once; holes not counted. */
  bytes: number;
  /** Payload packets that brought nothing new (keep-alives not counted). */
  retransmissions: number;
  /** Bytes that the peer acknowledged, or that later bytes imply, and that were never captured. */
  missingBytes: number;
  /** Bytes that were on the wire but cut off by the snapshot length; part of `missingBytes`. */
  truncatedBytes: number;
  /** Stream ranges that were seen twice with different bytes. */
  conflicts: Conflict[];
  /** Number of conflicting ranges, also beyond those kept in `conflicts`. */
  conflictCount: number;
  /** Payload bytes that the peer acknowledged, as a stream offset; -1 when nothing was acknowledged. */
  ackedBytes: number;
  /** The first FIN and RST of this sender; frame 0 when there was none. */
  finFrame: number;
  fin: Instant | null;
  rstFrame: number;
  rst: Instant | null;
  /** First payload byte of this sender. */
  firstPayload: Instant | null;
  firstPayloadFrame: number;
  lastPayload: Instant | null;
  /** TTL (hop limit) of this sender's first packet, and of its RST; -1 when not seen. */
  ttl: number;
  rstTtl: number;
  /** IP identification of its last segment with payload, and of its RST; -1 when not seen, or IPv6. */
  lastIpId: number;
  rstIpId: number;
  /** Its RST stands exactly where its stream had come to (RFC 5961 §3), not merely near it. */
  rstIsExact: boolean;
  /** Bytes between where its stream had come to and its RST: sent, and never captured, unless the RST is forged. */
  rstAhead: number;
  /** Segments that brought payload not seen before. */
  dataSegments: number;
  /** Payload bytes of the largest of them. */
  largestSegment: number;
  /** Segments that stand in the capture twice, and were sent once. Not counted in `retransmissions`. */
  duplicates: number;
  /** Acknowledgments of its own that name bytes beyond a hole (RFC 2018): it missed something, wherever that was lost. */
  selectiveAcks: number;
  /** The segment that was sent again most often; null when none was. */
  mostRepeated: RepeatedSegment | null;
  /** Why its retransmissions were sent, as far as it can be told; null when there were none. */
  retransmissionKinds: RetransmissionKinds | null;
  /** When it announced a receive window of 0; null when it never did. */
  zeroWindow: ZeroWindow | null;
}

/** Of a side's retransmissions; each counts once, and those that nothing explains not at all. */
export interface RetransmissionKinds {
  /** The peer asked: three duplicate acknowledgments (RFC 5681 §3.2), or SACK of what follows; and the recovery behind. */
  readonly fast: number;
  /** Nobody asked, and the sender had been silent for as long as a timer takes; and the recovery behind (RFC 6298 §5). */
  readonly timeout: number;
  /** The capture shows that the peer had acknowledged all of it before. */
  readonly needless: number;
}

/** A segment that was sent again and again. */
export interface RepeatedSegment {
  /** Stream offset of its first byte. */
  readonly offset: number;
  readonly length: number;
  /** How often after the first time. */
  readonly times: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** From the first repetition to the last. */
  readonly seconds: number;
  readonly acknowledged: boolean;
}

/** A receiver that takes nothing for a while (RFC 9293 §3.8.6.1). */
export interface ZeroWindow {
  readonly times: number;
  readonly longestSeconds: number;
  /** The packet that announced the longest; 0 when it has not ended. */
  readonly frame: number;
  /** Still closed at the connection's end. */
  readonly isOpen: boolean;
}

/** The same stream bytes seen twice and not the same: the first were kept. */
export interface Conflict {
  readonly frame: number;
  readonly offset: number;
  readonly length: number;
}

export type Opening = 'complete' | 'unanswered' | 'refused' | 'unreachable' | 'half-open' | 'not-captured';
export type Closing = 'client-fin' | 'server-fin' | 'client-rst' | 'server-rst' | 'none';

/** An ICMP error that embeds a packet of this connection. */
export interface IcmpError {
  readonly version: 4 | 6;
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of "fragmentation needed" and "packet too big"; 0 otherwise. */
  readonly mtu: number;
  /** The router or host that sent it. */
  readonly from: string;
  readonly frame: number;
  readonly time: Instant;
}

export interface TransportFacts {
  opening: Opening;
  closing: Closing;
  /** SYN to the ACK that completes the handshake, in seconds; null when not seen. */
  roundTripSeconds: number | null;
  client: HalfFacts;
  server: HalfFacts;
  /** SYNs of the client with the first one's sequence number, and the server's SYN/ACKs. */
  synCount: number;
  synAckCount: number;
  firstSyn: Instant | null;
  lastSyn: Instant | null;
  synFrame: number;
  lastSynFrame: number;
  synAck: Instant | null;
  /** The ACK that completed the handshake. */
  established: Instant | null;
  establishedFrame: number;
  /** The packet that began the close (see `closing`). */
  closed: Instant | null;
  closedFrame: number;
  icmp: IcmpError | null;
  /** From SYN and SYN/ACK; -1 where the option, or the packet, was not seen. */
  clientWindowScale: number;
  clientMss: number;
  serverWindowScale: number;
  serverMss: number;
  /** Whether SYN and SYN/ACK offer SACK. */
  clientSackPermitted: boolean;
  serverSackPermitted: boolean;
  /** True when no SYN was seen: who is client was inferred from ports or from who greeted. */
  rolesInferred: boolean;
}

/** The address and port of one end. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Which packets of the capture the connection is. */
export interface FrameRange {
  first: number;
  last: number;
  count: number;
}
