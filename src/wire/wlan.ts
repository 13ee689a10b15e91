/**
 * IEEE 802.11 data frames that are not encrypted, as an adapter in monitor mode captures them, behind the headers that
 * tell of the radio (radiotap, AVS, Prism, PPI).
 *
 *   0 frame control (type and subtype, flags)   2 duration   4, 10, 16 addresses   22 sequence control
 *   24 a fourth address between bridges; QoS control (2) in QoS data; HT control (4) where the order flag says so
 *
 * LLC with SNAP follows. Of an aggregate (A-MSDU) the first frame that is of interest is given: one packet is one segment
 * here. Fragments of 802.11 are not put together: what they carry is not read.
 */

import { decodeLlc } from './ethernet.ts';
import { CUT_SHORT, type FrameKind, type FrameView, MALFORMED, NOTHING } from './frame-view.ts';
import { int32, uint16 } from './integers.ts';

const TYPE_DATA = 2;
const SUBTYPE_NO_DATA = 4;
const SUBTYPE_QOS = 8;
const FLAG_TO_DS = 0x01;
const FLAG_FROM_DS = 0x02;
const FLAG_MORE_FRAGMENTS = 0x04;
const FLAG_PROTECTED = 0x40;
const FLAG_ORDER = 0x80;
const QOS_AGGREGATE = 0x80;

/** `padTo`: 4 where the adapter put padding behind the header (radiotap says so), else 1. */
export function decodeWlan(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
  padTo = 1,
): FrameKind {
  if (offset + 24 > end) return wireEnd > end ? CUT_SHORT : NOTHING; // control frames are shorter
  const control = bytes[offset] as number;
  const flags = bytes[offset + 1] as number;
  const subtype = control >> 4;
  if ((control & 3) !== 0 || ((control >> 2) & 3) !== TYPE_DATA || (subtype & SUBTYPE_NO_DATA) !== 0) return NOTHING;
  const isFragment = (flags & FLAG_MORE_FRAGMENTS) !== 0 || ((bytes[offset + 22] as number) & 15) !== 0;
  if (isFragment) return NOTHING;
  let length = 24;
  if ((flags & FLAG_TO_DS) !== 0 && (flags & FLAG_FROM_DS) !== 0) length += 6;
  let isAggregate = false;
  if ((subtype & SUBTYPE_QOS) !== 0) {
    if (offset + length + 2 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
    isAggregate = ((bytes[offset + length] as number) & QOS_AGGREGATE) !== 0;
    length += 2;
    if ((flags & FLAG_ORDER) !== 0) length += 4;
  }
  const body = offset + Math.ceil(length / padTo) * padTo;
  if ((flags & FLAG_PROTECTED) !== 0) {
    view.encrypted++;
    return NOTHING;
  }
  return isAggregate ? decodeAggregate(bytes, body, end, wireEnd, view) : decodeLlc(bytes, body, end, wireEnd, view);
}

/** A-MSDU: 0 destination   6 source   12 length   14 LLC …, each padded to 4 bytes. */
function decodeAggregate(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  let kind: FrameKind = NOTHING;
  for (let at = offset; at + 14 <= end && kind === NOTHING; ) {
    const next = at + 14 + uint16(bytes, at + 12);
    kind = decodeLlc(bytes, at + 14, next < end ? next : end, next < wireEnd ? next : wireEnd, view);
    at = next + ((4 - ((next - at) & 3)) & 3);
  }
  return kind;
}

const RADIOTAP_TSFT = 0x01;
const RADIOTAP_FLAGS = 0x02;
const RADIOTAP_FCS = 0x10;
const RADIOTAP_PADDED = 0x20;

/** Radiotap (all little-endian): 0 version 0   2 length   4 which fields follow, in words whose top bit says "one more" */
export function decodeRadiotap(
  bytes: Buffer,
  offset: number,
  end: number,
  wireEnd: number,
  view: FrameView,
): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const length = littleEndian16(bytes, offset + 2);
  if (bytes[offset] !== 0 || length < 8) return MALFORMED;
  const frame = offset + length;
  if (frame > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const present = bytes[offset + 4] as number;
  let flags = 0;
  if ((present & RADIOTAP_FLAGS) !== 0) {
    let at = offset + 8;
    for (let word = offset + 4; ((bytes[word + 3] as number) & 0x80) !== 0 && at + 4 <= frame; word += 4) at += 4;
    // The time stamp in front of it is aligned to 8 bytes, from the beginning of the header.
    if ((present & RADIOTAP_TSFT) !== 0) at = offset + (((at - offset + 7) & ~7) + 8);
    if (at < frame) flags = bytes[at] as number;
  }
  // The frame check sequence counts as captured where nothing was cut.
  const fcs = (flags & RADIOTAP_FCS) === 0 || wireEnd - 4 < frame ? 0 : 4;
  const wire = wireEnd - fcs;
  return decodeWlan(bytes, frame, wire < end ? wire : end, wire, view, (flags & RADIOTAP_PADDED) === 0 ? 1 : 4);
}

/** AVS (big-endian): 0 version 80 21 10 01   4 length. Prism (the adapter's own byte order): 0 message 44   4 length 144 */
export function decodePrism(bytes: Buffer, offset: number, end: number, wireEnd: number, view: FrameView): FrameKind {
  if (offset + 8 > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  const isAvs = int32(bytes, offset) >>> 4 === 0x8021100;
  const isBig = isAvs || bytes[offset] === 0;
  const length = isBig ? int32(bytes, offset + 4) : littleEndian16(bytes, offset + 4);
  if (length < 8 || length > 0xffff) return MALFORMED;
  if (offset + length > end) return wireEnd > end ? CUT_SHORT : MALFORMED;
  return decodeWlan(bytes, offset + length, end, wireEnd, view);
}

export function littleEndian16(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
