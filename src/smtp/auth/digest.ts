/**
 * DIGEST-MD5 (RFC 2831, made historic by RFC 6331). Both sides send directives:
 *
 *     directives = directive *( "," directive )      directive = token "=" ( token / quoted-string )
 *
 * Empty elements and white space around them are passed over (RFC 2831 §7.1, `#rule`). A backslash quotes a quote or a
 * backslash alone: clients send `username="DOMAIN\user"` as it is (curl).
 */

import { decodeWireText } from '../wire-text.ts';
import { type AuthFault, opaque, type Reading, reading } from './model.ts';
import { Secret } from './secret.ts';

/** A challenge has at most 2,048 octets and a response 4,096 (RFC 2831 §2.1). */
const LONGEST = 8192;
const MOST_DIRECTIVES = 64;

export function readDigestChallenge(bytes: Buffer): Reading {
  const directives = readDirectives(bytes);
  if (directives === null) return opaque(bytes, { kind: 'structure', want: 'realm, nonce, qop, algorithm' });
  const proof = one(directives, 'rspauth');
  if (proof !== null) return reading({ kind: 'digest-proof', proof: new Secret(Buffer.from(proof)) });
  const nonce = one(directives, 'nonce');
  const faults: AuthFault[] = nonce === null ? [{ kind: 'structure', want: 'a nonce' }] : [];
  return reading(
    {
      kind: 'digest-challenge',
      realms: directives.filter(([name]) => name === 'realm').map(([, value]) => value),
      qop: one(directives, 'qop'),
      algorithm: one(directives, 'algorithm'),
      charset: one(directives, 'charset'),
      nonceBytes: nonce?.length ?? 0,
      stale: one(directives, 'stale') === 'true',
    },
    ...faults,
  );
}

export function readDigestResponse(bytes: Buffer): Reading {
  const directives = readDirectives(bytes);
  if (directives === null) return opaque(bytes, { kind: 'structure', want: 'username, realm, nonce, response' });
  const user = one(directives, 'username') ?? '';
  const response = one(directives, 'response') ?? '';
  const faults: AuthFault[] = [];
  if (user === '') faults.push({ kind: 'empty', what: 'user' });
  if (response === '') faults.push({ kind: 'empty', what: 'digest' });
  return reading(
    {
      kind: 'digest-response',
      user,
      realm: one(directives, 'realm'),
      authorization: one(directives, 'authzid'),
      uri: one(directives, 'digest-uri'),
      qop: one(directives, 'qop'),
      nonceCount: one(directives, 'nc'),
      clientNonceBytes: one(directives, 'cnonce')?.length ?? 0,
      response: new Secret(Buffer.from(response)),
    },
    ...faults,
  );
}

type Directive = readonly [name: string, value: string];

function one(directives: readonly Directive[], name: string): string | null {
  return directives.find((directive) => directive[0] === name)?.[1] ?? null;
}

/** Null when it is no list of directives. One pass, no backtracking. */
function readDirectives(bytes: Buffer): Directive[] | null {
  if (bytes.length > LONGEST) return null;
  const text = decodeWireText(bytes, 0, bytes.length);
  const found: Directive[] = [];
  let at = 0;
  while (at < text.length && found.length < MOST_DIRECTIVES) {
    const letter = text.charCodeAt(at);
    if (letter === 44 || letter <= 32) {
      at++;
      continue;
    }
    const equals = text.indexOf('=', at);
    if (equals < 0) return null;
    const name = text.slice(at, equals).trim().toLowerCase();
    at = equals + 1;
    while (at < text.length && text.charCodeAt(at) === 32) at++;
    let value = '';
    if (text[at] === '"') {
      at++;
      while (at < text.length && text[at] !== '"') {
        if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
        value += text[at] ?? '';
        at++;
      }
      if (at >= text.length) return null;
      at++;
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      value = text.slice(at, end).trim();
      at = end;
    }
    found.push([name, value]);
  }
  return found.length === 0 ? null : found;
}
