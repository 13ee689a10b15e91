import { authExchanges } from '../../smtp/auth/exchange.ts';
import type { AuthExchange, AuthFault, OauthError } from '../../smtp/auth/model.ts';
import type { Session } from '../../smtp/session.ts';
import { faultWords } from '../auth-faults.ts';
import { type AuthRefusal, loginWords, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { CLIENT_PASSWORDS, TRY_BY_HAND } from '../auth-remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { list } from '../words.ts';

type Reason = 'cancelled' | 'oauth' | 'too-long' | 'no-mechanism' | 'malformed' | 'unknown';

interface Data extends RefusedLogins {
  readonly reason: Reason;
  readonly faults: readonly string[];
  /** What an OAuth server said before the client gave up. */
  readonly oauth: string | null;
}

const CAUSE = {
  cancelled:
    'The client broke the exchange off: it has no password for this user, does not like the challenge (DIGEST-MD5 with a ' +
    'realm it does not know, SCRAM with a server that it does not trust), or its user pressed cancel.',
  oauth: 'The token is expired, was made for another scope or account, or the application is not registered for SMTP.',
  tooLong:
    'A token or ticket is longer than the server takes: an OAuth token or a Kerberos ticket with many groups. RFC 4954 asks a ' +
    'server for 12,288 octets in a response, but only for 512 in the AUTH command itself.',
  script:
    'The base64 was made by hand or by a script: `echo` puts a line end into it, a shell takes `\\0` for text, a missing ' +
    'separator joins user and password.',
  library: 'The client’s library builds the message wrongly, or converts it from one charset to another on its way.',
  plain: 'User or password was sent as it is, not in base64.',
  server: 'The server does not take an initial response with this mechanism, or not this form of it.',
} as const;

export default defineRule<Data>({
  id: 'auth-501',
  title: 'The login was malformed or broken off',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-501');
    if (group === null) return NOTHING;
    const data: Data = { ...group.data, ...whatIsWrong(session, group.refusals[0] as AuthRefusal) };
    const isHarmless =
      data.recovered !== null && group.refusals.every(({ attempt }) => attempt.outcome === 'cancelled');
    return [{ evidence: group.evidence, data, ...(isHarmless ? { severity: 'notice' } : {}) }];
  },
  message: (data) =>
    data.reason === 'cancelled' || data.reason === 'oauth'
      ? `The client broke off ${loginWords(data)}${data.oauth === null ? '' : ` after the server’s error (${data.oauth})`}: ${data.words}${recoveryWords(data)}`
      : `The server did not understand ${loginWords(data)}: ${data.words}` +
        `${data.faults.length === 0 ? '' : `; seen in it: ${list(data.faults)}`}${recoveryWords(data)}`,
  explanation: `The server could not read what the client sent, or the client broke the exchange off with a line of \`*\`: 501, or 500 5.5.6 for a line that is too long. Nobody looked at the password. What is wrong with the lines is named where it can be seen: wrong base64, a wrong number of NULs, an empty password, a line end within a name.

That it was refused is certain, and so is what is seen of its form. A form that looks right may still be one that this server does not take.`,
  falseAlarms: [
    'A client that breaks off one mechanism and logs in with another: a notice.',
    'Some servers answer 501 to a wrong password; then nothing is seen in its form.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    switch (data.reason) {
      case 'cancelled':
        return [CAUSE.cancelled];
      case 'oauth':
        return [CAUSE.oauth, CAUSE.cancelled];
      case 'too-long':
        return [CAUSE.tooLong];
      case 'no-mechanism':
        return [CAUSE.library];
      case 'malformed':
        return data.faults.some((fault) => fault.startsWith('not base64'))
          ? [CAUSE.plain, CAUSE.library, CAUSE.script]
          : [CAUSE.script, CAUSE.library];
      case 'unknown':
        return [CAUSE.server, CAUSE.library];
    }
  },
  remedies: (data) => [
    ...(data === null || data.reason === 'malformed' || data.reason === 'unknown'
      ? [
          {
            applies: 'scripts that build it by hand',
            text: 'printf makes real NULs and no line end: user and password each behind one NUL. Check what was built by decoding it.',
            commands: [
              "printf '\\0%s\\0%s' 'user' 'password' | base64 -w0",
              "printf '%s' 'AHVzZXIAcGFzc3dvcmQ=' | base64 -d | od -c",
            ],
          },
          TRY_BY_HAND,
        ]
      : []),
    ...(data === null || data.reason === 'oauth'
      ? [
          {
            applies: 'OAuth clients',
            text:
              'Get a fresh token for this account with the scope of SMTP: https://mail.google.com/ at Google, ' +
              'https://outlook.office.com/SMTP.Send at Microsoft; the user in the request must be the token’s.',
            commands: [],
          },
        ]
      : []),
    ...(data === null || data.reason === 'too-long'
      ? [
          {
            applies: 'developers of clients',
            text: 'Leave the initial response out when the AUTH command would pass 512 octets: send it after the 334.',
            commands: [],
          },
          {
            applies: 'Postfix as server',
            text: 'line_length_limit (2048) bounds an SMTP line; smtpd_sasl_response_limit (12288) bounds the whole response.',
            commands: ['postconf line_length_limit smtpd_sasl_response_limit'],
          },
        ]
      : []),
    ...(data === null || data.reason === 'cancelled' ? CLIENT_PASSWORDS : []),
    ...(data?.reason === 'no-mechanism'
      ? [
          {
            applies: 'developers of clients',
            text: 'AUTH needs the name of a mechanism that EHLO listed.',
            commands: [],
          },
        ]
      : []),
  ],
  references: [rfc(4954, '4'), rfc(4954, '6'), rfc(4616, '2')],
});

function whatIsWrong(session: Session, { attempt }: AuthRefusal): Pick<Data, 'reason' | 'faults' | 'oauth'> {
  const exchange = authExchanges(session)[session.authentication.indexOf(attempt)];
  const faults = exchange?.steps.flatMap((step) => step.faults) ?? [];
  const words = [...new Set(faults.map(faultWords))];
  const refused = exchange === undefined ? null : oauthErrorOf(exchange);
  const oauth = refused === null ? null : oauthWords(refused);
  return { reason: reasonOf(attempt.outcome === 'cancelled', refused !== null, faults), faults: words, oauth };
}

function reasonOf(isCancelled: boolean, isOauth: boolean, faults: readonly AuthFault[]): Reason {
  if (isOauth) return 'oauth';
  if (isCancelled) return 'cancelled';
  const has = (kind: AuthFault['kind']): boolean => faults.some((fault) => fault.kind === kind);
  if (has('no-mechanism')) return 'no-mechanism';
  if (has('line-too-long')) return 'too-long';
  return faults.length > 0 ? 'malformed' : 'unknown';
}

function oauthErrorOf({ steps }: AuthExchange): OauthError | null {
  for (const { content } of steps) if (content.kind === 'oauth-error') return content;
  return null;
}

function oauthWords({ status, scope }: OauthError): string {
  return `status ${status ?? 'not told'}${scope === null ? '' : `, scope ${scope}`}`;
}
