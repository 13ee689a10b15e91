/**
 * A certificate as it may be shown: its structure, its dates and its algorithms stay; names, serial numbers, keys,
 * identifiers and signatures are replaced, each by as many bytes. By none of them can it be found in a public log.
 */
import type { Pseudonyms } from './pseudonyms.ts';
import type { TextScrubber } from './scrub-text.ts';

const MAX_DEPTH = 24;

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT_IDENTIFIER = 0x06;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const KEPT: ReadonlySet<number> = new Set([BOOLEAN, NULL, OBJECT_IDENTIFIER, UTC_TIME, GENERALIZED_TIME]);
/** iPAddress of GeneralName (RFC 5280 §4.2.1.6). */
const IP_ADDRESS = 0x87;

/** Versions, exponents, bits of key usage: numbers of nobody. */
const SMALL = 4;

/** Replaces `bytes[start, end)` in place; what does not parse becomes random. */
export function scrubDer(bytes: Buffer, start: number, end: number, names: Pseudonyms, text: TextScrubber): void {
  if (!elementsFill(bytes, start, end)) {
    random(bytes, start, end, names);
    return;
  }
  elements(bytes, start, end, names, text, 0);
}

function elements(
  bytes: Buffer,
  start: number,
  end: number,
  names: Pseudonyms,
  text: TextScrubber,
  depth: number,
): void {
  for (let at = start; at < end; ) {
    const element = elementAt(bytes, at, end);
    if (element === null) return;
    const { tag, from, to } = element;
    if ((tag & 0x20) !== 0 && depth < MAX_DEPTH && elementsFill(bytes, from, to)) {
      elements(bytes, from, to, names, text, depth + 1);
    } else if (!KEPT.has(tag)) {
      primitive(bytes, tag, from, to, names, text, depth);
    }
    at = to;
  }
}

function primitive(
  bytes: Buffer,
  tag: number,
  from: number,
  to: number,
  names: Pseudonyms,
  text: TextScrubber,
  depth: number,
): void {
  const length = to - from;
  if ((tag === INTEGER || tag === BIT_STRING) && length <= SMALL) return;
  if (tag === INTEGER) {
    // Its sign and size stay, and that it is odd, as the modulus of a key is.
    random(bytes, from + 2, to - 1, names);
    return;
  }
  const inner = tag === BIT_STRING ? from + 1 : from;
  if (
    (tag === BIT_STRING || tag === OCTET_STRING) &&
    depth < MAX_DEPTH &&
    bytes[inner] !== 0 &&
    elementsFill(bytes, inner, to)
  ) {
    elements(bytes, inner, to, names, text, depth + 1);
    return;
  }
  if (tag === IP_ADDRESS && length === 4) {
    bytes.writeInt32BE(names.ipv4(bytes.readInt32BE(from)), from);
    return;
  }
  if (tag === IP_ADDRESS && length === 16) {
    const at = (index: number): number => bytes.readInt32BE(from + 4 * index);
    names.ipv6([at(0), at(1), at(2), at(3)]).forEach((int, index) => {
      bytes.writeInt32BE(int, from + 4 * index);
    });
    return;
  }
  const content = bytes.toString('latin1', from, to);
  const isText = tag !== BIT_STRING && tag !== OCTET_STRING && /^[\x20-\x7e\x80-\xff]*$/.test(content);
  const isAscii = /^[\x20-\x7e]*$/.test(content);
  if (isText && (isAscii || tag === 0x0c)) bytes.write(text.host(content), from, 'latin1');
  else random(bytes, tag === BIT_STRING ? from + 2 : from, to, names);
}

function random(bytes: Buffer, from: number, to: number, names: Pseudonyms): void {
  if (from < to) names.bytes(`der ${bytes.toString('latin1', from, to)}`, to - from).copy(bytes, from);
}

interface Element {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

function elementAt(bytes: Buffer, at: number, end: number): Element | null {
  if (at + 2 > end) return null;
  const tag = bytes[at] as number;
  const first = bytes[at + 1] as number;
  const digits = first & 0x7f;
  if (
    (tag & 0x1f) === 0x1f ||
    first === 0x80 ||
    (first > 0x80 && digits > 3) ||
    (first > 0x80 && at + 2 + digits > end)
  )
    return null;
  const length = first < 0x80 ? first : bytes.readUIntBE(at + 2, digits);
  const from = at + 2 + (first < 0x80 ? 0 : digits);
  return from + length > end ? null : { tag, from, to: from + length };
}

/** Whether the bytes are elements from the first to the last. */
function elementsFill(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const element = elementAt(bytes, at, end);
    if (element === null) return false;
    at = element.to;
  }
  return end > start;
}
