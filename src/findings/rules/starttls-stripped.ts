import type { Session } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { CROSSED_OUT_STARTTLS, maskedBanner } from '../masked-banner.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';

interface Data {
  /** The keyword that stands where STARTTLS stood. */
  readonly keyword: string;
  readonly banner: boolean;
}

/**
 * Cisco's inspection writes X over keywords that it does not let through, in their length; STARTTLS is then seen as
 * XXXXXXXA. Other keywords of eight letters exist, so X alone is no more than a hint.
 */
const MASKED = /^X{7}[XA]$/;

/** What Cisco's inspection makes of a greeting: nothing but stars and the odd 2 and 0 is left of it. */
const MASKED_BANNER = /^[ *20]+$/;

const CAUSE = {
  cisco:
    'A Cisco PIX or ASA between the two inspects SMTP (“fixup protocol smtp”, “inspect esmtp”) and does not let TLS through: ' +
    'it writes X over the keyword.',
  shield:
    'A mail shield of an antivirus program, on the client’s own computer or at its gateway, wants to read the mail and takes TLS away.',
  provider: 'The client’s provider or a hotspot does it to all connections on this port.',
  attack: 'Somebody on the path does it on purpose, to read the mail or the login.',
} as const;

export default defineRule<Data>({
  id: 'starttls-stripped',
  title: 'Something on the path took the offer of STARTTLS away',
  severity: 'critical',
  confidence: 'likely',
  actor: 'network',
  triggers: ['crossedOut'],
  needs: { client: 'any', server: 'lower' },
  explains: [],
  detect(session) {
    // Asked of every session: first by its bytes, before the offer is taken apart.
    const reply = session.hello === null ? undefined : session.turns[session.hello.turn.answeredBy];
    if (reply === undefined || !reply.raw.includes('XXXXXXX')) return NOTHING;
    for (const offer of session.offers) {
      if (offer.extensions.has('STARTTLS')) continue;
      for (const keyword of offer.extensions.keys()) {
        if (keyword.length !== 8 || !MASKED.test(keyword)) continue;
        const isSure = keyword === CROSSED_OUT_STARTTLS;
        // Below a greeting of stars it is more than a hint: banner-masked tells it.
        if (!isSure && maskedBanner(session)?.lost === 'STARTTLS') continue;
        return [
          {
            evidence: [turnShows(offer.reply, `${keyword} where STARTTLS stood`)],
            data: { keyword, banner: hasMaskedBanner(session) },
            ...(isSure ? {} : { severity: 'warning', confidence: 'hint' }),
          },
        ];
      }
    }
    return NOTHING;
  },
  message: ({ keyword, banner }) =>
    `The server’s offer reached the client with ${keyword} in place of ${keyword.endsWith('A') ? 'STARTTLS' : 'a keyword of eight letters, probably STARTTLS'}` +
    `${banner ? ', and its greeting is masked too' : ''}: a device on the path took TLS away`,
  explanation: `The server offers STARTTLS; between it and the place of this capture a device wrote over the word. The client sees no offer and sends mail and logins in clear, or gives up because it insists on TLS. Whoever controls the path can read all of it, and can do the same with intent: this is the downgrade that RFC 3207 warns of.

XXXXXXXA is what Cisco’s inspection makes of STARTTLS: then it is likely. X alone in a word of eight letters may have been another keyword (CHUNKING, SMTPUTF8, 8BITMIME): then it is a hint. It is certain when a capture from the server’s side shows the offer.`,
  falseAlarms: [
    'A server that offers no STARTTLS at all, without a masked keyword: not raised from one session.',
    'A masked keyword that stood for another extension: a hint, a warning only.',
  ],
  causes: () => [CAUSE.cisco, CAUSE.shield, CAUSE.provider, CAUSE.attack],
  remedies: () => [
    {
      applies: 'Cisco ASA and PIX',
      text: 'Take SMTP inspection out, or let TLS through in it (allow-tls in the parameters of the esmtp policy map).',
      commands: ['policy-map global_policy', ' class inspection_default', '  no inspect esmtp'],
    },
    {
      applies: 'an antivirus program with mail protection',
      text: 'Switch its scanning of outgoing SMTP off for this program or this port; scanning at the server needs no broken TLS.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'Require TLS towards servers that are known to have it: nothing then goes out in clear, and the mail waits.',
      commands: [
        'postconf -e "smtp_tls_policy_maps = $(postconf -h default_database_type):/etc/postfix/tls_policy"',
        'printf "%s\\n" "mx.example encrypt" >> /etc/postfix/tls_policy && postmap "$(postconf -h default_database_type):/etc/postfix/tls_policy" && postfix reload',
      ],
    },
    {
      applies: 'the receiving domain',
      text: 'Publish DANE (TLSA records with DNSSEC) or an MTA-STS policy, so that senders know that TLS is to be had.',
      commands: [],
    },
    {
      applies: 'anyone, to make it certain',
      text: 'Ask from another network, or capture at the server at the same time, and compare the two EHLO replies.',
      commands: ['printf "EHLO client.example\\r\\nQUIT\\r\\n" | nc -w 5 mx.example 25'],
    },
  ],
  references: [
    rfc(3207, '6'),
    rfc(8461),
    rfc(7672),
    {
      title: 'Cisco: ESMTP and SMTP inspection on the ASA',
      url: 'https://www.cisco.com/c/en/us/support/docs/security/asa-5500-x-series-next-generation-firewalls/113423-asa-esmtp-smtp-inspection.html',
    },
  ],
});

function hasMaskedBanner({ greeting }: Session): boolean {
  return greeting !== null && MASKED_BANNER.test(greeting.text.slice(0, 512));
}
