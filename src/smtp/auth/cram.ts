/** CRAM-MD5 (RFC 2195) and its kin of other hashes. The digest lets the password be guessed offline: a secret. */

import { decodeWireText } from '../wire-text.ts';
import { opaque, type Reading, reading } from './model.ts';
import { faultsOf, isNameAlone, readName } from './names.ts';
import { Secret } from './secret.ts';

/** `<1896.697170952@postoffice.example>` */
export function readCramChallenge(bytes: Buffer): Reading {
  const text = decodeWireText(bytes, 0, bytes.length);
  const isForm = text.startsWith('<') && text.trimEnd().endsWith('>');
  return isForm
    ? reading({ kind: 'cram-challenge', text })
    : reading({ kind: 'cram-challenge', text }, { kind: 'structure', want: '<digits.timestamp@host>' });
}

/** `user SP digest`: the user may hold spaces, the digest is hexadecimal and does not. */
export function readCramResponse(bytes: Buffer): Reading {
  const space = bytes.lastIndexOf(32);
  const want = 'user, a space, a digest in hexadecimal';
  if (space < 0) return opaque(bytes, { kind: 'structure', want });
  const digest = bytes.subarray(space + 1);
  const faults = [...faultsOf('user', bytes, 0, space)];
  const isDigest = /^[0-9a-f]+$/i.test(digest.toString('latin1', 0, 256));
  if (digest.length === 0) faults.push({ kind: 'empty', what: 'digest' });
  else if (!isDigest) faults.push({ kind: 'structure', want });
  const user = readName(bytes, 0, space);
  // Without a digest behind it, what stands in front may be the password.
  if (!isDigest || !isNameAlone(user)) return opaque(bytes, ...faults);
  return reading({ kind: 'cram-response', user, digest: new Secret(digest) }, ...faults);
}
