/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2, its forerunner: fields between octets of value 1, the token among them.
 *
 *     OAUTHBEARER   n,a=user@example.net,^Ahost=smtp.example.net^Aport=587^Aauth=Bearer token^A^A
 *     XOAUTH2       user=user@example.net^Aauth=Bearer token^A^A
 *
 * A server that refuses says why in a challenge of JSON, waits for an empty answer, and then says 535.
 */

import { decodeWireText } from '../wire-text.ts';
import { type AuthFault, opaque, type Reading, reading } from './model.ts';
import { isNameAlone } from './names.ts';
import { readGs2Header } from './scram.ts';
import { Secret } from './secret.ts';

const LONGEST = 16_384;
const SEPARATOR = '\u0001';
const SCHEME = /^(?:bearer|oauth|basic|dpop|mac)$/i;
const OTHER_FIELD = /auth=|bearer/i;

function isFieldAlone(text: string): boolean {
  return isNameAlone(text) && !OTHER_FIELD.test(text);
}

export function readOauthRequest(bytes: Buffer, isBearer: boolean): Reading {
  const want = isBearer ? 'n,a=user,^Ahost=…^Aport=…^Aauth=Bearer …^A^A' : 'user=…^Aauth=Bearer …^A^A';
  if (bytes.length > LONGEST) return opaque(bytes);
  if (bytes.length === 1 && bytes[0] === 1) return reading({ kind: 'oauth-acknowledge' });
  const text = decodeWireText(bytes, 0, bytes.length);
  const header = isBearer ? readGs2Header(text) : null;
  if (isBearer && header === null) return opaque(bytes, { kind: 'structure', want });
  const fields = text.slice(header?.length ?? 0).split(SEPARATOR);
  const value = (name: string): string | null =>
    fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const auth = value('auth');
  const user = isBearer ? (header?.authorization ?? null) : value('user');
  const shown = [user, value('host'), value('port')];
  // Without its separators the token stands in one of the other fields.
  if (auth === null || shown.some((field) => field !== null && !isFieldAlone(field))) {
    return opaque(bytes, { kind: 'structure', want });
  }
  const space = auth.indexOf(' ');
  const scheme = SCHEME.test(auth.slice(0, Math.max(0, space))) ? auth.slice(0, space) : null;
  const token = space < 0 ? '' : auth.slice(space + 1);
  const faults: AuthFault[] = [];
  if (user === null || user === '') {
    // RFC 7628 §3.1 lets a client leave the user to the token; XOAUTH2 does not.
    if (!isBearer) faults.push({ kind: 'empty', what: 'user' });
  }
  if (token.trim() === '') faults.push({ kind: 'empty', what: 'token' });
  if (!text.endsWith(SEPARATOR + SEPARATOR)) faults.push({ kind: 'structure', want });
  return reading(
    {
      kind: 'oauth-request',
      user: user === '' ? null : user,
      host: value('host'),
      port: value('port'),
      // Without a scheme the whole field may be the token.
      scheme,
      token: new Secret(Buffer.from(scheme === null ? auth : token)),
    },
    ...faults,
  );
}

export function readOauthChallenge(bytes: Buffer): Reading {
  if (bytes.length === 0) return reading({ kind: 'empty' });
  const fields = parse(bytes);
  if (fields === null) return opaque(bytes, { kind: 'structure', want: 'JSON with status and scope' });
  const value = (name: string): string | null => {
    const found = fields[name];
    return typeof found === 'string' || typeof found === 'number' ? String(found).slice(0, 512) : null;
  };
  return reading({
    kind: 'oauth-error',
    status: value('status'),
    schemes: value('schemes'),
    scope: value('scope'),
    configuration: value('openid-configuration'),
  });
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  if (bytes.length > LONGEST) return null;
  try {
    const value: unknown = JSON.parse(decodeWireText(bytes, 0, bytes.length));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    // Anybody may send anything: what is no JSON is no error message.
    return null;
  }
}
