import { turnShows } from '../evidence.ts';
import { CROSSED_OUT_STARTTLS, maskedBanner } from '../masked-banner.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { list } from '../words.ts';

interface Data {
  readonly keywords: readonly string[];
  readonly heloOnly: boolean;
  readonly command: boolean;
  readonly lost: 'STARTTLS' | 'AUTH' | null;
}

const CAUSE = {
  asa: 'A Cisco ASA or PIX on the path inspects SMTP (inspect esmtp, earlier fixup protocol smtp) and crosses out what it does not know.',
  other: 'Another firewall or virus scanner on the path rewrites the dialogue in the same manner.',
  server: 'The server’s administrator wrote a greeting of stars, and the other mark has a reason of its own.',
} as const;

export default defineRule<Data>({
  id: 'banner-masked',
  title: 'A firewall on the path rewrites the SMTP dialogue',
  severity: 'warning',
  confidence: 'likely',
  actor: 'network',
  triggers: ['oddGreeting'],
  needs: { client: 'any', server: 'lower' },
  explains: ['rejected', 'deferred', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    const masked = maskedBanner(session);
    if (masked === null) return NOTHING;
    const { greeting, offer, keywords, fallback, command, lost } = masked;
    // As Cisco writes it: starttls-stripped tells it, the greeting included.
    if (lost === 'STARTTLS' && keywords.includes(CROSSED_OUT_STARTTLS)) return NOTHING;
    return [
      {
        evidence: [
          turnShows(greeting, 'a greeting of stars'),
          ...(offer === null ? [] : [turnShows(offer.reply, `crossed out: ${keywords.slice(0, 5).join(' ')}`)]),
          ...(fallback === null
            ? []
            : [turnShows(fallback.refusal, 'EHLO is refused'), turnShows(fallback.reply, 'HELO is taken')]),
          ...(command === null ? [] : [turnShows(command, 'a command was crossed out')]),
        ],
        data: { keywords, heloOnly: fallback !== null, command: command !== null, lost },
        ...(lost === null ? {} : { severity: 'error' }),
        ...(keywords.length === 0 ? {} : { confidence: 'certain' }),
      },
    ];
  },
  message: ({ keywords, heloOnly, command, lost }) => {
    const marks = [
      ...(keywords.length === 0
        ? []
        : [`the reply to EHLO has crossed-out keywords (${keywords.slice(0, 3).join(', ')})`]),
      ...(heloOnly ? ['EHLO was refused and HELO taken'] : []),
      ...(command ? ['a command arrived as XXXX'] : []),
    ];
    return `The greeting consists of stars, and ${list(marks)}${lost === null ? '' : `; ${lost} was lost by it`}`;
  },
  explanation: `Some firewalls look into SMTP and replace what they do not know with other letters of the same number: the greeting becomes 220 ****, unknown keywords in the reply to EHLO become XXXXXXXA, unknown commands become XXXX. STARTTLS falls to it on a Cisco ASA whose policy does not allow TLS, which many versions do not by default: its eight letters are crossed out, and all mail through that firewall goes in clear, whatever both servers can do. Where EHLO itself is refused, a login is not possible either. Lines of more than 512 octets, header lines of more than 998 and more than a hundred recipients are dropped as well.

A greeting of stars alone is not raised. With a crossed-out keyword it is certain; with another mark likely. Postfix as client says HELO at once to such a greeting, so that it is offered nothing that could be crossed out: TLS and AUTH are lost all the same, but the capture has no second mark, and nothing is raised. Its log has “enabling PIX workarounds: disable_esmtp”. Where STARTTLS arrives as XXXXXXXA, starttls-stripped tells it, the greeting included.`,
  falseAlarms: [
    'A server whose own greeting is written in stars: not raised without a second mark.',
    'Two marks that meet by chance, on a very old server that knows no EHLO.',
  ],
  causes: () => Object.values(CAUSE),
  remedies: () => [
    {
      applies: 'Cisco ASA',
      text:
        'Switch the inspection of SMTP off (here for the default policy), or let TLS pass: a policy map of type inspect ' +
        'esmtp with allow-tls and no mask-banner. On a PIX up to 6.3: no fixup protocol smtp 25.',
      commands: ['policy-map global_policy', ' class inspection_default', '  no inspect esmtp'],
    },
    {
      applies: 'Postfix as client, until the firewall is mended',
      text: 'It knows such greetings and does without ESMTP by itself; smtp_pix_workarounds says how.',
      commands: ['postconf smtp_pix_workarounds smtp_pix_workaround_threshold_time'],
    },
    {
      applies: 'anyone, to see it',
      text: 'Ask from both sides of the firewall and compare the replies.',
      commands: ['swaks --server mail.example.net --quit-after EHLO'],
    },
  ],
  references: [rfc(3207, '6'), postconf('smtp_pix_workarounds')],
});
