/** PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), EXTERNAL (RFC 4422 appendix A), ANONYMOUS (RFC 4505). */

import { decodeWireText } from '../wire-text.ts';
import { loginPrompt } from './login-prompt.ts';
import { type AuthFault, opaque, type Reading, reading } from './model.ts';
import { faultsOf, isNameAlone, readName } from './names.ts';
import { Secret } from './secret.ts';

const REPLACEMENT = Buffer.from('\ufffd');
const BACKSLASH_ZERO = Buffer.from('\\0');

/** `message = [authzid] NUL authcid NUL passwd` (RFC 4616 §2) */
export function readPlain(bytes: Buffer): Reading {
  let nuls = 0;
  let first = -1;
  let second = -1;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) continue;
    nuls++;
    if (first < 0) first = i;
    else if (second < 0) second = i;
  }
  if (nuls !== 2) {
    const spelled: AuthFault[] =
      nuls > 0
        ? []
        : bytes.includes(BACKSLASH_ZERO)
          ? [{ kind: 'nul-spelled', as: 'backslash-zero' }]
          : bytes.includes(REPLACEMENT)
            ? [{ kind: 'nul-spelled', as: 'replacement-character' }]
            : [];
    return opaque(bytes, ...(spelled.length > 0 ? spelled : [{ kind: 'nul-count', found: nuls } as const]));
  }
  const authorization = readName(bytes, 0, first);
  const user = readName(bytes, first + 1, second);
  const password = bytes.subarray(second + 1);
  const faults = [...faultsOf('user', bytes, first + 1, second), ...faultsOf('password', bytes, second + 1)];
  // One of three is missing: what stands in front may be the other two, `user NUL password NUL`.
  const isShifted = authorization !== '' && (user === '' || password.length === 0);
  if (isShifted) return opaque(bytes, ...faults);
  if (!isNameAlone(authorization) || !isNameAlone(user)) {
    return opaque(bytes, { kind: 'structure', want: 'NUL, user, NUL, password' });
  }
  return reading({ kind: 'plain', authorization, user, password: new Secret(password) }, ...faults);
}

/** `Username:`, `User Name` NUL, and what else servers ask; the order of the answers does not depend on it. */
export function readLoginPrompt(bytes: Buffer): Reading {
  const text = decodeWireText(bytes, 0, bytes.length).replace(/\0+$/, '');
  return reading({ kind: 'login-prompt', text, asksFor: loginPrompt(text) });
}

export function readLoginUser(bytes: Buffer): Reading {
  const user = readName(bytes);
  // `user:password`, or the message of PLAIN.
  if (!isNameAlone(user) || user.includes(':')) return opaque(bytes, { kind: 'structure', want: 'a user alone' });
  return reading({ kind: 'login-user', user }, ...faultsOf('user', bytes));
}

export function readLoginPassword(bytes: Buffer): Reading {
  return reading({ kind: 'login-password', password: new Secret(bytes) }, ...faultsOf('password', bytes));
}

/** An authorization identity or nothing: who it is, the client's certificate says. */
export function readExternal(bytes: Buffer): Reading {
  const authorization = readName(bytes);
  if (!isIdentityAlone(authorization)) return opaque(bytes, { kind: 'structure', want: 'an identity alone' });
  const faults = bytes.length === 0 ? [] : faultsOf('user', bytes);
  return reading({ kind: 'external', authorization }, ...faults);
}

export function readAnonymous(bytes: Buffer): Reading {
  const trace = readName(bytes);
  if (!isIdentityAlone(trace)) return opaque(bytes, { kind: 'structure', want: 'a trace alone' });
  return reading({ kind: 'anonymous', trace });
}

/** No `user:password`; `u:` and `dn:` (RFC 4513 §5.2.1.8) lead in names. */
function isIdentityAlone(text: string): boolean {
  return isNameAlone(text) && !text.replace(/^(?:u|dn):/i, '').includes(':');
}
