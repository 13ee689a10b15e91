/**
 * Base64 as SASL over SMTP uses it (RFC 4954 §4, RFC 4648 §4): one line, padded, nothing behind it. What departs from
 * that is named and read all the same where it can be: a server may have done so too.
 */

import type { AuthFault } from './model.ts';

interface Decoded {
  /** Null when nothing can be made of the line. */
  readonly bytes: Buffer | null;
  readonly faults: readonly AuthFault[];
}

/** What nearly every line is; one class and one bound, so linear. */
const CLEAN = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const NO_FAULTS: readonly AuthFault[] = [];

/** The bytes that a line of an exchange spells; `text` without its line end. */
export function readBase64(text: string): Decoded {
  if (CLEAN.test(text)) return { bytes: Buffer.from(text, 'base64'), faults: NO_FAULTS };
  const faults: AuthFault[] = [];
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  if (end < text.length) {
    faults.push({ kind: 'trailing', what: text.indexOf('\r', end) >= 0 ? 'cr' : 'space' });
  }
  let start = 0;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  const line = text.slice(start, end);
  let pad = line.length;
  while (pad > 0 && line.charCodeAt(pad - 1) === EQUALS) pad--;
  let isUrl = false;
  for (let i = 0; i < pad; i++) {
    const code = line.charCodeAt(i);
    if (code === MINUS || code === UNDERSCORE) isUrl = true;
    else if (!isLetter(code)) {
      // `=` within: two values glued together; what stands before it can be read.
      if (code === EQUALS) {
        faults.push({ kind: 'padding' });
        return { bytes: Buffer.from(line.slice(0, i), 'base64'), faults };
      }
      faults.push({ kind: 'not-base64' });
      return { bytes: null, faults };
    }
  }
  if (isUrl) faults.push({ kind: 'base64url' });
  if (pad % 4 === 1 || line.length - pad !== (4 - (pad % 4)) % 4) faults.push({ kind: 'padding' });
  return { bytes: Buffer.from(line, isUrl ? 'base64url' : 'base64'), faults };
}

const EQUALS = 61;
const MINUS = 45;
const UNDERSCORE = 95;

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

function isLetter(code: number): boolean {
  return (
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 47
  );
}
