/**
 * What an AUTH exchange says of who logs in: as much as every session with AUTH is asked for. The steps in their
 * structure are read by auth/exchange.ts, when somebody wants to see them.
 */

import { readBase64 } from './auth/base64.ts';
import { mechanismOf } from './auth/mechanisms.ts';
import type { AuthContent } from './auth/model.ts';
import type { Turn } from './turn.ts';

/** Mechanisms whose client bytes are the credentials themselves. */
const READABLE = new Set(['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER']);
/** Longer ones are no names. */
const LONGEST_NAME = 512;

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
 * @param steps the client's lines after the AUTH command, in base64, as far as they belong to the exchange for certain
 */
export function readIdentity(mechanism: string, initial: string | null, steps: readonly Turn[]): string | null {
  // LOGIN: the line that was asked for as the name, whatever the order.
  if (mechanism === 'LOGIN' && initial === null) {
    return readName(steps.find(({ step }) => step === 'user')?.lines[0] ?? '', mechanism);
  }
  const answers = steps.filter((turn) => turn.step !== 'cancel').map((turn) => turn.lines[0] ?? '');
  const all = initial === null ? answers : [initial, ...answers];
  // NTLM names the user in its last message, all others in their first.
  return readName((mechanism === 'NTLM' ? all.at(-1) : all[0]) ?? '', mechanism);
}

function readName(line: string, mechanism: string): string | null {
  const bytes = line.trim() === '' ? null : readBase64(line).bytes;
  if (bytes === null) return null;
  const user = userOf(mechanismOf(mechanism).client(bytes, 0).content);
  return user === null || user === '' || user.length > LONGEST_NAME ? null : user;
}

/** The user that a step of a client names; null where it names none. */
function userOf(content: AuthContent): string | null {
  switch (content.kind) {
    case 'plain':
    case 'login-user':
    case 'cram-response':
    case 'digest-response':
    case 'scram-client-first':
    case 'ntlm-authenticate':
    case 'oauth-request':
      return content.user;
    case 'external':
      return content.authorization;
    default:
      return null;
  }
}
