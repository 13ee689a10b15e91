import { Fact } from '../../smtp/session.ts';
import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { isInClear } from '../in-clear.ts';
import { POSTFIX_SERVER_AUTH_AFTER_TLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { list } from '../words.ts';

interface Data {
  readonly mechanisms: readonly string[];
  readonly startTls: boolean;
}

const READABLE = /^(?:PLAIN|LOGIN)$/i;

export default defineRule<Data>({
  id: 'plaintext-auth-offered-in-clear',
  title: 'The server takes readable passwords without TLS',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['authOffered'],
  // A password that went in clear would be the finding, and a hole may hide that it did.
  needs: { client: 'lower', server: 'lower', absence: true },
  explains: [],
  detect(session) {
    // Where a password did go in clear, that is the finding; in a hole one may have.
    if ((session.facts & Fact.credentialsInClear) !== 0 || session.transport.client.missingBytes > 0) return NOTHING;
    const offer = session.offers.find(
      ({ reply, extensions }) =>
        (extensions.get('AUTH') ?? extensions.get('AUTH='))?.some((mechanism) => READABLE.test(mechanism)) === true &&
        isInClear(session, reply.index),
    );
    if (offer === undefined || reachOfSession(session) === 'loopback') return NOTHING;
    const all = [...(offer.extensions.get('AUTH') ?? []), ...(offer.extensions.get('AUTH=') ?? [])];
    return [
      {
        evidence: [turnShows(offer.reply, 'the offer, in clear')],
        data: {
          mechanisms: [...new Set(all.map((mechanism) => mechanism.toUpperCase()))].filter((one) => READABLE.test(one)),
          startTls: offer.extensions.has('STARTTLS'),
        },
      },
    ];
  },
  message: ({ mechanisms, startTls }) =>
    `The server offers AUTH ${list(mechanisms)} before any TLS${startTls ? '' : ', and no STARTTLS with it'}`,
  explanation: `PLAIN and LOGIN send the password readable. A server that offers them before TLS leaves it to each client whether passwords go over the network in clear; one client with TLS off, or one device in the middle that removes STARTTLS, is enough. RFC 4954 §4 wants such mechanisms only where the connection is protected, RFC 8314 wants TLS for every login.

That it is offered is certain. In this session no password was seen to go in clear: that would be credentials-in-clear.`,
  falseAlarms: ['A server inside a private network or tunnel that is encrypted itself.', 'Over loopback: not raised.'],
  causes: (data) => [
    ...(data === null || !data.startTls
      ? ['TLS is not set up on the server (no certificate), and AUTH is switched on all the same.']
      : []),
    ...(data === null || data.startTls
      ? ['TLS is there, and AUTH was not tied to it (Postfix: smtpd_tls_auth_only is no by default).']
      : []),
    'Old devices that cannot do TLS were to be served.',
  ],
  remedies: () => [
    POSTFIX_SERVER_AUTH_AFTER_TLS,
    {
      applies: 'Exim as server',
      text: `In each PLAIN and LOGIN authenticator: server_advertise_condition = \${if def:tls_in_cipher}.`,
      commands: ['exim -bP authenticators | grep -E "public_name|advertise"'],
    },
    {
      applies: 'Sendmail as server',
      text: "In sendmail.mc: define(`confAUTH_OPTIONS', `A p')dnl; the p leaves PLAIN and LOGIN out until TLS protects them.",
      commands: ['make -C /etc/mail restart'],
    },
    {
      applies: 'Dovecot as submission server',
      text: 'disable_plaintext_auth = yes (2.3), auth_allow_cleartext = no (2.4).',
      commands: ['doveconf disable_plaintext_auth auth_allow_cleartext'],
    },
    {
      applies: 'OpenSMTPD as server',
      text: 'In smtpd.conf: listen on egress port submission tls-require pki mail.example.net auth.',
      commands: ['smtpd -n'],
    },
  ],
  references: [rfc(4954, '4'), rfc(8314, '4.1'), postconf('smtpd_tls_auth_only')],
});
