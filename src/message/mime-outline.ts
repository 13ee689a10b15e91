/**
 * The parts of a message (RFC 2045, RFC 2046): type, name, and what a reader gets when the transfer encoding is undone.
 *
 * One pass over its lines, with the boundaries that are open on a stack, so that hostile nesting costs no more than
 * its bytes. It forgives what mail really has: LF alone, boundaries that are never closed, base64 with noise in it.
 */
import { createHash } from 'node:crypto';
import { decodeEncodedWords } from './encoded-words.ts';
import { type HeaderField, headerFields } from './header-fields.ts';
import { headerSectionEnd } from './header-section.ts';

/** A part that holds content; the multiparts around it are counted in `depth` alone. */
export interface MimePart {
  /** In small letters: `text/plain`. */
  readonly type: string;
  /** Of `filename` or `name`, decoded; from the wire. Null when it has none. */
  readonly name: string | null;
  /** Octets with the transfer encoding undone. */
  readonly sizeBytes: number;
  /** Of the same octets, in hexadecimal. */
  readonly sha256: string;
  /** Multiparts around it. */
  readonly depth: number;
}

export interface MimeOutline {
  readonly parts: readonly MimePart[];
  /** There are more parts, or deeper ones, than are listed. */
  readonly isCut: boolean;
}

/** Deeper multiparts are parts like others: real mail has four or five, forwarded for years a dozen. */
const MOST_DEPTH = 32;
const MOST_PARTS = 1_000;
/** Of the header section of one part. */
const MOST_HEAD = 65_536;
/** RFC 2046 §5.1.1 allows 70 characters. */
const MOST_BOUNDARY = 256;

const LF = 10;
const CR = 13;
const HYPHEN = 45;

interface OpenPart {
  readonly type: string;
  readonly name: string | null;
  readonly encoding: string;
  readonly start: number;
  readonly depth: number;
}

interface OpenMultipart {
  readonly boundary: Buffer;
  /** Type of a part that names none. */
  readonly usual: string;
}

/** The outline of a whole message, header section and body, dot-stuffing undone. */
export function mimeOutline(message: Buffer): MimeOutline {
  const parts: MimePart[] = [];
  const stack: OpenMultipart[] = [];
  let isCut = false;
  let open: OpenPart | null = null;
  let at = 0;

  const begin = (start: number, usual: string): number => {
    const head = message.subarray(start, start + MOST_HEAD);
    const headEnd = headerSectionEnd(head);
    const fields = headerFields(head.subarray(0, headEnd));
    const bodyStart = start + headEnd + lineEndAt(message, start + headEnd);
    const contentType = fieldValue(fields, 'content-type') ?? usual;
    const type = typeOf(contentType) ?? usual;
    const boundary = type.startsWith('multipart/') ? (parametersOf(contentType).get('boundary') ?? '') : '';
    if (boundary !== '' && boundary.length <= MOST_BOUNDARY) {
      if (stack.length < MOST_DEPTH) {
        stack.push({
          boundary: Buffer.from(`--${boundary}`, 'latin1'),
          usual: type === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
        });
        return bodyStart;
      }
      isCut = true;
    }
    const name =
      parametersOf(fieldValue(fields, 'content-disposition') ?? '').get('filename') ??
      parametersOf(contentType).get('name') ??
      null;
    const encoding = (fieldValue(fields, 'content-transfer-encoding') ?? '').toLowerCase();
    open = {
      type,
      name: name === null ? null : decodeEncodedWords(name),
      encoding,
      start: bodyStart,
      depth: stack.length,
    };
    return bodyStart;
  };
  const end = (until: number): void => {
    if (open === null) return;
    if (parts.length < MOST_PARTS) parts.push(partOf(open, message.subarray(open.start, Math.max(open.start, until))));
    else isCut = true;
    open = null;
  };

  at = begin(0, 'text/plain');
  while (at < message.length) {
    const feed = message.indexOf(LF, at);
    const next = feed < 0 ? message.length : feed + 1;
    const level = message[at] === HYPHEN && message[at + 1] === HYPHEN ? levelOf(stack, message, at, next) : -1;
    if (level < 0) {
      at = next;
      continue;
    }
    // The line end in front of a boundary belongs to it (RFC 2046 §5.1.1).
    end(at - lineEndBefore(message, at));
    const { boundary, usual } = stack[level] as OpenMultipart;
    stack.length = level + 1;
    if (message[at + boundary.length] === HYPHEN && message[at + boundary.length + 1] === HYPHEN) {
      stack.length = level;
      at = next;
    } else at = begin(next, usual);
  }
  end(message.length);
  return { parts, isCut };
}

/** Which open multipart's boundary the line is, the innermost first; -1 for none. */
function levelOf(stack: readonly OpenMultipart[], bytes: Buffer, start: number, next: number): number {
  for (let level = stack.length - 1; level >= 0; level--) {
    const { boundary } = stack[level] as OpenMultipart;
    let at = start + boundary.length;
    if (at > next || bytes.compare(boundary, 0, boundary.length, start, at) !== 0) continue;
    if (bytes[at] === HYPHEN && bytes[at + 1] === HYPHEN) at += 2;
    while (at < next && (bytes[at] as number) <= 32) at++;
    if (at >= next) return level;
  }
  return -1;
}

function partOf({ type, name, encoding, depth }: OpenPart, body: Buffer): MimePart {
  const content =
    encoding === 'base64'
      ? Buffer.from(body.toString('latin1'), 'base64')
      : encoding === 'quoted-printable'
        ? fromQuotedPrintable(body)
        : body;
  return { type, name, sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), depth };
}

/** RFC 2045 §6.7; what is no escape stands for itself. */
function fromQuotedPrintable(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number;
    if (byte !== 61) {
      out[length++] = byte;
      continue;
    }
    const high = hexDigit(body[at + 1]);
    const low = hexDigit(body[at + 2]);
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      at += 2;
      continue;
    }
    let end = at + 1;
    while (body[end] === 32 || body[end] === 9) end++;
    const lineEnd = lineEndAt(body, end);
    if (lineEnd > 0 || end >= body.length) at = end + lineEnd - 1;
    else out[length++] = byte;
  }
  return out.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Octets of the line end at that place. */
function lineEndAt(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0;
}

function lineEndBefore(bytes: Buffer, at: number): number {
  if (at === 0 || bytes[at - 1] !== LF) return 0;
  return at > 1 && bytes[at - 2] === CR ? 2 : 1;
}

function fieldValue(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

/** `text/plain` of a Content-Type; null when that is not what it begins with. */
function typeOf(contentType: string): string | null {
  const type = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
  return /^[!-.0-~]{1,80}\/[!-.0-~]{1,80}$/.test(type) ? type : null;
}

/** The parameters of a structured field, names in small letters, RFC 2231 undone. */
function parametersOf(value: string): Map<string, string> {
  const raw = new Map<string, string>();
  let at = value.indexOf(';');
  while (at >= 0 && at < value.length) {
    const equals = value.indexOf('=', at);
    if (equals < 0) break;
    // A parameter without a value, in front of one that has one.
    const name = (
      value
        .slice(at + 1, equals)
        .split(';')
        .at(-1) as string
    )
      .trim()
      .toLowerCase();
    let end = equals + 1;
    while (value[end] === ' ') end++;
    let content = '';
    if (value[end] === '"') {
      const pieces: string[] = [];
      for (end++; end < value.length && value[end] !== '"'; end++) {
        if (value[end] === '\\' && end + 1 < value.length) end++;
        pieces.push(value[end] as string);
      }
      content = pieces.join('');
      at = value.indexOf(';', end);
    } else {
      at = value.indexOf(';', end);
      content = value.slice(end, at < 0 ? value.length : at).trim();
    }
    if (!raw.has(name)) raw.set(name, content);
  }
  return joined(raw);
}

/** `name*0*=utf-8''…; name*1=…` and `name*=utf-8''…` as `name` (RFC 2231 §3, §4). */
function joined(raw: ReadonlyMap<string, string>): Map<string, string> {
  const whole = new Map<string, string>();
  for (const [key, value] of raw) {
    const star = key.indexOf('*');
    if (star < 0) {
      if (!whole.has(key)) whole.set(key, value);
      continue;
    }
    const name = key.slice(0, star);
    if (key === `${name}*`) whole.set(name, extended(value));
    else if (key === `${name}*0` || key === `${name}*0*`) {
      let text = '';
      let isExtended = false;
      for (let section = 0; ; section++) {
        const plain: string | undefined = raw.get(`${name}*${section}`);
        const escaped: string | undefined = raw.get(`${name}*${section}*`);
        if (plain === undefined && escaped === undefined) break;
        isExtended ||= escaped !== undefined;
        text += escaped ?? (plain as string).replaceAll('%', isExtended ? '%25' : '%');
      }
      whole.set(name, isExtended ? extended(text) : text);
    }
  }
  return whole;
}

/** `charset'language'text` with its `%xx` undone. */
function extended(value: string): string {
  const first = value.indexOf("'");
  const second = value.indexOf("'", first + 1);
  const charset = second < 0 ? 'utf-8' : value.slice(0, first);
  const bytes = value
    .slice(second + 1)
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    // A charset of no name that is known.
    return bytes;
  }
}
