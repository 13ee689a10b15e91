/** What most half-streams never show. Made when the first of it comes, so that tens of thousands that are well stay small. */
import type { SecondPlace } from './captured-copies.ts';
import type { Conflict, Instant } from './transport-facts.ts';

/** A receive window of 0, as often as it was announced. */
export interface Stalls {
  count: number;
  longestUs: number;
  /** Of the packet that began the longest. */
  frame: number;
  /** NaN while the window is open. */
  sinceUs: number;
  sinceFrame: number;
}

/** The first RST of a sender; its fields are those of `HalfFacts`. */
export interface Reset {
  readonly time: Instant;
  readonly frame: number;
  readonly ttl: number;
  readonly ipId: number;
  readonly isExact: boolean;
  readonly ahead: number;
}

/** Fields without a word are those of `HalfFacts`. */
export class Trouble {
  retransmissions = 0;
  missingBytes = 0;
  truncatedBytes = 0;
  readonly conflicts: Conflict[] = [];
  conflictCount = 0;
  duplicates = 0;
  selectiveAcks = 0;
  stalls: Stalls | null = null;
  reset: Reset | null = null;
  /** Captured bytes of what waits. */
  pendingBytes = 0;
  /** Lowest sequence number of a packet without payload, for a direction whose start was not captured. */
  seenSeq = 0;
  hasSeenSeq = false;
  /** `nextSeq` is behind its FIN: bytes came there, which no stream has. */
  finIsPassed = false;
  /** Its packets were captured at two places. */
  isDoubled = false;
  /** Of what came before that was known, copies are yet to come, in order: from here, to there. */
  copiedTo = 0;
  doubledAt = 0;
  /** What may be of a second place, and is counted as sent again as long as that is not known. */
  secondPlace: SecondPlace | null = null;
}
