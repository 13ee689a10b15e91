import { Fact, type Session } from '../../smtp/session.ts';
import { PROVIDERS, type Provider, providerOf } from '../auth-providers.ts';
import { turnShows } from '../evidence.ts';
import { isForIdentity, loginAt } from '../login-identity.ts';
import { lostLogin } from '../lost-login.ts';
import { isOfEnvelope, type Refusal, refusals } from '../refusals.ts';
import { type Detection, defineRule, NOTHING, postconf, type Remedy, rfc } from '../rule.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly reason: 'identity' | 'forgotten';
  readonly identity: string | null;
  readonly sender: string | null;
  readonly words: string;
  readonly times: number;
  readonly provider: Provider | null;
}

const CAUSE = {
  owned:
    'The sender’s address does not belong to the login: the server lets each user send only with addresses that are his own.',
  unverified: 'The sender’s address or domain has not been verified at the provider, or in another region of it.',
  rewritten:
    'A program sends with an address of its own (root@host, www-data@host), or a forwarder keeps the original sender, where ' +
    'the account’s address is wanted.',
  forgotten:
    'The client says EHLO again after the login, and the server begins anew: it forgets the login with all else. RFC 5321 ' +
    'lets EHLO reset a session’s transaction, not its login, so servers differ.',
} as const;

export default defineRule<Data>({
  id: 'auth-success-then-failure',
  title: 'The login was accepted, and the mail was refused because of it',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authCommand'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  detect(session) {
    if ((session.facts & (Fact.refusal5xx | Fact.refusal4xx)) === 0) return NOTHING;
    if (!session.authentication.some(({ outcome }) => outcome === 'accepted')) return NOTHING;
    const found = [...identityFinding(session), ...lostFinding(session)];
    return found.length === 0 ? NOTHING : found;
  },
  message: ({ reason, identity, sender, words, times }) => {
    const who = identity === null ? 'The client' : `“${identity}”`;
    const often = times > 1 ? ` (${count(times, 'refusal')})` : '';
    return reason === 'identity'
      ? `${who} logged in and may not send as ${sender === null ? 'this sender' : sender === '' ? '<>' : sender}${often}: ${words}`
      : `${who} logged in, said EHLO again, and the server no longer counts the login${often}: ${words}`;
  },
  explanation: `User and password are right: the server said 235. The mail is refused all the same. Either the server lets this user send only with certain addresses, and the one in MAIL is none of them; or the client greeted again after the login and the server forgot it.

That the login was accepted and the mail refused is certain. Which address would be allowed, the server’s settings or the provider’s pages say.`,
  falseAlarms: [
    'A sender that is refused because its domain does not exist or fails SPF, DKIM or DMARC is another finding.',
    'A 530 before any login, or without a second EHLO, is auth-530.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.reason === 'forgotten') return [CAUSE.forgotten];
    const { provider } = data;
    if (provider === null) return [CAUSE.owned, CAUSE.rewritten, CAUSE.unverified];
    const own = provider.sender;
    return provider.id === 'ses' || provider.id === 'sendgrid' || provider.id === 'mailgun'
      ? [own, CAUSE.unverified, CAUSE.rewritten]
      : [own, CAUSE.owned, CAUSE.rewritten];
  },
  remedies: (data) => [
    ...(data === null || data.reason === 'identity' ? identityRemedies(data) : []),
    ...(data === null || data.reason === 'forgotten'
      ? [
          {
            applies: 'developers of clients',
            text: 'Say EHLO before the login (and once more after STARTTLS), never after it; RSET is enough between mails.',
            commands: [],
          },
        ]
      : []),
  ],
  references: [
    rfc(4954, '4'),
    rfc(6409, '6.1'),
    postconf('reject_sender_login_mismatch'),
    postconf('smtpd_sender_login_maps'),
  ],
});

function identityRemedies(data: Data | null): readonly Remedy[] {
  const providers = data === null ? PROVIDERS : data.provider === null ? [] : [data.provider];
  return [
    ...providers.map(({ name, sender, senderCommands }) => ({
      applies: name,
      text: sender,
      commands: senderCommands ?? [],
    })),
    {
      applies: 'Postfix as client',
      text:
        'Rewrite local senders to the account’s address: smtp_generic_maps for the mail that leaves. With several accounts ' +
        'choose the login by sender: smtp_sender_dependent_authentication = yes and an entry per sender in sasl_passwd.',
      commands: [
        'printf "%s\\n" "root@host.example.net user@example.net" >> /etc/postfix/generic',
        'postmap "$(postconf -h default_database_type):/etc/postfix/generic"',
        'postconf -e "smtp_generic_maps = $(postconf -h default_database_type):/etc/postfix/generic" && postfix reload',
      ],
    },
    {
      applies: 'Exim on Debian and Ubuntu as client',
      text: '/etc/email-addresses maps local users to the address that goes out.',
      commands: ['echo "root: user@example.net" >> /etc/email-addresses'],
    },
    {
      applies: 'msmtp',
      text: 'from of the account sets the envelope sender; set_from_header on does the same to the header.',
      commands: ['msmtp --pretend --account=default user@example.net'],
    },
    {
      applies: 'nodemailer and other libraries',
      text: 'Use the account’s address in from, and the other one in replyTo.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_sender_login_maps says who may send as whom; reject_sender_login_mismatch enforces it. Add the address to the map.',
      commands: [
        'postconf smtpd_sender_login_maps',
        'postmap -q sender@example.net "$(postconf -h smtpd_sender_login_maps)"',
      ],
    },
  ];
}

function identityFinding(session: Session): Detection<Data>[] {
  const refused = refusals(session).filter(
    (refusal) => isOfEnvelope(refusal) && isForIdentity(session, refusal.request, refusal.reply),
  );
  const first = refused[0];
  if (first === undefined) return [];
  const login = loginAt(session, first.request);
  return [
    {
      evidence: [...(login?.reply == null ? [] : [turnShows(login.reply, 'the login is accepted')]), ...shows(refused)],
      data: {
        reason: 'identity',
        identity: login?.identity ?? null,
        sender: first.transaction?.from ?? null,
        words: quote(session, first.reply),
        times: refused.length,
        provider: providerOf(session, first.reply),
      },
    },
  ];
}

function lostFinding(session: Session): Detection<Data>[] {
  const lost = lostLogin(session);
  const first = lost?.refusals[0];
  if (lost === null || first === undefined) return [];
  return [
    {
      evidence: [
        ...(lost.login.reply === null ? [] : [turnShows(lost.login.reply, 'the login is accepted')]),
        turnShows(lost.hello, 'the client greets again'),
        ...shows(lost.refusals),
      ],
      data: {
        reason: 'forgotten',
        identity: lost.login.identity,
        sender: null,
        words: quote(session, first.reply),
        times: lost.refusals.length,
        provider: null,
      },
      actor: 'developer',
    },
  ];
}

function shows(refused: readonly Refusal[]): Detection<Data>['evidence'] {
  return refused
    .slice(0, 3)
    .flatMap(({ request, reply }) => [turnShows(request, 'is refused'), turnShows(reply, 'by this reply')]);
}
