/**
 * NTLM (MS-NLMP §2.2.1, carried as MS-SMTPNTLM says): three messages that begin with `NTLMSSP` NUL and their number.
 * Fields stand behind a table of length, room and offset; every offset is checked, since anybody can send one. The
 * responses of message 3 let the password be guessed offline and are secrets; names and the challenge are not.
 */

import { u16le, u32le } from '../../bytes/read.ts';
import { type NtlmChallenge, opaque, type Reading, reading } from './model.ts';
import { Secret } from './secret.ts';

const SIGNATURE = Buffer.from('NTLMSSP\0');
const UNICODE = 0x1;
const DOMAIN_SUPPLIED = 0x1000;
const HOST_SUPPLIED = 0x2000;
const VERSION = 0x2000000;

export function isNtlm(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.subarray(0, 8).equals(SIGNATURE);
}

export function readNtlm(bytes: Buffer): Reading {
  if (!isNtlm(bytes)) return opaque(bytes, { kind: 'structure', want: 'NTLMSSP' });
  switch (u32le(bytes, 8)) {
    case 1:
      return readNegotiate(bytes);
    case 2:
      return readChallenge(bytes);
    case 3:
      return readAuthenticate(bytes);
    default:
      return opaque(bytes, { kind: 'structure', want: 'NTLM message 1, 2 or 3' });
  }
}

function readNegotiate(bytes: Buffer): Reading {
  const flags = u32le(bytes, 12);
  return reading({
    kind: 'ntlm-negotiate',
    domain: (flags & DOMAIN_SUPPLIED) === 0 ? null : text(bytes, 16, false),
    host: (flags & HOST_SUPPLIED) === 0 ? null : text(bytes, 24, false),
    version: (flags & VERSION) === 0 ? null : windowsVersion(bytes, 32, [16, 24]),
  });
}

function readChallenge(bytes: Buffer): Reading {
  if (bytes.length < 32) return opaque(bytes, { kind: 'structure', want: 'NTLM message 2 with a challenge' });
  const flags = u32le(bytes, 20);
  const info = targetInfo(bytes);
  return reading({
    kind: 'ntlm-challenge',
    target: text(bytes, 12, (flags & UNICODE) !== 0),
    ...info,
    version: (flags & VERSION) === 0 ? null : windowsVersion(bytes, 48, [12, 40]),
  });
}

function readAuthenticate(bytes: Buffer): Reading {
  if (bytes.length < 52) return opaque(bytes, { kind: 'structure', want: 'NTLM message 3 with its fields' });
  const flags = bytes.length >= 64 ? u32le(bytes, 60) : 0;
  const isUnicode = (flags & UNICODE) !== 0;
  const response = field(bytes, 20) ?? Buffer.alloc(0);
  const user = text(bytes, 36, isUnicode);
  return reading(
    {
      kind: 'ntlm-authenticate',
      user,
      domain: text(bytes, 28, isUnicode),
      host: text(bytes, 44, isUnicode),
      responseVersion: response.length === 0 ? null : response.length === 24 ? 1 : 2,
      response: new Secret(response),
      version: (flags & VERSION) === 0 ? null : windowsVersion(bytes, 64, [12, 20, 28, 36, 44]),
    },
    ...(user === null ? [{ kind: 'empty', what: 'user' } as const] : []),
  );
}

/** Attribute and value pairs behind the table (MS-NLMP §2.2.2.1): kind, length, value; kind 0 ends them. */
function targetInfo(bytes: Buffer): Omit<NtlmChallenge, 'kind' | 'target' | 'version'> {
  const values = new Map<number, string>();
  const pairs = bytes.length >= 48 ? field(bytes, 40) : null;
  for (let at = 0; pairs !== null && at + 4 <= pairs.length; ) {
    const kind = u16le(pairs, at);
    const length = u16le(pairs, at + 2);
    if (kind === 0 || at + 4 + length > pairs.length) break;
    if (kind <= 5) values.set(kind, pairs.toString('utf16le', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return {
    netbiosHost: values.get(1) ?? null,
    netbiosDomain: values.get(2) ?? null,
    dnsHost: values.get(3) ?? null,
    dnsDomain: values.get(4) ?? null,
    dnsForest: values.get(5) ?? null,
  };
}

/** The bytes that the table entry at `at` points to; null when it is empty or points outside. */
function field(bytes: Buffer, at: number): Buffer | null {
  if (at + 8 > bytes.length) return null;
  const length = u16le(bytes, at);
  const offset = u32le(bytes, at + 4);
  return length === 0 || offset + length > bytes.length ? null : bytes.subarray(offset, offset + length);
}

function text(bytes: Buffer, at: number, isUnicode: boolean): string | null {
  const value = field(bytes, at);
  return value === null || value.length > 1024 ? null : value.toString(isUnicode ? 'utf16le' : 'latin1');
}

/**
 * MS-NLMP §2.2.2.10. Clients set its flag and leave it out (curl does): it is there only where the fields that the
 * `entries` of the table point to begin behind it.
 */
function windowsVersion(bytes: Buffer, at: number, entries: readonly number[]): string | null {
  if (at + 8 > bytes.length || bytes[at] === 0) return null;
  for (const entry of entries) {
    const isEmpty = u16le(bytes, entry) === 0;
    if (!isEmpty && u32le(bytes, entry + 4) < at + 8) return null;
  }
  return `${bytes[at]}.${bytes[at + 1]}.${u16le(bytes, at + 2)}`;
}
