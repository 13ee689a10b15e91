import { loginWords, offeredBefore, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { SERVER_MECHANISMS } from '../auth-remedies.ts';
import { POSTFIX_PLAINTEXT_INSIDE_TLS, USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { list } from '../words.ts';

interface Data extends RefusedLogins {
  /** Mechanisms on offer; null when the capture does not show the offer. */
  readonly offered: readonly string[] | null;
  /** The server’s words ask for TLS. */
  readonly wantsTls: boolean;
}

const CAUSE = {
  notOffered:
    'The client does not choose from what the server offers: its mechanism is fixed in its settings or its code.',
  tls: 'The server takes this mechanism only inside TLS (Postfix with smtpd_tls_auth_only says 504, not 538).',
  exchange:
    'An Exchange receive connector without basic authentication (5.7.4 “Unrecognized authentication type”): LOGIN is off, or ' +
    'is taken only inside TLS.',
  plugin: 'The server lists a mechanism that it cannot do: its plugin, secret store or keytab is missing.',
} as const;

export default defineRule<Data>({
  id: 'auth-504',
  title: 'The server does not know this login mechanism',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-504');
    if (group === null) return NOTHING;
    const offered = offeredBefore(session, group.first.attempt.command);
    const wantsTls = /\b(?:encrypt\w*|TLS|SSL)\b/i.test(group.first.reply.text);
    const isListed = offered?.includes(group.first.attempt.mechanism) === true;
    return [
      {
        evidence: group.evidence,
        data: { ...group.data, offered, wantsTls },
        actor: isListed && !wantsTls ? 'server' : 'client',
      },
    ];
  },
  message: (data) =>
    `The server does not take ${loginWords(data)}: ${data.words}${offerWords(data)}${recoveryWords(data)}`,
  explanation: `504 is about the mechanism, not about user or password: the server does not do this one here. A client must choose among those that the reply to EHLO lists, and many servers list others once TLS has begun.

It is certain. If the mechanism was listed, the server promises what it cannot do; if it was not, the client does not read what is offered.`,
  falseAlarms: [
    'A client that tries one mechanism after the other, and succeeds with the next, has lost only a moment.',
    'An AUTH that is refused because of TLS alone, with only STARTTLS on offer, is told as auth-only-after-tls.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.wantsTls) return [CAUSE.tls];
    const isListed = data.mechanisms.every((mechanism) => data.offered?.includes(mechanism) === true);
    if (data.offered !== null && isListed) return [CAUSE.plugin, CAUSE.exchange];
    return data.words.includes('5.7.4 ') ? [CAUSE.exchange, CAUSE.notOffered] : [CAUSE.notOffered, CAUSE.tls];
  },
  remedies: (data) => [
    ...(data === null || data.wantsTls ? [...USE_STARTTLS, POSTFIX_PLAINTEXT_INSIDE_TLS] : []),
    {
      applies: 'Postfix as client',
      text: 'It chooses among those on offer unless smtp_sasl_mechanism_filter limits it; the filter takes mechanism names.',
      commands: ['postconf smtp_sasl_mechanism_filter'],
    },
    {
      applies: 'msmtp',
      text: '`auth on` chooses by itself; `auth login` and the like fix the mechanism. --serverinfo lists those on offer.',
      commands: ['msmtp --serverinfo --host=smtp.isp.example --port=587 --tls=on'],
    },
    {
      applies: 'nodemailer and other libraries',
      text: 'Leave authMethod out, so that the library chooses among those on offer.',
      commands: [],
    },
    ...SERVER_MECHANISMS,
  ],
  references: [rfc(4954, '4'), rfc(4954, '6')],
});

function offerWords({ offered }: Data): string {
  if (offered === null) return '';
  return offered.length === 0 ? '; AUTH was not on offer' : `; on offer: ${list(offered.slice(0, 8))}`;
}
