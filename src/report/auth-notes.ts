/**
 * What each line of an AUTH exchange says, in words, to stand beside it: names, challenges and counts always, secrets
 * as a mask's word unless they are to be shown. Wire text is in it: outputs make it harmless.
 */
import { faultWords } from '../findings/auth-faults.ts';
import { authExchanges } from '../smtp/auth/exchange.ts';
import type {
  AuthContent,
  DigestChallenge,
  DigestResponse,
  GssToken,
  NtlmAuthenticate,
  NtlmChallenge,
  OauthError,
  OauthRequest,
  ScramClientFirst,
} from '../smtp/auth/model.ts';
import type { Secret } from '../smtp/auth/secret.ts';
import type { Session } from '../smtp/session.ts';

/** By the index of the turn; lines that say nothing more than they show have none. */
export function authNotes(session: Session, reveal: boolean): ReadonlyMap<number, string> {
  const notes = new Map<number, string>();
  for (const { steps } of authExchanges(session)) {
    for (const { turn, content, faults } of steps) {
      const words = contentWords(content, reveal);
      // What is empty, the words say already.
      const wrong = faults
        .filter(({ kind }) => words === null || kind !== 'empty')
        .map(faultWords)
        .join('; ');
      const note = words !== null && wrong !== '' ? `${words}; ${wrong}` : (words ?? (wrong === '' ? null : wrong));
      if (note !== null) notes.set(turn.index, note);
    }
  }
  return notes;
}

function contentWords(content: AuthContent, reveal: boolean): string | null {
  const hidden = (name: string, secret: Secret): string =>
    secret.isEmpty ? `no ${name}` : reveal ? `${name} ${secret.reveal()}` : `${name} masked`;
  switch (content.kind) {
    case 'empty':
    case 'opaque':
    case 'text':
      return null;
    case 'cancel':
      return 'cancels the exchange';
    case 'plain':
      return `${userWords(content.user)}${acting(content.authorization, content.user)}, ${hidden('password', content.password)}`;
    case 'login-prompt':
      return content.text;
    case 'login-user':
      return userWords(content.user);
    case 'login-password':
      return hidden('password', content.password);
    case 'cram-challenge':
      return `challenge ${content.text}`;
    case 'cram-response':
      return `${userWords(content.user)}, ${hidden('digest', content.digest)}`;
    case 'digest-challenge':
      return digestChallenge(content);
    case 'digest-response':
      return digestResponse(content, hidden('response', content.response));
    case 'digest-proof':
      return reveal ? `the server’s proof ${content.proof.reveal()}` : 'the server’s proof, masked';
    case 'scram-client-first':
      return scramFirst(content);
    case 'scram-server-first':
      return `SCRAM: ${content.iterations} iterations, salt of ${content.saltBytes} bytes, nonce of ${content.nonceBytes} characters`;
    case 'scram-client-final': {
      const binding =
        content.channelBindingBytes > 0 ? `channel binding of ${content.channelBindingBytes} bytes, ` : '';
      return `SCRAM: ${binding}${hidden('proof', content.proof)}`;
    }
    case 'scram-server-final':
      if (content.error !== null) return `SCRAM: refused: ${content.error}`;
      return content.proof === null ? null : `SCRAM: ${hidden('the server’s proof', content.proof)}`;
    case 'ntlm-negotiate':
      return `NTLM 1${named(['domain', content.domain], ['host', content.host], ['Windows', content.version])}`;
    case 'ntlm-challenge':
      return ntlmChallenge(content);
    case 'ntlm-authenticate':
      return ntlmAuthenticate(content, reveal);
    case 'gss':
      return gssToken(content);
    case 'oauth-request':
      return oauthRequest(content, hidden('token', content.token));
    case 'oauth-error':
      return oauthError(content);
    case 'oauth-acknowledge':
      return 'acknowledges the refusal';
    case 'external':
      return content.authorization === ''
        ? 'the identity is that of the client’s certificate'
        : `acting as ${content.authorization}`;
    case 'anonymous':
      return content.trace === '' ? null : `trace ${content.trace}`;
  }
}

function userWords(user: string): string {
  return user === '' ? 'no user' : `user ${user}`;
}

function acting(authorization: string | null, user: string): string {
  return authorization === null || authorization === '' || authorization === user ? '' : ` acting as ${authorization}`;
}

/** `, domain EXAMPLE, host MX1` of what is known. */
function named(...pairs: readonly (readonly [name: string, value: string | null])[]): string {
  return pairs.map(([name, value]) => (value === null || value === '' ? '' : `, ${name} ${value}`)).join('');
}

function digestChallenge({ realms, qop, algorithm, nonceBytes, stale }: DigestChallenge): string {
  const realm = realms.length === 0 ? null : realms.join(' or ');
  return `DIGEST-MD5: nonce of ${nonceBytes} characters${named(['realm', realm], ['qop', qop], ['algorithm', algorithm])}${stale ? ', the last nonce was stale' : ''}`;
}

function digestResponse(content: DigestResponse, response: string): string {
  const { user, authorization, realm, uri, qop } = content;
  return `${userWords(user)}${acting(authorization, user)}${named(['realm', realm], ['for', uri], ['qop', qop])}, ${response}`;
}

function scramFirst({ binding, authorization, user, nonceBytes }: ScramClientFirst): string {
  const bound =
    binding === 'n'
      ? 'no channel binding'
      : binding === 'y'
        ? 'no channel binding, as the server offers none'
        : `channel binding ${binding}`;
  return `SCRAM: ${userWords(user)}${acting(authorization, user)}, ${bound}, nonce of ${nonceBytes} characters`;
}

function ntlmChallenge(content: NtlmChallenge): string {
  const { target, netbiosDomain, netbiosHost, dnsDomain, dnsHost, dnsForest, version } = content;
  return `NTLM 2${named(
    ['target', target],
    ['domain', netbiosDomain === target ? null : netbiosDomain],
    ['host', netbiosHost],
    ['DNS domain', dnsDomain],
    ['DNS host', dnsHost],
    ['forest', dnsForest === dnsDomain ? null : dnsForest],
    ['Windows', version],
  )}`;
}

function ntlmAuthenticate(
  { user, domain, host, responseVersion, response }: NtlmAuthenticate,
  reveal: boolean,
): string {
  const kind = responseVersion === null ? 'no response' : `NTLMv${responseVersion} response`;
  const value = responseVersion === null ? '' : reveal ? ` ${response.revealHex()}` : ' masked';
  return `NTLM 3${named(['user', user], ['domain', domain], ['host', host])}, ${kind}${value}`;
}

function gssToken({ framing, inner, proposed, message, service, realm, bytes }: GssToken): string {
  const ticket = service === null ? '' : `, ticket for ${service}${realm === null ? '' : `@${realm}`}`;
  const within = inner === null ? '' : `${inner}${message === null ? '' : ` ${message}`}${ticket}`;
  if (framing === 'spnego') {
    const offers = proposed.length > 1 ? ` proposing ${proposed.join(', ')}` : '';
    return `SPNEGO${offers}${within === '' ? '' : `: ${within}`}`;
  }
  return within === '' ? `token of ${bytes} bytes` : within;
}

function oauthRequest({ user, host, port, scheme }: OauthRequest, token: string): string {
  const parts = [
    userWords(user ?? ''),
    ...(host === null ? [] : [`host ${host}`]),
    ...(port === null ? [] : [`port ${port}`]),
    scheme === null ? token : `${scheme} ${token}`,
  ];
  return parts.join(', ');
}

function oauthError({ status, schemes, scope, configuration }: OauthError): string {
  return `refused${named(['status', status], ['schemes', schemes], ['scope', scope], ['see', configuration])}`;
}
