import type { AuthAttempt } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, type Evidence, NOTHING, postfixGuide, rfc } from '../rule.ts';
import { count, list, quote } from '../words.ts';

type Reason = 'disabled' | 'locked' | 'challenge' | 'empty-password' | 'credentials';

interface Data {
  readonly words: string;
  readonly refusals: number;
  readonly mechanisms: readonly string[];
  readonly identities: readonly string[];
  /** A later AUTH of the same session was accepted. */
  readonly recovered: boolean;
  readonly reason: Reason;
}

const CAUSE = {
  disabled:
    'Logging in with a password is switched off for this account or tenant (Exchange Online: SmtpClientAuthentication). ' +
    'The password may be right.',
  locked: 'The account is locked or disabled, often after too many failed logins.',
  challenge:
    'The server offers a challenge mechanism (CRAM-MD5, DIGEST-MD5, SCRAM, NTLM) that its password store cannot verify: ' +
    'it keeps only hashes of another kind. Then it always answers 535, while PLAIN inside TLS works.',
  empty: 'The client sent an empty password: an entry of its password map has a user and no `:password`.',
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
  detect(session) {
    const refused = session.authentication.filter((attempt) => attempt.code === 535 && attempt.reply !== null);
    const first = refused[0];
    if (first?.reply == null) return NOTHING;
    const last = refused.at(-1) as AuthAttempt;
    const recovered = session.authentication.some(
      (attempt) => attempt.outcome === 'accepted' && attempt.command.index > last.command.index,
    );
    const data: Data = {
      words: quote(session, first.reply),
      refusals: refused.length,
      mechanisms: unique(refused.map((attempt) => attempt.mechanism)),
      identities: unique(refused.map((attempt) => attempt.identity ?? '')),
      recovered,
      reason: reasonOf(first, first.reply.text),
    };
    const actor = data.reason === 'disabled' || data.reason === 'challenge' ? 'server' : 'client';
    return [{ evidence: evidenceOf(refused), data, actor, ...(recovered ? { severity: 'notice' } : {}) }];
  },
  message: ({ words, refusals, mechanisms, identities, recovered }) =>
    `The server refused ${refusals === 1 ? 'the login' : count(refusals, 'login')}` +
    `${identities.length === 0 ? '' : ` of ${list(identities.slice(0, 3).map((identity) => `“${identity}”`))}`}` +
    `${identities.length > 3 ? ` and ${count(identities.length - 3, 'other')}` : ''}` +
    `${mechanisms.length === 0 ? '' : ` with ${list(mechanisms)}`}: ${words}` +
    `${recovered ? '; a later login in this session was accepted' : ''}`,
  explanation: `The client logged in and the server said no: 535, credentials invalid. The mail does not go out this way; most clients keep it and try again with the same password, which can get the account locked.

That the login was refused is certain. Why is not told on the wire on purpose: a server does not say whether the user or the password is wrong. The server’s words and the mechanism give hints. Its log knows more.`,
  falseAlarms: [
    'A refused login that is followed by an accepted one in the same session, after a mistyped password or with another mechanism: a notice.',
    'One old device with an old password makes the same refusal again and again: annoying, but no attack.',
  ],
  causes(data) {
    const usual = [CAUSE.password, CAUSE.form, CAUSE.key];
    if (data === null) return Object.values(CAUSE);
    if (data.reason === 'disabled') return [CAUSE.disabled, ...usual];
    if (data.reason === 'locked') return [CAUSE.locked, ...usual];
    if (data.reason === 'empty-password') return [CAUSE.empty, ...usual];
    if (data.reason === 'challenge') return [CAUSE.password, CAUSE.challenge, CAUSE.form, CAUSE.key, CAUSE.backend];
    return [...usual, CAUSE.locked, CAUSE.backend];
  },
  remedies: () => [
    {
      applies: 'Postfix as client',
      text:
        'Ask the password map with the key that Postfix uses, the value of relayhost to the letter, brackets and port ' +
        'included. Run postmap after every change.',
      commands: [
        'postmap -q "$(postconf -h relayhost)" "$(postconf -h default_database_type):/etc/postfix/sasl_passwd"',
        'postmap "$(postconf -h default_database_type):/etc/postfix/sasl_passwd" && postfix reload',
      ],
    },
    {
      applies: 'Exim on Debian and Ubuntu as client',
      text: 'The host in /etc/exim4/passwd.client must be the one that the address’s reverse lookup gives.',
      commands: ['host smtp.isp.example', 'editor /etc/exim4/passwd.client'],
    },
    {
      applies: 'any client, to test the login by hand',
      text: 'Try the same login with swaks, inside TLS; it asks for the password.',
      commands: [
        'swaks --server smtp.isp.example:587 --tls --auth PLAIN --auth-user user --auth-hide-password --quit-after AUTH',
      ],
    },
    {
      applies: 'Postfix with Dovecot or Cyrus SASL as server',
      text:
        'The server’s log names the reason. Offer only mechanisms that the password store can verify (saslauthd: PLAIN and ' +
        'LOGIN alone).',
      commands: [
        'doveadm auth test user@example.net',
        'testsaslauthd -s smtp -u user -p password',
        'grep -i sasl /var/log/mail.log | tail',
      ],
    },
    {
      applies: 'Exchange Online',
      text: 'Allow authenticated SMTP for the mailbox if policy permits it, or let the client use OAuth.',
      commands: ['Set-CASMailbox -Identity user@example.net -SmtpClientAuthenticationDisabled $false'],
    },
  ],
  references: [rfc(4954, '4'), rfc(4954, '6'), postfixGuide('SASL_README')],
});

function reasonOf(attempt: AuthAttempt, text: string): Reason {
  if (/\b5\.7\.139\b|SmtpClientAuthentication|basic auth\w* is disabled/i.test(`${attempt.enhancedCode ?? ''} ${text}`))
    return 'disabled';
  if (/\b(?:locked|suspended|disabled|blocked)\b/i.test(text)) return 'locked';
  if (hasEmptyPassword(attempt)) return 'empty-password';
  return CHALLENGE.test(attempt.mechanism) ? 'challenge' : 'credentials';
}

/** `AUTH PLAIN` whose password part is empty; the password itself is looked at no further. */
function hasEmptyPassword(attempt: AuthAttempt): boolean {
  if (attempt.mechanism !== 'PLAIN' || attempt.exposed === null) return false;
  const line = attempt.exposed.lines[0] ?? '';
  const token = line.trim().split(/\s+/).at(-1) ?? '';
  const parts = Buffer.from(token, 'base64').toString('latin1').split('\0');
  return parts.length === 3 && parts[1] !== '' && parts[2] === '';
}

function evidenceOf(refused: readonly AuthAttempt[]): Evidence[] {
  return refused
    .slice(0, 5)
    .flatMap((attempt) => [
      turnShows(attempt.command, 'the login'),
      ...(attempt.reply === null ? [] : [turnShows(attempt.reply, 'is refused')]),
    ]);
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words.filter((word) => word !== ''))];
}
