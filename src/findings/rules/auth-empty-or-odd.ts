import type { EhloOffer } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data {
  readonly lines: readonly string[];
  readonly problem: 'empty' | 'differ';
}

const CAUSE = {
  none: 'The server has AUTH switched on and no mechanism to go with it: its SASL library or its login service has none, or none that it may offer without TLS.',
  filter:
    'Filters of the server left nothing (Postfix: smtpd_sasl_mechanism_filter, smtpd_sasl_security_options; Dovecot: auth_mechanisms).',
  twice: 'Two parts of the server, or a proxy and the server behind it, each add a line of their own.',
} as const;

export default defineRule<Data>({
  id: 'auth-empty-or-odd',
  title: 'The server’s offer of AUTH is empty or contradicts itself',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['authOffered'],
  needs: { client: 'any', server: 'withhold' },
  explains: [],
  detect(session) {
    for (const offer of session.offers) {
      if (!offer.complete) continue;
      const problem = problemOf(offer);
      if (problem === null) continue;
      return [
        {
          evidence: [turnShows(offer.reply, problem === 'empty' ? 'AUTH without a mechanism' : 'two lines of AUTH')],
          data: { lines: authLines(offer), problem },
        },
      ];
    }
    return NOTHING;
  },
  message: ({ lines, problem }) =>
    problem === 'empty'
      ? `The server offers “${lines.find(isEmpty) ?? 'AUTH'}” without any mechanism: there is nothing to log in with`
      : `The server offers AUTH in ${lines.length} lines that differ: ${lines
          .slice(0, 3)
          .map((line) => `“${line}”`)
          .join(', ')}`,
  explanation: `Behind AUTH stand the mechanisms that the server takes (RFC 4954 §3). An AUTH without any says that a login is possible and names no way to do it; Postfix as client notes “offered null AUTH mechanism list” and leaves. Of two lines that differ some clients read the first, some the last, and some both, so that the same login works with one program and fails with another.

It is certain: the lines stand in a complete reply.`,
  falseAlarms: [
    'The same list twice, once with a space and once with an equals sign, for old clients: not raised.',
    'The same list in two equal lines: not raised.',
  ],
  causes: (data) =>
    data === null ? Object.values(CAUSE) : data.problem === 'empty' ? [CAUSE.none, CAUSE.filter] : [CAUSE.twice],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'Look at what leaves nothing over, and at the login service behind it.',
      commands: [
        'postconf smtpd_sasl_type smtpd_sasl_path smtpd_sasl_mechanism_filter smtpd_sasl_security_options smtpd_sasl_tls_security_options',
        'doveconf auth_mechanisms',
      ],
    },
    {
      applies: 'Postfix with Cyrus SASL as server',
      text: 'mech_list in smtpd.conf names the mechanisms; their plugins are packages of their own (libsasl2-modules, cyrus-sasl-plain).',
      commands: ['postconf -a; cat /etc/postfix/sasl/smtpd.conf /etc/sasl2/smtpd.conf 2>/dev/null'],
    },
    {
      applies: 'Exim as server',
      text: 'Each authenticator with a public_name and a true server_advertise_condition gives one mechanism.',
      commands: ['exim -bP authenticators | grep -E "public_name|advertise"'],
    },
    {
      applies: 'Sendmail as server',
      text: 'confAUTH_MECHANISMS and TRUST_AUTH_MECH name the mechanisms; their plugins must be installed.',
      commands: ['grep -n AUTH_MECH /etc/mail/sendmail.mc'],
    },
  ],
  references: [rfc(4954, '3'), postconf('smtpd_sasl_mechanism_filter'), postconf('smtpd_sasl_security_options')],
});

function problemOf(offer: EhloOffer): Data['problem'] | null {
  const lines = authLines(offer);
  if (lines.some(isEmpty)) return 'empty';
  if (lines.length < 2) return null;
  return new Set(lines.map(mechanismsOf)).size > 1 ? 'differ' : null;
}

/** The lines that offer AUTH with a space, or with nothing, behind it; `AUTH=` too where it is all there is. */
function authLines({ reply, extensions }: EhloOffer): string[] {
  const pattern = extensions.has('AUTH') ? /^AUTH(?:[ \t]|$)/i : /^AUTH=/i;
  return reply.lines
    .slice(1)
    .map((line) => line.slice(4).trim())
    .filter((text) => pattern.test(text));
}

function isEmpty(line: string): boolean {
  return line.length <= 5;
}

/** In capitals and in alphabetical order: the order of mechanisms means nothing. */
function mechanismsOf(line: string): string {
  return line
    .slice(5)
    .toUpperCase()
    .split(/[ \t]+/)
    .sort()
    .join(' ');
}
