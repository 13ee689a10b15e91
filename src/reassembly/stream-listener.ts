/**
 * The contract between reassembly and whoever reads the streams.
 *
 * Bytes of one direction come in order, each once. Across directions they come in an order that could have happened:
 * a segment is never delivered before the peer's bytes that it acknowledges, whatever the order of the packets in the
 * capture. A hole is an event of its own; nothing is glued across it.
 */

/** 0 is the client's direction, 1 the server's. Numbers, because they index arrays on the hot path. */
export type Side = 0 | 1;
export const CLIENT: Side = 0;
export const SERVER: Side = 1;

/** The packet that bytes came in. One object, reused. */
export interface SegmentInfo {
  frame: number;
  timeUs: number;
  timeNanos: number;
  /** Index of the capture that `frame` counts in. */
  capture: number;
  /** Bytes of the other direction that this packet acknowledged, as a stream offset; -1 when unknown. */
  acked: number;
}

export interface StreamListener {
  /** `bytes[start, end)` are the stream's bytes from `offset` on. Lent until the call returns. */
  data(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void;
  /** `length` bytes from `offset` on were never captured. `segment` is the packet that came behind them. */
  gap(side: Side, length: number, offset: number, segment: SegmentInfo): void;
  /**
   * Bytes from `offset` on that were delivered before came again. True when they differ from what was kept; false when
   * they are the same or were not kept.
   */
  differs(side: Side, bytes: Buffer, start: number, end: number, offset: number): boolean;
}
