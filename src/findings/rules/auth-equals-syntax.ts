import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, postfixGuide, rfc } from '../rule.ts';

interface Data {
  readonly mechanisms: readonly string[];
}

export default defineRule<Data>({
  id: 'auth-equals-syntax',
  title: 'The server offers AUTH only in its outdated spelling',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['authOffered'],
  needs: { client: 'any', server: 'withhold' },
  explains: [],
  detect(session) {
    const offer = session.offers.find(({ extensions }) => extensions.has('AUTH=') && !extensions.has('AUTH'));
    if (offer === undefined || !offer.complete) return NOTHING;
    return [
      {
        evidence: [turnShows(offer.reply, 'AUTH= and no line AUTH')],
        data: { mechanisms: offer.extensions.get('AUTH=') ?? [] },
      },
    ];
  },
  message: ({ mechanisms }) =>
    `The server offers “AUTH=${mechanisms.join(' ')}” and no “AUTH ” line: clients that follow the standard see no login on offer`,
  explanation: `The standard has a space behind AUTH (RFC 4954 §3). The spelling with an equals sign is that of an obsolete version, which Outlook up to 2003 and Outlook Express up to 6 wanted. Servers that still want to serve those send both lines. This one sends only the old one: Postfix, msmtp, swaks, nodemailer and Python’s smtplib read it; curl and other clients that follow the standard take it for an unknown keyword and go on without a login, or leave.

It is certain: the reply is complete, and has only that line.`,
  falseAlarms: [
    'Both spellings side by side (broken_sasl_auth_clients = yes of Postfix): in order, not raised.',
    'A client that reads the old spelling logs in all the same.',
  ],
  causes: () => [
    'The server’s software is old, or a device’s own.',
    'A proxy or firewall on the path removed the other line, which it could not read.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'It always sends the line with a space; broken_sasl_auth_clients = yes adds the other. A content filter or proxy before it may drop one.',
      commands: ['postconf broken_sasl_auth_clients smtpd_sasl_auth_enable smtpd_discard_ehlo_keywords'],
    },
    {
      applies: 'the server’s maker',
      text: 'Send “AUTH” with a space before the mechanisms; keep the other line only beside it.',
      commands: [],
    },
    {
      applies: 'anyone, to see the lines',
      text: 'Ask the server what it offers, from a place without a firewall in between.',
      commands: ['swaks --server mail.example.net:587 --quit-after EHLO'],
    },
  ],
  references: [rfc(4954, '3'), postfixGuide('SASL_README'), postconf('broken_sasl_auth_clients')],
});
