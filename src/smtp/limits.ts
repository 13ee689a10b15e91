/** Every limit of the decoder, with its reason. Hitting one marks the value as cut; nothing is lost silently. */

/** Bytes of a command or reply line that are kept. RFC 5321 §4.5.3.1.4 allows 512, RFC 4954 §4 12,288 for AUTH. */
export const MAX_LINE_KEPT = 16_384;
/** Bytes of one reply that are kept, all lines together: no server says more than this to be read. */
export const MAX_REPLY_KEPT = 65_536;
/** Bytes of a message's header section that are kept. */
export const MAX_HEAD_KEPT = 16_384;
/** Bytes of a message that are kept where whole messages are asked for. */
export const MAX_BODY_KEPT = 32 << 20;
/** Bytes of a stream that is not SMTP which are kept of each run, to be recognised and shown. */
export const MAX_FOREIGN_KEPT = 256;
/** Bytes of dialogue (with some twelve for each turn) that one session keeps; beyond it turns are only counted. */
export const MAX_SESSION_KEPT = 8 << 20;
/** Bytes that all open sessions together keep in memory; beyond it the oldest go to a temporary file. */
export const MAX_OPEN_KEPT = 128 << 20;
/** Commands that may wait for their replies. Postfix sends at most 1,000 recipients in one group. */
export const MAX_OUTSTANDING = 10_000;
/** Bytes sent behind DATA before its reply that wait until it comes; then what they look like decides. */
export const MAX_UNDECIDED = 262_144;
/** Comparisons of repeated bytes with what was kept, for each session: an attacker may repeat for ever. */
export const MAX_COMPARISONS = 1_000;
