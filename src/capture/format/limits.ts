/**
 * Every limit of the captures themselves, each with its reason. All are adjustable; the defaults are these. Hitting one
 * is a `CaptureError` or a warning of the capture, never an allocation.
 */

/** libpcap's and Wireshark's bound (MAXIMUM_SNAPLEN, WTAP_MAX_PACKET_SIZE_STANDARD), what tcpdump and dumpcap write. */
export const USUAL_PACKET_BYTES = 262_144;

export interface CaptureLimits {
  /** A record longer than this is damage unless the capture's own snapshot length allows more. */
  readonly recordBytes: number;
  /** No packet may be longer, whatever a snapshot length says: it is what one lying length field can make us hold. */
  readonly packetBytes: number;
  /**
   * A pcapng block that has to be held whole (packet, interface, statistics, section header) may not be longer: room for
   * the longest packet and 48 MiB of comments. Blocks that are passed over are never held and may have any length.
   */
  readonly blockBytes: number;
  /**
   * Interfaces of one pcapng section: as many as the old packet block can number (16 bits). Real captures have a few;
   * without a bound a file of nothing but interface blocks would fill memory.
   */
  readonly interfaces: number;
  /**
   * Comments kept of one capture, their characters in all, and of one packet's. People write them by hand, so a file
   * with more was made by a program; what is over is counted in a warning.
   */
  readonly comments: number;
  readonly commentsBytes: number;
  readonly commentBytes: number;
  /** TLS secrets kept of one capture: a session takes some 200 to 800 bytes, so this is room for 20,000 and more. */
  readonly keyLogBytes: number;
  /** Compressed input may not grow beyond this: a small file can hold terabytes of zeros. */
  readonly decompressedBytes: number;
  /**
   * What a zstd frame may look back at, all of which is held: libzstd's own bound, unless `--long` says otherwise. The
   * windows of gzip, xz and LZ4 are bounded by their formats or their decoders.
   */
  readonly windowBytes: number;
}

export const CAPTURE_LIMITS: CaptureLimits = {
  recordBytes: USUAL_PACKET_BYTES,
  packetBytes: 16 << 20,
  blockBytes: 64 << 20,
  interfaces: 65_536,
  comments: 10_000,
  commentsBytes: 4 << 20,
  commentBytes: 16 << 10,
  keyLogBytes: 16 << 20,
  decompressedBytes: 64 * 1024 ** 3,
  windowBytes: 128 << 20,
};

/** The longest captured length that a capture with this snapshot length may have. 0 means that it sets no limit. */
export function maxCapturedBytes(snapshotLength: number, { recordBytes, packetBytes }: CaptureLimits): number {
  return snapshotLength <= recordBytes ? recordBytes : Math.min(snapshotLength, Math.max(recordBytes, packetBytes));
}
