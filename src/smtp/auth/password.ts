/** PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), EXTERNAL (RFC 4422 appendix A), ANONYMOUS (RFC 4505). */

import { decodeWireText } from '../wire-text.ts';
import { type AuthFault, opaque, type Reading, reading } from './model.ts';
import { faultsOf, readName } from './names.ts';
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
  return reading(
    {
      kind: 'plain',
      authorization: readName(bytes, 0, first),
      user: readName(bytes, first + 1, second),
      password: new Secret(bytes.subarray(second + 1)),
    },
    ...faultsOf('user', bytes, first + 1, second),
    ...faultsOf('password', bytes, second + 1),
  );
}

/** `Username:`, `User Name` NUL, and what else servers ask; the order of the answers does not depend on it. */
export function readLoginPrompt(bytes: Buffer): Reading {
  const text = decodeWireText(bytes, 0, bytes.length).replace(/\0+$/, '');
  const asksFor = /pass/i.test(text) ? 'password' : /user|login|name/i.test(text) ? 'user' : 'other';
  return reading({ kind: 'login-prompt', text, asksFor });
}

export function readLoginUser(bytes: Buffer): Reading {
  return reading({ kind: 'login-user', user: readName(bytes) }, ...faultsOf('user', bytes));
}

export function readLoginPassword(bytes: Buffer): Reading {
  return reading({ kind: 'login-password', password: new Secret(bytes) }, ...faultsOf('password', bytes));
}

/** An authorization identity or nothing: who it is, the client's certificate says. */
export function readExternal(bytes: Buffer): Reading {
  const faults = bytes.length === 0 ? [] : faultsOf('user', bytes);
  return reading({ kind: 'external', authorization: readName(bytes) }, ...faults);
}

export function readAnonymous(bytes: Buffer): Reading {
  return reading({ kind: 'anonymous', trace: readName(bytes) });
}
