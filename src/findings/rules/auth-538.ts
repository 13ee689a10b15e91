import { loginWords, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { MSMTP_CLIENT_LOGIN, POSTFIX_PLAINTEXT_INSIDE_TLS, USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data extends RefusedLogins {
  readonly startTlsOffered: boolean;
}

const CAUSE = {
  unused: 'The client does not use the STARTTLS that is on offer: TLS is off in its settings, or only optional.',
  stripped:
    'STARTTLS is not on offer here: the server’s TLS is broken or off, or something on the path takes the offer away.',
  odd: 'The server lists a mechanism in clear that it takes only inside TLS: its offer and its policy do not agree.',
} as const;

export default defineRule<Data>({
  id: 'auth-538',
  title: 'The server takes this login only inside TLS',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-538');
    if (group === null) return NOTHING;
    const startTlsOffered = session.offers.some(({ extensions }) => extensions.has('STARTTLS'));
    return [{ evidence: group.evidence, data: { ...group.data, startTlsOffered } }];
  },
  message: (data) =>
    `The server takes ${loginWords(data)} only inside TLS: ${data.words}` +
    `${data.startTlsOffered ? '; STARTTLS was on offer' : '; STARTTLS was not on offer'}${recoveryWords(data)}`,
  explanation: `The client logged in without TLS with a mechanism that the server takes only on an encrypted connection: 538. The password was not even looked at, but if it was PLAIN or LOGIN it stands in the capture and on every network in between: credentials-in-clear says so.

It is certain. The login will work as soon as the client begins TLS first; the password need not be changed for that, but should be where it went over a public network.`,
  falseAlarms: [
    'AUTH where only STARTTLS was on offer is told as auth-only-after-tls.',
    'A client that begins TLS after this refusal and then logs in has lost nothing but its password’s secrecy.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return data.startTlsOffered ? [CAUSE.unused, CAUSE.odd] : [CAUSE.stripped, CAUSE.odd];
  },
  remedies: () => [
    ...USE_STARTTLS,
    POSTFIX_PLAINTEXT_INSIDE_TLS,
    MSMTP_CLIENT_LOGIN,
    {
      applies: 'Sendmail as client',
      text: 'Sendmail uses STARTTLS when it is offered and it was built with it; Try_TLS:host NO in the access map turns it off.',
      commands: ['sendmail -d0.1 -bv root | grep STARTTLS', 'grep -i try_tls /etc/mail/access'],
    },
    {
      applies: 'OpenSMTPD as client',
      text: 'Relay with host smtp+tls://label@smtp.isp.example:587 (TLS required) instead of smtp:// (TLS if offered).',
      commands: ['smtpd -n'],
    },
    {
      applies: 'Postfix as server',
      text: 'With smtpd_tls_auth_only = yes AUTH is not offered at all before TLS, so that no client tries it in clear.',
      commands: ['postconf -e "smtpd_tls_auth_only = yes" "smtpd_tls_security_level = may"', 'postfix reload'],
    },
  ],
  references: [rfc(4954, '6'), rfc(8314, '3'), postconf('smtpd_tls_auth_only')],
});
