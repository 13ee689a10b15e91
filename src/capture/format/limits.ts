/** Every limit of the capture formats, each with its reason. Hitting one is a `CaptureError`, never an allocation. */

/**
 * A record longer than this is damage unless the capture's own snapshot length allows more. It is libpcap's and
 * Wireshark's bound (MAXIMUM_SNAPLEN, WTAP_MAX_PACKET_SIZE_STANDARD), and what tcpdump and dumpcap write by default.
 */
export const USUAL_PACKET_BYTES = 262_144;

/** No packet may be longer, whatever a snapshot length says: it is what one lying length field can make us hold. */
export const MAX_PACKET_BYTES = 16 * 1024 * 1024;

/**
 * A pcapng block that has to be held whole (packet, interface, statistics, section header) may not be longer: room for
 * the longest packet and 48 MiB of comments. Blocks that are passed over are never held and may have any length.
 */
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

/**
 * Interfaces of one pcapng section: as many as the old packet block can number (16 bits). Real captures have a few;
 * without a bound a file of nothing but interface blocks would fill memory.
 */
export const MAX_INTERFACES = 65_536;

/**
 * Comments kept of one capture, their characters in all, and of one packet's. People write them by hand, so a file with
 * more was made by a program; what is over is counted in a warning.
 */
export const MAX_COMMENTS = 10_000;
export const MAX_COMMENT_BYTES_TOTAL = 4 * 1024 * 1024;
export const MAX_COMMENT_BYTES = 16 * 1024;

/** TLS secrets kept of one capture: a session takes some 200 to 800 bytes, so this is room for 20,000 and more. */
export const MAX_KEY_LOG_BYTES = 16 * 1024 * 1024;

/** The longest captured length that a capture with this snapshot length may have. 0 means that it sets no limit. */
export function maxCapturedBytes(snapshotLength: number): number {
  return snapshotLength <= USUAL_PACKET_BYTES ? USUAL_PACKET_BYTES : Math.min(snapshotLength, MAX_PACKET_BYTES);
}
