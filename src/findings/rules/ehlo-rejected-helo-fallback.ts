import { turnShows } from '../evidence.ts';
import { heloFallback } from '../helo-fallback.ts';
import { maskedBanner } from '../masked-banner.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly words: string;
  readonly port: number;
}

const CAUSE = {
  firewall:
    'A firewall or virus scanner on the path knows no ESMTP and refuses EHLO in the server’s place (Cisco PIX “fixup”).',
  old: 'The server is very old, or a small device whose SMTP has no extensions.',
  off: 'ESMTP was switched off at the server, for some clients or for all.',
} as const;

export default defineRule<Data>({
  id: 'ehlo-rejected-helo-fallback',
  title: 'EHLO was refused, and the client went on with HELO',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['refusal5xx'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: [],
  detect(session) {
    const found = heloFallback(session);
    if (found === null || maskedBanner(session) !== null) return NOTHING;
    const { ehlo, refusal, helo, reply } = found;
    return [
      {
        evidence: [
          turnShows(ehlo, 'EHLO'),
          turnShows(refusal, 'is refused'),
          turnShows(helo, 'HELO'),
          turnShows(reply, 'is taken'),
        ],
        data: { words: quote(session, refusal), port: session.server.port },
      },
    ];
  },
  message: ({ words, port }) =>
    `The server refused EHLO (${words}) and took HELO: no TLS, ${port === 587 ? 'no login, ' : ''}no SIZE and no PIPELINING in this session`,
  explanation: `Every server has to know EHLO, even one without any extension (RFC 5321 §2.2.1). With HELO alone there is no STARTTLS, so the mail goes in clear; no AUTH, so nobody can log in; no SIZE, no 8BITMIME, no PIPELINING. Mail between servers still gets through.

It is certain: both commands and their replies stand in the capture.`,
  falseAlarms: [
    'A client that says HELO first, by its own choice: not raised.',
    'EHLO refused for the name in it (501, or 504 with a bad name): helo-name tells of it.',
  ],
  causes: () => Object.values(CAUSE),
  remedies: () => [
    {
      applies: 'the server’s side, to find out who answers',
      text: 'Ask the server from its own network and from outside: if only the outside is refused, a device in between does it.',
      commands: ['swaks --server 127.0.0.1:25 --quit-after EHLO', 'swaks --server mail.example.net --quit-after EHLO'],
    },
    {
      applies: 'Cisco ASA',
      text: 'Switch the inspection of SMTP off (here for the default policy). On a PIX up to 6.3: no fixup protocol smtp 25.',
      commands: ['policy-map global_policy', ' class inspection_default', '  no inspect esmtp'],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_command_filter, and access tables in smtpd_helo_restrictions, can refuse EHLO; smtpd_discard_ehlo_keywords hides single extensions only.',
      commands: ['postconf smtpd_command_filter smtpd_helo_restrictions smtpd_discard_ehlo_keywords'],
    },
  ],
  references: [rfc(5321, '2.2.1'), rfc(5321, '4.5.1'), postconf('smtp_pix_workarounds')],
});
