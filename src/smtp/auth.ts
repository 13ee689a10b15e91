/**
 * What an AUTH exchange says of who logs in. Only names come out of here: passwords, tokens, responses and proofs are
 * never decoded into anything that could be shown.
 */

import type { Turn } from './turn.ts';
import { decodeWireText } from './wire-text.ts';

/** Mechanisms whose client bytes are the credentials themselves. */
const READABLE = new Set(['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER']);

export function isReadableMechanism(mechanism: string): boolean {
  return READABLE.has(mechanism);
}

/** Mechanism and initial response of an AUTH command (RFC 4954 §4). */
export function readAuthCommand(turn: Turn): { mechanism: string; initial: string | null } {
  const parts = (turn.argument ?? '').split(/[ \t]+/, 2);
  return { mechanism: (parts[0] ?? '').toUpperCase(), initial: parts[1] ?? null };
}

/**
 * The user that authenticates.
 *
 * @param initial initial response in base64, null for none
 * @param steps the client's lines after the AUTH command, in base64
 */
export function readIdentity(mechanism: string, initial: string | null, steps: readonly Turn[]): string | null {
  const answers = steps.filter((turn) => turn.step !== 'cancel').map((turn) => turn.lines[0] ?? '');
  const all = initial === null ? answers : [initial, ...answers];
  const first = decode(all[0]);
  switch (mechanism) {
    case 'PLAIN': {
      // RFC 4616: authorization identity NUL authentication identity NUL password
      if (first === null) return null;
      const nul = first.indexOf(0);
      const second = nul < 0 ? -1 : first.indexOf(0, nul + 1);
      return second < 0 ? null : name(first, nul + 1, second);
    }
    case 'LOGIN':
      return first === null ? null : name(first, 0, first.length);
    case 'CRAM-MD5':
    case 'CRAM-MD4':
    case 'CRAM-SHA1': {
      // RFC 2195: user SP digest; the user may hold spaces, the digest does not.
      if (first === null) return null;
      const space = first.lastIndexOf(32);
      return space <= 0 ? null : name(first, 0, space);
    }
    case 'DIGEST-MD5':
      return match(first, /(?:^|,)\s*username="((?:[^"\\]|\\.)*)"/);
    case 'XOAUTH2':
      return xoauthUser(first);
    case 'OAUTHBEARER':
      // RFC 7628 §3.1: the GS2 header names the user.
      return match(first, /^[nyp][^,]*,a=([^,]*),/);
    case 'EXTERNAL':
      return first === null || first.length === 0 ? null : name(first, 0, first.length);
    case 'NTLM':
      return ntlmUser(decode(all.at(-1)));
    default:
      // RFC 5802 §7: the bare message of SCRAM begins with n=user.
      return mechanism.startsWith('SCRAM-') ? scramName(match(first, /^[nyp][^,]*,[^,]*,n=([^,]*),/)) : null;
  }
}

function decode(base64: string | undefined): Buffer | null {
  if (base64 === undefined || base64 === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  return Buffer.from(base64, 'base64');
}

function name(bytes: Buffer, start: number, end: number): string | null {
  return end <= start || end - start > 512 ? null : decodeWireText(bytes, start, end);
}

function match(bytes: Buffer | null, pattern: RegExp): string | null {
  if (bytes === null || bytes.length > 8192) return null;
  const found = pattern.exec(decodeWireText(bytes, 0, bytes.length))?.[1];
  return found === undefined || found === '' ? null : found;
}

function scramName(text: string | null): string | null {
  return text === null ? null : text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/** The user field of XOAUTH2, whose fields end in bytes of value 1. */
function xoauthUser(bytes: Buffer | null): string | null {
  if (bytes === null || bytes.length > 8192) return null;
  const field = decodeWireText(bytes, 0, bytes.length)
    .split(String.fromCharCode(1))
    .find((one) => one.startsWith('user='));
  return field === undefined || field.length === 5 ? null : field.slice(5);
}

/** The user name of an NTLM message of type 3: length and offset stand at 36 and 40. */
function ntlmUser(bytes: Buffer | null): string | null {
  if (bytes === null || bytes.length < 64 || bytes.toString('latin1', 0, 8) !== 'NTLMSSP\0') return null;
  if (bytes.readUInt32LE(8) !== 3) return null;
  const length = bytes.readUInt16LE(36);
  const offset = bytes.readUInt32LE(40);
  if (length === 0 || length > 512 || offset + length > bytes.length) return null;
  const isUnicode = (bytes.readUInt32LE(60) & 1) !== 0;
  return isUnicode ? bytes.toString('utf16le', offset, offset + length) : name(bytes, offset, offset + length);
}
