/**
 * TLS as it may be shown: the frames of records and handshake messages, what the hellos negotiate, alerts. Random values,
 * names, keys, tickets and everything protected are replaced; of certificates dates and structure stay.
 */
import type { Pseudonyms } from './pseudonyms.ts';
import { scrubDer } from './scrub-der.ts';
import type { TextScrubber } from './scrub-text.ts';

const RECORD_HEADER = 5;
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;

const SERVER_NAME = 0;
const KEY_SHARE = 51;
/** Extensions that say what a side can do, and nothing of who it is (IANA's registry). */
const PLAIN_EXTENSIONS: ReadonlySet<number> = new Set([
  1, 5, 10, 11, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 27, 28, 34, 43, 45, 49, 50, 0xff01,
]);

/** RFC 8446 §4.1.3: a ServerHello with this random asks for another hello. */
const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** One side of a TLS connection: `stream[start, end)` is replaced in place. `place` is that of `stream[0]` for the pads. */
export function scrubTls(stream: Buffer, start: number, end: number, names: Pseudonyms, text: TextScrubber): void {
  const opaque = (from: number, to: number): void => {
    for (let i = from; i < Math.min(to, end); i++) stream[i] = names.opaqueByte(i);
  };
  /** Where the bytes of handshake messages lie, record after record. */
  const places: number[] = [];
  let isProtected = false;
  let at = start;
  while (at + RECORD_HEADER <= end) {
    const type = stream[at] as number;
    const length = stream.readUInt16BE(at + 3);
    if (type < CHANGE_CIPHER_SPEC || type > 24 || stream[at + 1] !== 3 || length > 18_432) break;
    const from = at + RECORD_HEADER;
    const to = Math.min(from + length, end);
    if (type === HANDSHAKE && !isProtected) for (let i = from; i < to; i++) places.push(i);
    else if (type === CHANGE_CIPHER_SPEC) isProtected = true;
    else if (type !== ALERT || length !== 2) opaque(from, to);
    at = from + length;
  }
  if (at < end) opaque(at, end);
  handshakes(stream, places, names, text);
}

function handshakes(stream: Buffer, places: readonly number[], names: Pseudonyms, text: TextScrubber): void {
  const bytes = Buffer.from(places.map((place) => stream[place] as number));
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = Math.min(bytes.length, at + 4 + bytes.readUIntBE(at + 1, 3));
    message(bytes, bytes[at] as number, at + 4, end, names, text);
    at = Math.max(end, at + 4);
  }
  places.forEach((place, index) => {
    stream[place] = bytes[index] as number;
  });
}

function message(bytes: Buffer, type: number, start: number, end: number, names: Pseudonyms, text: TextScrubber): void {
  const random = (from: number, to: number): void => {
    if (from < to)
      names
        .bytes(`tls ${bytes.toString('latin1', from, Math.min(to, end))}`, Math.min(to, end) - from)
        .copy(bytes, from);
  };
  if (type === CLIENT_HELLO || type === SERVER_HELLO) {
    if (bytes.toString('hex', start + 2, start + 34) !== RETRY_RANDOM) random(start + 2, Math.min(start + 34, end));
    let at = start + 34;
    if (at >= end) return;
    const sessionId = bytes[at] as number;
    random(at + 1, at + 1 + sessionId);
    at += 1 + sessionId;
    if (type === CLIENT_HELLO) {
      if (at + 2 > end) return;
      at += 2 + bytes.readUInt16BE(at);
      if (at + 1 > end) return;
      at += 1 + (bytes[at] as number);
    } else {
      at += 3;
    }
    at += 2;
    while (at + 4 <= end) {
      const extension = bytes.readUInt16BE(at);
      const from = at + 4;
      const to = Math.min(end, from + bytes.readUInt16BE(at + 2));
      extensionBody(bytes, extension, from, to, type, random, text);
      at = from + bytes.readUInt16BE(at + 2);
    }
  } else if (type === CERTIFICATE) {
    for (let at = start + 3; at + 3 <= end; ) {
      const length = bytes.readUIntBE(at, 3);
      scrubDer(bytes, at + 3, Math.min(end, at + 3 + length), names, text);
      at += 3 + length;
    }
  } else if (type === SERVER_KEY_EXCHANGE) {
    // The kind of exchange and the length of its prime, or the curve.
    random(Math.min(end, start + 4), end);
  } else {
    random(start, end);
  }
}

function extensionBody(
  bytes: Buffer,
  extension: number,
  from: number,
  to: number,
  type: number,
  random: (from: number, to: number) => void,
  text: TextScrubber,
): void {
  if (PLAIN_EXTENSIONS.has(extension)) return;
  if (extension === SERVER_NAME) {
    if (to - from > 5) bytes.write(text.host(bytes.toString('latin1', from + 5, to)), from + 5, 'latin1');
  } else if (extension === KEY_SHARE) {
    let at = type === CLIENT_HELLO ? from + 2 : from;
    while (at + 4 <= to) {
      const length = bytes.readUInt16BE(at + 2);
      random(at + 4, Math.min(to, at + 4 + length));
      at += 4 + length;
    }
  } else {
    random(from, to);
  }
}
