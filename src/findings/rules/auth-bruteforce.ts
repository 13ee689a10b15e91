import { authExchanges } from '../../smtp/auth/exchange.ts';
import type { Secret } from '../../smtp/auth/secret.ts';
import type { AuthAttempt, Session } from '../../smtp/session.ts';
import { type AuthRefusalKind, authRefusals } from '../auth-refusals.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count, duration, list } from '../words.ts';

interface Data {
  readonly refusals: number;
  readonly users: readonly string[];
  readonly seconds: number;
  /** The user that was let in at last; null when none was, '' when it cannot be told. */
  readonly success: string | null;
  /** Every refused login carried one user and one password. */
  readonly repeated: boolean;
}

/** Refusals in one session from which on they are a pattern. */
const MANY = 5;

/** Refusals that say no to the credentials; the others never looked at them. */
const OF_CREDENTIALS: ReadonlySet<AuthRefusalKind> = new Set(['auth-535', 'auth-534', 'auth-too-many-errors']);

const CAUSE = {
  guessing: 'A botnet or a script tries passwords, one after the other on one connection.',
  stale:
    'A client repeats one old password without end: a device, a printer, a mail program after a change of password.',
  fallback: 'A client tries every mechanism on offer with one wrong password, several times.',
  backend: 'The server’s own check is broken and refuses everybody (535 where 454 would be right).',
} as const;

export default defineRule<Data>({
  id: 'auth-bruteforce',
  title: 'Passwords are being guessed',
  severity: 'warning',
  confidence: 'likely',
  actor: 'server',
  triggers: ['authRefused'],
  needs: { client: 'any', server: 'lower' },
  explains: [],
  detect(session) {
    if (session.authentication.length < MANY) return NOTHING;
    const refused = authRefusals(session).filter(({ kind }) => OF_CREDENTIALS.has(kind));
    const first = refused[0];
    const last = refused.at(-1);
    if (first === undefined || last === undefined || refused.length < MANY) return NOTHING;
    const success = session.authentication.find(
      ({ outcome, command }) => outcome === 'accepted' && command.index > first.reply.index,
    );
    const attempts = refused.map(({ attempt }) => attempt);
    const repeated = areOneGuess(session, attempts);
    // The password that was refused all the time was right: nobody guessed it.
    if (repeated && success !== undefined && areOneGuess(session, [...attempts, success])) return NOTHING;
    return [
      {
        evidence: [
          ...refused.slice(0, MANY).map(({ reply }) => turnShows(reply, 'a login is refused')),
          ...(success?.reply == null ? [] : [turnShows(success.reply, 'a login is accepted')]),
        ],
        data: {
          refusals: refused.length,
          users: [...new Set(attempts.flatMap(({ identity }) => (identity === null ? [] : [identity])))],
          seconds: (last.reply.timeUs - first.attempt.command.timeUs) / 1e6,
          success: success === undefined ? null : (success.identity ?? ''),
          repeated,
        },
        ...(success === undefined ? {} : { severity: 'critical' }),
        ...(repeated
          ? { confidence: 'hint', doubts: ['every one of them carried the same user and the same password'] }
          : {}),
      },
    ];
  },
  message: ({ refusals, users, seconds, success }) =>
    `${count(refusals, 'login')} were refused in one session within ${duration(seconds)}` +
    `${users.length === 0 ? '' : `, for ${list(users.slice(0, 3).map((user) => `“${user}”`))}${users.length > 3 ? ` and ${count(users.length - 3, 'other user')}` : ''}`}` +
    `${success === null ? '' : `; then ${success === '' ? 'one' : `“${success}”`} was let in`}`,
  explanation: `Five refused logins and more on one connection are what somebody does who tries passwords. Every server that takes logins on the internet sees it. It is serious when one of them succeeds in the end: then the account is probably lost, and spam will be sent through it.

That the logins were refused is certain. That it is an attack is likely: a client that tries all its mechanisms with one wrong password, or repeats it, does the like; where the passwords can be compared and are all the same, it is no more than a hint.`,
  falseAlarms: [
    'One old device with an old password: the same user and the same password again and again.',
    'A person who tries to remember a password, in a client that keeps the connection open.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return data.repeated
      ? [CAUSE.stale, CAUSE.fallback, CAUSE.backend]
      : [CAUSE.guessing, CAUSE.fallback, CAUSE.stale, CAUSE.backend];
  },
  remedies: (data) => [
    ...(data === null || data.success !== null
      ? [
          {
            applies: 'the account that was let in',
            text: 'Lock it or change its password now, and look at what was sent through it since.',
            commands: ['grep "sasl_username=user" /var/log/mail.log | tail -n 50', 'postqueue -p'],
          },
        ]
      : []),
    {
      applies: 'fail2ban',
      text: 'Ban addresses whose logins are refused again and again.',
      commands: [
        'printf "[postfix-sasl]\\nenabled = true\\n" > /etc/fail2ban/jail.d/postfix-sasl.local && systemctl reload fail2ban',
        'fail2ban-client status postfix-sasl',
      ],
    },
    {
      applies: 'Postfix as server',
      text:
        'End a session after fewer errors, limit how often one client may try in a minute (0, the default, is no limit), and ' +
        'take logins on 587 and 465 only, not on port 25.',
      commands: [
        'postconf -e "smtpd_hard_error_limit = 5" "smtpd_client_auth_rate_limit = 10" && postfix reload',
        'postconf -P | grep sasl_auth_enable',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'Drop clients after several refused logins: a ratelimit condition in acl_smtp_auth.',
      commands: ['exim -bP acl_smtp_auth'],
    },
    {
      applies: 'Dovecot',
      text: 'auth_failure_delay slows each refusal down; the auth policy server can refuse networks.',
      commands: ['doveconf auth_failure_delay auth_policy_server_url'],
    },
  ],
  references: [rfc(4954, '9'), postconf('smtpd_client_auth_rate_limit')],
});

/** All of them carried the same user and password, in mechanisms that show it. */
function areOneGuess(session: Session, attempts: readonly AuthAttempt[]): boolean {
  const exchanges = authExchanges(session);
  let known: { readonly user: string | null; readonly password: Secret } | null = null;
  for (const attempt of attempts) {
    let password: Secret | null = null;
    for (const { content } of exchanges[session.authentication.indexOf(attempt)]?.steps ?? []) {
      if (content.kind === 'plain' || content.kind === 'login-password') password = content.password;
    }
    if (password === null) return false;
    if (known === null) known = { user: attempt.identity, password };
    else if (known.user !== attempt.identity || !known.password.equals(password)) return false;
  }
  return known !== null;
}
