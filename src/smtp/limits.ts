/**
 * Every limit of the decoder, with its reason. All are adjustable; the defaults are these. One that acts marks the turn
 * as cut, or is counted in a warning of the summary: nothing is lost silently.
 */

export interface DialogueLimits {
  /** Bytes of a command or reply line that are kept. RFC 5321 §4.5.3.1.4 allows 512, RFC 4954 §4 12,288 for AUTH. */
  readonly lineBytes: number;
  /** Bytes of one reply that are kept, all lines together: no server says more than this to be read. */
  readonly replyBytes: number;
  /** Bytes of a message's header section that are kept. */
  readonly headBytes: number;
  /** Bytes of a message that are kept where whole messages are asked for. */
  readonly messageBytes: number;
  /** Bytes of a stream that is not SMTP which are kept of each run, to be recognised and shown. */
  readonly foreignBytes: number;
  /** Bytes of dialogue (with some twelve for each turn) that one session keeps; beyond it turns are only counted. */
  readonly sessionBytes: number;
  /** Commands that may wait for their replies. Postfix sends at most 1,000 recipients in one group. */
  readonly outstanding: number;
  /** Bytes sent behind DATA before its reply that wait until it comes; then what they look like decides. */
  readonly undecidedBytes: number;
  /** Comparisons of repeated bytes with what was kept, for each session: an attacker may repeat for ever. */
  readonly comparisons: number;
}

export const DIALOGUE_LIMITS: DialogueLimits = {
  lineBytes: 16_384,
  replyBytes: 65_536,
  headBytes: 16_384,
  messageBytes: 32 << 20,
  foreignBytes: 256,
  sessionBytes: 8 << 20,
  outstanding: 10_000,
  undecidedBytes: 262_144,
  comparisons: 1_000,
};

/** Bytes that all open sessions together keep in memory; beyond it the oldest go to a temporary file. */
export const OPEN_BYTES = 128 << 20;

/** Bits of `DialogueDecoder.reached`: limits that acted and that no turn shows. */
export const Reached = {
  message: 1 << 0,
  undecided: 1 << 1,
  comparisons: 1 << 2,
} as const;
