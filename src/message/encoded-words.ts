/**
 * Encoded words of header fields (RFC 2047 §2):
 *
 *     encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
 *
 * Departures that real mail makes and that are read here: words that stand directly beside text or each other, words
 * longer than 75 characters, a character split over two words of the same charset (their bytes are joined first).
 * What names an unknown charset stays as it was.
 */

const WORD = /=\?([\w:.+-]{1,60})(?:\*[\w-]{1,40})?\?([bq])\?([^?\s]*)\?=/gi;

export function decodeEncodedWords(value: string): string {
  if (!value.includes('=?')) return value;
  let decoded = '';
  let at = 0;
  // Words of one charset in a row: decoded together, for a character may be split over two of them.
  let charset = '';
  let source = '';
  let parts: Buffer[] = [];
  const flush = (): void => {
    if (parts.length > 0) decoded += decode(charset, Buffer.concat(parts)) ?? source;
    parts = [];
  };
  for (const match of value.matchAll(WORD)) {
    const named = (match[1] as string).toLowerCase();
    const encoded = match[3] as string;
    const bytes = (match[2] as string).toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : quotedBytes(encoded);
    const between = value.slice(at, match.index);
    // White space between two encoded words is not shown (RFC 2047 §6.2).
    const adjacent = parts.length > 0 && between.trim() === '';
    if (adjacent && named === charset) {
      source += between + match[0];
    } else {
      flush();
      if (!adjacent) decoded += between;
      charset = named;
      source = match[0];
    }
    parts.push(bytes);
    at = match.index + match[0].length;
  }
  flush();
  return decoded + value.slice(at);
}

/** The Q encoding (RFC 2047 §4.2): `_` is a space, `=XX` a byte. */
function quotedBytes(encoded: string): Buffer {
  const bytes = Buffer.alloc(encoded.length * 3);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const hex = encoded[i] === '=' ? encoded.slice(i + 1, i + 3) : '';
    if (/^[\da-f]{2}$/i.test(hex)) {
      bytes[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else if (encoded[i] === '_') {
      bytes[length++] = 32;
    } else {
      length += bytes.write(encoded[i] as string, length);
    }
  }
  return bytes.subarray(0, length);
}

function decode(charset: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null; // a charset that this runtime does not know
  }
}
