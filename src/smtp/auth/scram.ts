/**
 * SCRAM (RFC 5802 §7, RFC 7677), with and without channel binding:
 *
 *     client  n,,n=user,r=nonce            gs2-header, then the bare message
 *     server  r=nonce,s=salt,i=4096
 *     client  c=biws,r=nonce,p=proof
 *     server  v=verifier    or    e=error
 *
 * Proof and verifier let the password be guessed offline, and are secrets; nonce, salt and count are not.
 */

import { decodeWireText } from '../wire-text.ts';
import { type AuthFault, opaque, type Reading, reading } from './model.ts';
import { isNameAlone } from './names.ts';
import { Secret } from './secret.ts';

const LONGEST = 8192;

/** Attributes of a message, each a letter, `=` and what follows up to the next comma. */
function attributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(',')) {
    if (part[1] === '=' && !found.has(part[0] as string)) found.set(part[0] as string, part.slice(2));
  }
  return found;
}

/** `=2C` and `=3D` (RFC 5802 §5.1: saslname). */
function unescapeName(text: string): string {
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function textOf(bytes: Buffer): string | null {
  return bytes.length > LONGEST ? null : decodeWireText(bytes, 0, bytes.length);
}

export function readScramClientFirst(bytes: Buffer): Reading {
  const text = textOf(bytes);
  const want = 'n,,n=user,r=nonce';
  const header = text === null ? null : readGs2Header(text);
  if (text === null || header === null) return opaque(bytes, { kind: 'structure', want });
  const bare = attributes(text.slice(header.length));
  const user = unescapeName(bare.get('n') ?? '');
  const nonce = bare.get('r') ?? '';
  const faults: AuthFault[] = [];
  if (user === '') faults.push({ kind: 'empty', what: 'user' });
  const areNames = isNameAlone(user) && isNameAlone(header.authorization ?? '') && isNameAlone(header.binding);
  if (nonce === '' || !areNames) faults.push({ kind: 'structure', want });
  // What does not have the form may be anything.
  if (nonce === '' || !areNames) return opaque(bytes, ...faults);
  return reading(
    {
      kind: 'scram-client-first',
      binding: header.binding,
      authorization: header.authorization,
      user,
      nonceBytes: nonce.length,
    },
    ...faults,
  );
}

export function readScramServerFirst(bytes: Buffer): Reading {
  const text = textOf(bytes);
  if (text?.startsWith('v=') || text?.startsWith('e=')) return readScramServerFinal(bytes);
  const found = attributes(text ?? '');
  const nonce = found.get('r');
  const salt = found.get('s');
  const count = found.get('i') ?? '';
  if (nonce === undefined || salt === undefined || !/^\d{1,9}$/.test(count)) {
    return opaque(bytes, { kind: 'structure', want: 'r=nonce,s=salt,i=count' });
  }
  return reading({
    kind: 'scram-server-first',
    iterations: Number(count),
    saltBytes: Buffer.from(salt, 'base64').length,
    nonceBytes: nonce.length,
  });
}

export function readScramClientFinal(bytes: Buffer): Reading {
  const found = attributes(textOf(bytes) ?? '');
  const binding = found.get('c');
  const proof = found.get('p');
  if (binding === undefined || proof === undefined) {
    return opaque(bytes, { kind: 'structure', want: 'c=binding,r=nonce,p=proof' });
  }
  // The data behind the gs2-header; without channel binding the header stands alone.
  const data = Buffer.from(binding, 'base64');
  const header = readGs2Header(data.toString('latin1'));
  return reading({
    kind: 'scram-client-final',
    channelBindingBytes: header === null ? 0 : Math.max(0, data.length - header.length),
    proof: new Secret(Buffer.from(proof)),
  });
}

export function readScramServerFinal(bytes: Buffer): Reading {
  const found = attributes(textOf(bytes) ?? '');
  const error = found.get('e') ?? null;
  const proof = found.get('v');
  if (error === null && proof === undefined) return opaque(bytes, { kind: 'structure', want: 'v=verifier or e=error' });
  return reading({
    kind: 'scram-server-final',
    proof: proof === undefined ? null : new Secret(Buffer.from(proof)),
    error,
  });
}

interface Gs2Header {
  readonly binding: string;
  readonly authorization: string | null;
  /** Characters up to and with its second comma. */
  readonly length: number;
}

/** `gs2-header = ("p=" name / "n" / "y") "," [ "a=" saslname ] ","` (RFC 5801 §4); null when it is none. */
export function readGs2Header(text: string): Gs2Header | null {
  const first = text.indexOf(',');
  const second = first < 0 ? -1 : text.indexOf(',', first + 1);
  if (second < 0) return null;
  const flag = text.slice(0, first);
  const identity = text.slice(first + 1, second);
  if (flag !== 'n' && flag !== 'y' && !flag.startsWith('p=')) return null;
  if (identity !== '' && !identity.startsWith('a=')) return null;
  return {
    binding: flag.startsWith('p=') ? flag.slice(2) : flag,
    authorization: identity === '' ? null : unescapeName(identity.slice(2)),
    length: second + 1,
  };
}
