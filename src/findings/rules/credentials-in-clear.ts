import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { POSTFIX_SERVER_AUTH_AFTER_TLS, USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly mechanisms: readonly string[];
  readonly identities: readonly string[];
  readonly logins: number;
  readonly accepted: boolean;
  readonly reach: 'public' | 'private';
  readonly startTlsOffered: boolean;
}

const CAUSE = {
  unused: 'The client does not use the STARTTLS that is on offer: TLS is off in its settings, or only optional.',
  notOffered: 'The server offers AUTH without TLS and no STARTTLS with it, or something on the path removed the offer.',
  allowed:
    'The client was told to send readable passwords without TLS (Postfix: noplaintext taken out of ' +
    'smtp_sasl_security_options; msmtp: auth plain).',
} as const;

export default defineRule<Data>({
  id: 'credentials-in-clear',
  title: 'A login went over the wire readable by everyone on the path',
  severity: 'critical',
  confidence: 'certain',
  actor: 'client',
  triggers: ['credentialsInClear'],
  needs: { client: 'any', server: 'any' },
  explains: [],
  detect(session) {
    const reach = reachOfSession(session);
    if (reach === 'loopback') return NOTHING;
    const exposed = session.authentication.filter((attempt) => attempt.exposed !== null);
    if (exposed.length === 0) return NOTHING;
    return [
      {
        evidence: exposed
          .slice(0, 5)
          .flatMap((attempt) =>
            attempt.exposed === null ? [] : [turnShows(attempt.exposed, `${attempt.mechanism} credentials`)],
          ),
        data: {
          mechanisms: [...new Set(exposed.map((attempt) => attempt.mechanism))],
          identities: [...new Set(exposed.flatMap((attempt) => (attempt.identity === null ? [] : [attempt.identity])))],
          logins: exposed.length,
          accepted: exposed.some((attempt) => attempt.outcome === 'accepted'),
          reach,
          startTlsOffered: session.offers.some((offer) => offer.extensions.has('STARTTLS')),
        },
        ...(reach === 'private' ? { severity: 'warning' } : {}),
      },
    ];
  },
  message: ({ mechanisms, identities, logins, accepted, reach, startTlsOffered }) =>
    `${logins === 1 ? 'A login' : count(logins, 'login')} with ${list(mechanisms)}` +
    `${identities.length === 0 ? '' : ` for ${list(identities.slice(0, 3).map((identity) => `“${identity}”`))}`} went out without TLS` +
    `${reach === 'private' ? ' between private addresses' : ''}` +
    `${startTlsOffered ? ', though STARTTLS was on offer' : ''}` +
    `${accepted ? '; the server accepted it, so it is valid' : ''}`,
  explanation: `PLAIN and LOGIN send the password, XOAUTH2 and OAUTHBEARER a token, in base64, which is a spelling and no protection. Without TLS whoever can see the packets can read it and use it: the operator of any network on the path, and whoever holds this capture file. Treat the password as known to others and change it once the client uses TLS.

It is certain: the credentials stand in the capture. Towards or from a public address it is critical, between private addresses a warning, and inside one machine nothing is said.`,
  falseAlarms: [
    'A capture from a place behind a TLS terminator, on a trusted network: the path before it was encrypted.',
    'A capture that a TLS inspecting device made: it shows decrypted traffic.',
    'Challenge mechanisms (CRAM-MD5, SCRAM) do not send the password and are not raised.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return data.startTlsOffered ? [CAUSE.unused, CAUSE.allowed] : [CAUSE.notOffered, CAUSE.allowed];
  },
  remedies: () => [
    {
      applies: 'the owner of the account',
      text: 'Change the password, or revoke the token, after the client uses TLS. Keep this capture as you would keep the password.',
      commands: [],
    },
    ...USE_STARTTLS,
    POSTFIX_SERVER_AUTH_AFTER_TLS,
    {
      applies: 'Exim as server',
      text: `Offer authenticators only inside TLS: server_advertise_condition = \${if def:tls_in_cipher}.`,
      commands: [],
    },
    {
      applies: 'Sendmail as server',
      text: "define(`confAUTH_OPTIONS', `A p y')dnl in sendmail.mc: p takes PLAIN and LOGIN away where there is no TLS.",
      commands: ['make -C /etc/mail restart'],
    },
    {
      applies: 'OpenSMTPD as server',
      text: 'Listen for logins with tls-require or smtps: listen on eth0 port 587 tls-require pki mail.example auth.',
      commands: ['smtpd -n'],
    },
    {
      applies: 'Dovecot as submission server',
      text: 'disable_plaintext_auth = yes (2.3), auth_allow_cleartext = no (2.4).',
      commands: ['doveconf disable_plaintext_auth auth_allow_cleartext'],
    },
  ],
  references: [rfc(4954, '9'), rfc(8314, '3'), rfc(4616, '5')],
});
