/** Which reader a mechanism has for the nth message of each side. */

import { readCramChallenge, readCramResponse } from './cram.ts';
import { readDigestChallenge, readDigestResponse } from './digest.ts';
import { readGss } from './gss.ts';
import { opaque, type Reading, reading } from './model.ts';
import { isNtlm, readNtlm } from './ntlm.ts';
import { readOauthChallenge, readOauthRequest } from './oauth.ts';
import {
  readAnonymous,
  readExternal,
  readLoginPassword,
  readLoginPrompt,
  readLoginUser,
  readPlain,
} from './password.ts';
import { readScramClientFinal, readScramClientFirst, readScramServerFinal, readScramServerFirst } from './scram.ts';

/** How a mechanism reads the nth message of a side; `n` counts from 0, empty ones included. */
export interface Mechanism {
  readonly client: (bytes: Buffer, n: number) => Reading;
  readonly server: (bytes: Buffer, n: number) => Reading;
  /** An empty line means something too: an empty password, the identity of the certificate. */
  readonly readsEmpty?: boolean;
}

const PLAIN: Mechanism = { client: readPlain, server: text };
const LOGIN: Mechanism = {
  client: (bytes, n) => (n === 0 ? readLoginUser(bytes) : n === 1 ? readLoginPassword(bytes) : opaque(bytes)),
  server: readLoginPrompt,
  readsEmpty: true,
};
const CRAM: Mechanism = { client: readCramResponse, server: readCramChallenge };
const DIGEST: Mechanism = { client: readDigestResponse, server: readDigestChallenge };
const SCRAM: Mechanism = {
  client: (bytes, n) => (n === 0 ? readScramClientFirst(bytes) : readScramClientFinal(bytes)),
  server: (bytes, n) => (n === 0 ? readScramServerFirst(bytes) : readScramServerFinal(bytes)),
};
const NTLM: Mechanism = { client: readNtlm, server: (bytes) => (isNtlm(bytes) ? readNtlm(bytes) : text(bytes)) };
const GSS: Mechanism = { client: readGss, server: readGss };
const XOAUTH2: Mechanism = { client: (bytes) => readOauthRequest(bytes, false), server: readOauthChallenge };
const OAUTHBEARER: Mechanism = { client: (bytes) => readOauthRequest(bytes, true), server: readOauthChallenge };
const EXTERNAL: Mechanism = { client: readExternal, server: text, readsEmpty: true };
const ANONYMOUS: Mechanism = { client: readAnonymous, server: text };
const UNKNOWN: Mechanism = { client: (bytes) => opaque(bytes), server: text };

const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  PLAIN,
  LOGIN,
  'CRAM-MD5': CRAM,
  'CRAM-MD4': CRAM,
  'CRAM-SHA1': CRAM,
  'DIGEST-MD5': DIGEST,
  NTLM,
  GSSAPI: GSS,
  'GSS-SPNEGO': GSS,
  XOAUTH2,
  OAUTHBEARER,
  EXTERNAL,
  ANONYMOUS,
};

/** `name` in capitals. */
export function mechanismOf(name: string): Mechanism {
  return MECHANISMS[name] ?? (name.startsWith('SCRAM-') ? SCRAM : UNKNOWN);
}

/** `334 NTLM supported`, `334 ` and the like: words where a challenge would stand. */
function text(bytes: Buffer): Reading {
  const words = bytes.toString('latin1');
  return /^[\x20-\x7e]+$/.test(words) ? reading({ kind: 'text', text: words }) : opaque(bytes);
}
