import { providerOf } from '../auth-providers.ts';
import { authRefusals } from '../auth-refusals.ts';
import { turnShows } from '../evidence.ts';
import { lostLogin } from '../lost-login.ts';
import { type Refusal, refusals } from '../refusals.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, postfixGuide, rfc } from '../rule.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly words: string;
  readonly refusals: number;
  /** What the client had done about logging in before. */
  readonly login: 'never-tried' | 'this-one' | 'refused' | 'accepted-later' | 'accepted-before';
  readonly authOffered: boolean;
  readonly microsoft: boolean;
}

type Wanted = Pick<Refusal, 'verb' | 'request' | 'reply'>;

const CAUSE = {
  off: 'The client is not set to log in at this server (Postfix: smtp_sasl_auth_enable = no, no user in the account).',
  key:
    'The client found no password for this server and went on as a stranger: the key in its password map is not spelled as ' +
    'relayhost is. Postfix looks up the bare host, then the next hop exactly as written, `[host]:port`.',
  sender: 'The password is kept per sender, and smtp_sender_dependent_authentication is not set.',
  notOffered: 'The server did not offer AUTH here: it does so only inside TLS, and the client does not use TLS.',
  failed: 'The login before it was refused, and the client went on without one.',
  microsoft:
    'Exchange Online (5.7.57): authenticated SMTP is off for the mailbox or the tenant, so that the client finds no login to ' +
    'use, or the client was meant for the tenant’s own mail exchanger on port 25, which takes mail for its domains alone.',
  wrongServer: 'The mail went to a submission server (587) though it is meant for another domain’s mail exchanger.',
} as const;

export default defineRule<Data>({
  id: 'auth-530',
  title: 'The server wants a login first',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  refusals: ['authentication'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'authentication-failed', 'aborted'],
  detect(session) {
    // A login that was accepted and then forgotten is auth-success-then-failure.
    if (lostLogin(session) !== null) return NOTHING;
    const wanted: Wanted[] = refusals(session).filter((refusal) => refusal.kind === 'authentication');
    for (const { kind, attempt, reply } of authRefusals(session)) {
      if (kind === 'auth-530') wanted.push({ verb: 'AUTH', request: attempt.command, reply });
    }
    const first = wanted[0];
    if (first === undefined) return NOTHING;
    const earlier = session.authentication.filter((attempt) => attempt.command.index < first.request.index);
    const later = session.authentication.filter((attempt) => attempt.command.index > first.reply.index);
    const login = later.some((attempt) => attempt.outcome === 'accepted')
      ? 'accepted-later'
      : earlier.some((attempt) => attempt.outcome === 'accepted')
        ? 'accepted-before'
        : earlier.length > 0
          ? 'refused'
          : first.verb === 'AUTH'
            ? 'this-one'
            : 'never-tried';
    return [
      {
        evidence: wanted
          .slice(0, 3)
          .flatMap(({ request, reply }) => [
            turnShows(request, 'sent without a login'),
            turnShows(reply, 'is refused'),
          ]),
        data: {
          verb: first.verb,
          words: quote(session, first.reply),
          refusals: wanted.length,
          login,
          authOffered: session.offers.at(-1)?.extensions.has('AUTH') ?? false,
          microsoft:
            first.reply.enhancedCode === '5.7.57' || providerOf(session, first.reply)?.id === 'exchange-online',
        },
      },
    ];
  },
  message: ({ verb, words, refusals: times, login }) =>
    `The server wants a login before ${verb}${times > 1 ? ` (${count(times, 'refusal')})` : ''}: ${words}` +
    {
      'never-tried': '; the client did not try to log in',
      'this-one': '',
      refused: '; the client’s login had failed before',
      'accepted-later': '; the client then logged in',
      'accepted-before': '; the client had logged in before, and the server no longer counts it',
    }[login],
  explanation: `The server takes mail only from clients that have logged in, and this one had not. 530 is an answer to a missing login, not to a wrong one. A client that finds no password for a server does not complain: it simply goes on without, and the refusal is the first sign.

The refusal is certain. Whether the client has a password that it did not use, its own settings tell.`,
  falseAlarms: [
    'A 530 that asks for STARTTLS is about encryption, not about a login, and is not raised here.',
    'A client that tries without a login first and then logs in has lost nothing but a moment: the message says so.',
    'A login that was accepted and then forgotten after a second EHLO is told as auth-success-then-failure.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.login === 'refused') return [CAUSE.failed, CAUSE.key];
    if (data.microsoft) return [CAUSE.microsoft, CAUSE.off, CAUSE.key];
    const rest = [CAUSE.key, CAUSE.off, CAUSE.sender, CAUSE.wrongServer];
    return data.authOffered ? rest : [CAUSE.notOffered, ...rest];
  },
  remedies: (data) => [
    ...(data === null || data.microsoft
      ? [
          {
            applies: 'Microsoft 365 (Exchange Online PowerShell)',
            text:
              'Send through smtp.office365.com port 587 with TLS and a login, and allow authenticated SMTP for that mailbox; ' +
              'without a login only a connector (by address or certificate) lets a device send outside.',
            commands: [
              'Get-CASMailbox -Identity user@example.net | Format-List SmtpClientAuthenticationDisabled',
              'Set-CASMailbox -Identity user@example.net -SmtpClientAuthenticationDisabled $false',
            ],
          },
        ]
      : []),
    {
      applies: 'Postfix as client, to see what it would use',
      text: 'Both commands must name the same relay, and the second must print a login.',
      commands: [
        'postconf relayhost smtp_sasl_auth_enable smtp_sasl_password_maps smtp_sender_dependent_authentication',
        'postmap -q "$(postconf -h relayhost)" "$(postconf -h default_database_type):/etc/postfix/sasl_passwd"',
      ],
    },
    ...SUBMIT_THROUGH_RELAY,
  ],
  references: [rfc(4954, '6'), rfc(6409, '4.3'), postfixGuide('SASL_README'), postconf('smtp_sasl_password_maps')],
});
