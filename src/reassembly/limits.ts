/** Every limit of reassembly, with its reason. All are adjustable; the defaults are these. */

export interface ReassemblyLimits extends FragmentLimits {
  /** Connections whose handshake is not complete that are remembered at once. Oldest out first, counted by server. */
  readonly halfOpen: number;
  /** Connections with payload that are open at once. The one that was silent longest is ended when there are more. */
  readonly connections: number;
  /** Closed connections that still wait for stragglers. */
  readonly lingering: number;
  /** Capture time that a closed connection waits for stragglers: late acknowledgments, reordered segments. */
  readonly lingerUs: number;
  /** Capture time after which an unanswered SYN is given up: Linux sends its last one 63 s before it gives up. */
  readonly unansweredUs: number;
  /** Capture time after which a silent connection is taken as over: TCP keep-alive probes start after two hours. */
  readonly idleUs: number;
  /** Packets of a connection that a missing piece is waited for once its receiver has acknowledged it. */
  readonly holdPackets: number;
  /** The same in capture time. */
  readonly holdUs: number;
  /** Bytes of one connection that wait behind a missing piece; a window is seldom larger. */
  readonly pendingBytes: number;
  /** Segments of one direction that wait behind a missing piece. */
  readonly pendingSegments: number;
  /** Bytes that wait behind missing pieces in all connections together. */
  readonly pendingTotal: number;
  /** A sequence or acknowledgment number further away than this belongs to nothing (windows are under 1 GiB). */
  readonly plausibleDistance: number;
  /** Packets of a connection that began before the capture which are looked at before its first byte is chosen. */
  readonly formingPackets: number;
  /** Conflicts that are kept apart for each direction; the rest are only counted. */
  readonly conflicts: number;
}

export interface FragmentLimits {
  /** IP datagrams being put together at one time. */
  readonly fragmentDatagrams: number;
  /** Memory held for them, with what it costs to manage them. */
  readonly fragmentBytes: number;
  /** From a datagram's first piece to its last, in capture time. Linux waits that long for IPv4. */
  readonly fragmentUs: number;
}

export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  halfOpen: 65_536,
  connections: 262_144,
  lingering: 1_024,
  lingerUs: 2_000_000,
  unansweredUs: 130_000_000,
  idleUs: 7_500_000_000,
  holdPackets: 48,
  holdUs: 1_000_000,
  pendingBytes: 1 << 20,
  pendingSegments: 2_048,
  pendingTotal: 64 << 20,
  plausibleDistance: 1 << 26,
  formingPackets: 64,
  conflicts: 16,
  fragmentDatagrams: 1_024,
  fragmentBytes: 16 << 20,
  fragmentUs: 30_000_000,
};
