import { authExchanges } from '../../smtp/auth/exchange.ts';
import type { AuthExchange, AuthFault, OauthError } from '../../smtp/auth/model.ts';
import { faultWords } from '../auth-faults.ts';
import {
  type AuthRefusal,
  loginWords,
  NO_PASSWORDS,
  type RefusedLogins,
  recoveryWords,
  refusedLogins,
} from '../auth-refusals.ts';
import { CLIENT_PASSWORDS, providerRemedies, SERVER_LOG, TRY_BY_HAND } from '../auth-remedies.ts';
import { defineRule, NOTHING, postfixGuide, rfc } from '../rule.ts';
import { list } from '../words.ts';

type Reason = 'disabled' | 'locked' | 'oauth' | 'empty-password' | 'form' | 'challenge' | 'credentials';

interface Data extends RefusedLogins {
  readonly reason: Reason;
  /** What is seen to be odd in the form of user or password. */
  readonly faults: readonly string[];
  /** What an OAuth server said in its challenge. */
  readonly oauth: string | null;
}

const CAUSE = {
  disabled:
    'Logging in with a password is switched off for this account or tenant (Exchange Online: SmtpClientAuthentication, ' +
    'security defaults). The password may be right.',
  locked: 'The account is locked or disabled, often after too many failed logins.',
  token: 'The token is expired, was made for another scope or another account, or the application may not use SMTP.',
  empty: 'The client sent an empty password: an entry of its password map has a user and no `:password`.',
  spelling:
    'User or password does not arrive as it was meant: a line end or white space behind it (`echo … | base64`, a value out of ' +
    'a file), or another charset than UTF-8.',
  challenge:
    'The server offers a challenge mechanism (CRAM-MD5, DIGEST-MD5, SCRAM, NTLM) that its password store cannot verify: ' +
    'it keeps only hashes of another kind. Then it always answers 535, while PLAIN inside TLS works.',
  password: 'The user name or the password is wrong: mistyped, changed, expired, or of another account.',
  form: 'The server wants the user name in another form: the whole address instead of the local part, or the reverse.',
  key: 'The client took another entry of its password map than was meant: its key must be spelled as relayhost is.',
  backend: 'The server’s check fails by itself (saslauthd, Dovecot, LDAP) and it says 535 where 454 would be right.',
} as const;

/** Mechanisms in which the password itself never goes over the wire. */
const CHALLENGE = /^(?:CRAM-|DIGEST-|SCRAM-|NTLM)/;

export default defineRule<Data>({
  id: 'auth-535',
  title: 'The server refused the login',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-535');
    if (group === null) return NOTHING;
    const exchange = authExchanges(session)[session.authentication.indexOf(group.first.attempt)];
    const faults = exchange?.steps.flatMap((step) => step.faults) ?? [];
    const oauth = exchange === undefined ? null : oauthErrorOf(exchange);
    const reason = reasonOf(group.first, faults, oauth !== null);
    const data: Data = {
      ...group.data,
      reason,
      faults: [...new Set(faults.map(faultWords))],
      oauth: oauth === null ? null : oauthWords(oauth),
    };
    const actor = reason === 'disabled' || reason === 'challenge' ? 'server' : 'client';
    return [{ evidence: group.evidence, data, actor, ...(data.recovered === null ? {} : { severity: 'notice' }) }];
  },
  message: (data) =>
    `The server refused ${loginWords(data)}: ${data.words}` +
    `${data.oauth === null ? '' : `; its error: ${data.oauth}`}` +
    `${data.faults.length === 0 ? '' : `; seen in it: ${list(data.faults)}`}${recoveryWords(data)}`,
  explanation: `The client logged in and the server said no: 535, credentials invalid. The mail does not go out this way; most clients keep it and try again with the same password, which can get the account locked.

That the login was refused is certain. Why is not told on the wire on purpose: a server does not say whether the user or the password is wrong. The server’s words and the mechanism give hints. Its log knows more.`,
  falseAlarms: [
    'A refused login that is followed by an accepted one in the same session, after a mistyped password or with another mechanism, or by one of this client in another session that is known by then: a notice.',
    'One old device with an old password makes the same refusal again and again: annoying, but no attack.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const { provider } = data;
    const usual = [CAUSE.password, CAUSE.form, CAUSE.key];
    const first: string[] = FIRST[data.reason].map((name) => CAUSE[name]);
    // What the provider wants explains a right password that is refused; the server's own words know more.
    if (provider !== null && data.reason !== 'oauth') first.push(provider.cause);
    if (data.reason === 'challenge') return [CAUSE.password, ...first, CAUSE.form, CAUSE.key, CAUSE.backend];
    return [...first, ...usual, ...(data.reason === 'credentials' ? [CAUSE.locked, CAUSE.backend] : [])];
  },
  remedies: (data) => [
    ...(data !== null && data.reason === 'disabled' && data.provider === null ? EXCHANGE_ONLINE : []),
    ...providerRemedies(data === null ? undefined : data.provider),
    ...CLIENT_PASSWORDS,
    TRY_BY_HAND,
    SERVER_LOG,
  ],
  references: [rfc(4954, '4'), rfc(4954, '6'), postfixGuide('SASL_README')],
});

/** What the reason puts before the usual causes. */
const FIRST: Readonly<Record<Reason, readonly (keyof typeof CAUSE)[]>> = {
  disabled: ['disabled'],
  locked: ['locked'],
  oauth: ['token'],
  'empty-password': ['empty'],
  form: ['spelling'],
  challenge: ['challenge'],
  credentials: [],
};

const EXCHANGE_ONLINE = providerRemedies(undefined).filter(({ applies }) => applies.startsWith('Microsoft 365'));

function reasonOf({ attempt, reply }: AuthRefusal, faults: readonly AuthFault[], isOauth: boolean): Reason {
  const { text } = reply;
  if (isOauth) return 'oauth';
  // 5.7.139 alone says little: Exchange Online gives it to wrong passwords as well.
  if (DISABLED.test(text) || NO_PASSWORDS.test(text)) return 'disabled';
  if (/\b(?:locked|suspended|disabled|blocked)\b/i.test(text)) return 'locked';
  if (faults.some((fault) => fault.kind === 'empty' && fault.what === 'password')) return 'empty-password';
  if (faults.length > 0) return 'form';
  return CHALLENGE.test(attempt.mechanism) ? 'challenge' : 'credentials';
}

const DISABLED =
  /\bSmtpClientAuthentication\b|\bsecurity defaults\b|\bconditional access\b|\bdid not meet the criteria\b/i;

function oauthErrorOf({ steps }: AuthExchange): OauthError | null {
  for (const { content } of steps) if (content.kind === 'oauth-error') return content;
  return null;
}

function oauthWords({ status, schemes, scope }: OauthError): string {
  const parts = [`status ${status ?? 'not told'}`];
  if (schemes !== null) parts.push(`schemes ${schemes}`);
  if (scope !== null) parts.push(`scope ${scope}`);
  return parts.join(', ');
}
