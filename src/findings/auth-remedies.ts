/** Remedies that several rules about logins give. Commands can be pasted; names in them are examples. */
import { PROVIDERS, type Provider } from './auth-providers.ts';
import type { Remedy } from './rule.ts';

/** Where each client keeps the login. */
export const CLIENT_PASSWORDS: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text:
      'Ask the password map with the key that Postfix uses, the value of relayhost to the letter, brackets and port ' +
      'included. Run postmap after every change.',
    commands: [
      'postmap -q "$(postconf -h relayhost)" "$(postconf -h default_database_type):/etc/postfix/sasl_passwd"',
      'postmap "$(postconf -h default_database_type):/etc/postfix/sasl_passwd" && postfix reload',
    ],
  },
  {
    applies: 'Exim on Debian and Ubuntu as client',
    text: 'The host in /etc/exim4/passwd.client must be the one that the address’s reverse lookup gives.',
    commands: ['host smtp.isp.example', 'editor /etc/exim4/passwd.client'],
  },
  {
    applies: 'Sendmail as client',
    text:
      'The login stands in /etc/mail/authinfo as AuthInfo:smtp.isp.example "U:user" "I:user" "P:password"; make the map ' +
      'again after every change.',
    commands: ['makemap hash /etc/mail/authinfo < /etc/mail/authinfo'],
  },
  {
    applies: 'OpenSMTPD as client',
    text:
      'The label in the relay’s URL (smtp+tls://label@smtp.isp.example:587) names the entry `label user:password` of the ' +
      'table that `auth <secrets>` points to.',
    commands: ['smtpd -n', 'smtpctl update table secrets'],
  },
  {
    applies: 'msmtp',
    text: 'user and password (or passwordeval) of the account; --debug shows the dialogue, the password in it.',
    commands: ['msmtp --pretend --account=default user@example.net'],
  },
  {
    applies: 'nodemailer and other libraries',
    text:
      'In nodemailer auth: { user, pass }. A value out of a file or an environment variable often has a line end or quotes ' +
      'in it: look at its length.',
    commands: [],
  },
];

export const TRY_BY_HAND: Remedy = {
  applies: 'any client, to test the login by hand',
  text: 'Try the same login with swaks, inside TLS; it asks for the password.',
  commands: [
    'swaks --server smtp.isp.example:587 --tls --auth PLAIN --auth-user user --auth-hide-password --quit-after AUTH',
  ],
};

export const SERVER_LOG: Remedy = {
  applies: 'Postfix with Dovecot or Cyrus SASL as server',
  text:
    'The server’s log names the reason. Offer only mechanisms that the password store can verify (saslauthd: PLAIN and ' +
    'LOGIN alone).',
  commands: [
    'doveadm auth test user@example.net',
    'testsaslauthd -s smtp -u user -p password',
    'grep -i sasl /var/log/mail.log | tail',
  ],
};

/** Which mechanisms a server offers and takes. */
export const SERVER_MECHANISMS: readonly Remedy[] = [
  {
    applies: 'Postfix as server',
    text:
      'With Dovecot the list is auth_mechanisms there; with Cyrus SASL it is mech_list in smtpd.conf of Cyrus SASL ' +
      '(/etc/postfix/sasl/smtpd.conf on Debian and Ubuntu, /etc/sasl2/smtpd.conf elsewhere), and each mechanism needs its ' +
      'plugin. smtpd_sasl_security_options takes mechanisms away (noplaintext: PLAIN and LOGIN).',
    commands: [
      'postconf smtpd_sasl_type smtpd_sasl_auth_enable smtpd_sasl_security_options smtpd_sasl_tls_security_options',
      'doveconf auth_mechanisms',
    ],
  },
  {
    applies: 'Exim as server',
    text: 'Each mechanism is an authenticator with a public_name and a server_condition; server_advertise_condition hides it.',
    commands: ['exim -bP authenticators'],
  },
  {
    applies: 'Sendmail as server',
    text:
      "TRUST_AUTH_MECH(`LOGIN PLAIN')dnl and define(`confAUTH_MECHANISMS', `LOGIN PLAIN')dnl in sendmail.mc; confAUTH_OPTIONS " +
      'with p takes PLAIN and LOGIN away where there is no TLS.',
    commands: ['sendmail -d0.1 -bv root | grep SASL', 'make -C /etc/mail restart'],
  },
  {
    applies: 'OpenSMTPD as server',
    text: 'It knows PLAIN and LOGIN, and only inside TLS: listen on … tls-require auth, or smtps auth.',
    commands: ['smtpd -n'],
  },
  {
    applies: 'Exchange Server',
    text:
      'AuthMechanism of the receive connector that the client reaches must hold BasicAuth for LOGIN; with ' +
      'BasicAuthRequireTLS it is offered only inside TLS.',
    commands: ['Get-ReceiveConnector | Format-List Identity, Bindings, RemoteIPRanges, AuthMechanism'],
  },
];

/** What the provider wants, where it is one that is known; for those who look a rule up, all of them. */
export function providerRemedies(provider: Provider | null | undefined): readonly Remedy[] {
  if (provider === undefined) return PROVIDERS.map(({ remedy }) => remedy);
  return provider === null ? [] : [provider.remedy];
}
