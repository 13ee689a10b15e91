/** Names and passwords out of decoded bytes, and what is wrong with the way they are written. */

import { isUtf8 } from 'node:buffer';
import { latin1 } from '../../bytes/text.ts';
import { decodeWireText } from '../wire-text.ts';
import type { AuthFault } from './model.ts';

const NO_FAULTS: readonly AuthFault[] = [];

/** Names longer than this are cut: RFC 5321 §4.5.3.1.3 lets a path have 256. */
const LONGEST_NAME = 1024;

/** The text of `bytes[start, end)`, UTF-16 where every second octet says so. */
export function readName(bytes: Buffer, start = 0, end = bytes.length): string {
  const last = Math.min(end, start + LONGEST_NAME);
  // `latin1` of plain letters is what every other decoding gives, at a fraction of the cost.
  if (isPlain(bytes, start, last)) return latin1(bytes, start, last);
  return looksUtf16(bytes, start, last) ? bytes.toString('utf16le', start, last) : decodeWireText(bytes, start, last);
}

/**
 * Whether the text is one name. A control character in it tells of several values, one of them a secret mostly; tabs and
 * line ends behind it are an accident of `echo user | base64`.
 */
export function isNameAlone(text: string): boolean {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 32 || unit === 127) return false;
  }
  return true;
}

function isBlank(unit: number): boolean {
  return unit === 9 || unit === 10 || unit === 13;
}

/** What is wrong with a name or password of this mechanism, in the order in which it should be told. */
export function faultsOf(
  what: 'user' | 'password',
  bytes: Buffer,
  start = 0,
  end = bytes.length,
): readonly AuthFault[] {
  if (end <= start) return [{ kind: 'empty', what }];
  if (isPlain(bytes, start, end) && bytes[end - 1] !== 32) return NO_FAULTS;
  const faults: AuthFault[] = [];
  if (looksUtf16(bytes, start, end)) faults.push({ kind: 'encoding', what, as: 'utf-16' });
  else if (!isUtf8(bytes.subarray(start, end))) faults.push({ kind: 'encoding', what, as: 'not-utf-8' });
  const last = bytes[end - 1];
  if (last === 10 || last === 13) faults.push({ kind: 'trailing-in', what, found: 'line-end' });
  else if (last === 32 || last === 9) faults.push({ kind: 'trailing-in', what, found: 'space' });
  return faults;
}

/** Printable ASCII alone: nearly every name and password. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const octet = bytes[i] as number;
    if (octet < 32 || octet > 126) return false;
  }
  return true;
}

/** Little-endian UTF-16 of plain letters: every second octet is 0. */
function looksUtf16(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 4 || (end - start) % 2 !== 0) return false;
  for (let i = start; i < end; i += 2) {
    if (bytes[i] === 0 || bytes[i + 1] !== 0) return false;
  }
  return true;
}
