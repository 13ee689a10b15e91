/**
 * The TCP header (RFC 9293 §3.1).
 *
 *   0 source port   2 destination port   4 seq   8 ack   12 data offset (high 4 bits)   13 flags
 *   14 window   16 checksum (not verified: offload leaves it unfilled)   18 urgent pointer   20 options
 */

import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING, TCP } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';

/** Bytes of a TCP header without options. */
const HEADER_LENGTH = 20;

/** Whether neither port is watched of the segment at `offset`, four bytes of which the caller knows to be there. */
export function isUnwatched(bytes: Buffer, offset: number, ports: Uint8Array): boolean {
  return ((ports[uint16(bytes, offset)] as number) | (ports[uint16(bytes, offset + 2)] as number)) === 0;
}

/**
 * Decodes the segment at `offset`.
 *
 * @param end where the captured bytes end
 * @param ipEnd where the datagram ends by its IP length: before `end` with Ethernet padding, behind it when the
 *   snapshot length cut
 */
export function decodeTcp(bytes: Buffer, offset: number, end: number, ipEnd: number, view: FrameView): FrameKind {
  const captured = ipEnd < end ? ipEnd : end;
  if (offset + 4 > captured) return ipEnd < offset + HEADER_LENGTH ? MALFORMED : CUT_SHORT;
  if (isUnwatched(bytes, offset, view.ports)) return NOTHING;
  if (offset + HEADER_LENGTH > captured) return ipEnd < offset + HEADER_LENGTH ? MALFORMED : CUT_SHORT;

  const headerLength = ((bytes[offset + 12] as number) >> 4) << 2;
  const payload = offset + headerLength;
  if (headerLength < HEADER_LENGTH || payload > ipEnd) return MALFORMED;
  view.sourcePort = uint16(bytes, offset);
  view.destinationPort = uint16(bytes, offset + 2);
  view.seq = int32(bytes, offset + 4);
  view.ack = int32(bytes, offset + 8);
  view.flags = bytes[offset + 13] as number;
  view.window = uint16(bytes, offset + 14);
  const payloadStart = payload < captured ? payload : captured;
  view.optionsStart = offset + HEADER_LENGTH;
  view.optionsEnd = payloadStart;
  view.payloadStart = payloadStart;
  view.payloadEnd = captured;
  view.payloadLength = ipEnd - payload;
  return TCP;
}

/** TCP options of one segment; one object may be filled again and again. */
export class TcpOptions {
  /** Maximum segment size, or -1 (RFC 9293 §3.7.1). */
  mss = -1;
  /** Shift count as sent, or -1 (RFC 7323 §2.2; more than 14 counts as 14). */
  windowScale = -1;
  /** 1 when SACK is permitted (RFC 2018 §2). */
  sackPermitted = 0;
  /** Blocks in `sackEdges`, 0–4. */
  sackBlocks = 0;
  /** Left and right edge of each SACK block, as signed 32-bit values (RFC 2018 §3). */
  readonly sackEdges = new Int32Array(8);
  /** 1 when the timestamps below were there (RFC 7323 §3.2). */
  hasTimestamps = 0;
  /** TSval and TSecr as signed 32-bit values. */
  timestampValue = 0;
  timestampEcho = 0;
  /** 1 when an option's length contradicts the header, or the snapshot length cut the options: what follows is unread. */
  incomplete = 0;
}

/** Reads the options of the segment that `decodeFrame` has just put into `view`. */
export function readTcpOptions(bytes: Buffer, view: FrameView, out: TcpOptions): void {
  out.mss = -1;
  out.windowScale = -1;
  out.sackPermitted = 0;
  out.sackBlocks = 0;
  out.hasTimestamps = 0;
  out.timestampValue = 0;
  out.timestampEcho = 0;
  out.incomplete = 0;
  const end = view.optionsEnd;
  let at = view.optionsStart;
  while (at < end) {
    const kind = bytes[at] as number;
    if (kind === 0) return;
    if (kind === 1) {
      at += 1;
      continue;
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (length < 2 || at + length > end) {
      out.incomplete = 1;
      return;
    }
    readOption(bytes, kind, at, length, out);
    at += length;
  }
}

/** An option whose length is not the one its kind has is passed over. */
function readOption(bytes: Buffer, kind: number, at: number, length: number, out: TcpOptions): void {
  if (kind === 2 && length === 4) {
    out.mss = uint16(bytes, at + 2);
  } else if (kind === 3 && length === 3) {
    out.windowScale = bytes[at + 2] as number;
  } else if (kind === 4 && length === 2) {
    out.sackPermitted = 1;
  } else if (kind === 5 && (length - 2) % 8 === 0) {
    const blocks = Math.min((length - 2) / 8, 4);
    for (let edge = 0; edge < blocks * 2; edge++) out.sackEdges[edge] = int32(bytes, at + 2 + edge * 4);
    out.sackBlocks = blocks;
  } else if (kind === 8 && length === 10) {
    out.hasTimestamps = 1;
    out.timestampValue = int32(bytes, at + 2);
    out.timestampEcho = int32(bytes, at + 6);
  }
}
