/** Remedies that several rules give. Commands can be pasted; names in them are examples. */
import type { Remedy } from './rule.ts';

/**
 * The map type differs: `hash:` is not built on Alpine 3.13 and later, RHEL 10 and Leap 15.3 and later, where it is
 * `lmdb:`. Every command asks Postfix for its own.
 */
const MAP = '$(postconf -h default_database_type)';

/** Sending through a relay that wants a login, on the submission port. */
export const SUBMIT_THROUGH_RELAY: readonly Remedy[] = [
  {
    applies: 'Postfix',
    text:
      'Send through the provider’s relay on port 587, with TLS and a login. The key in sasl_passwd must be spelled ' +
      'exactly as relayhost is, brackets and port included. The map type in the commands is the one that ' +
      '`postconf -h default_database_type` prints (hash or lmdb).',
    commands: [
      'postconf -e "relayhost = [smtp.isp.example]:587"',
      `postconf -e "smtp_sasl_auth_enable = yes" "smtp_sasl_password_maps = ${MAP}:/etc/postfix/sasl_passwd"`,
      'postconf -e "smtp_sasl_tls_security_options = noanonymous" "smtp_tls_security_level = encrypt"',
      'printf "%s\\n" "[smtp.isp.example]:587 user:password" >> /etc/postfix/sasl_passwd && chmod 600 /etc/postfix/sasl_passwd',
      `postmap "${MAP}:/etc/postfix/sasl_passwd" && postfix reload`,
    ],
  },
  {
    applies: 'Exim on Debian and Ubuntu',
    text:
      'Choose “mail sent by smarthost”, name it as smtp.isp.example::587, and put the login into ' +
      '/etc/exim4/passwd.client as host:user:password.',
    commands: [
      'dpkg-reconfigure exim4-config',
      'editor /etc/exim4/passwd.client',
      'update-exim4.conf && systemctl restart exim4',
    ],
  },
  {
    applies: 'Sendmail',
    text:
      "In sendmail.mc: define(`SMART_HOST', `smtp.isp.example')dnl, define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl " +
      "and FEATURE(`authinfo')dnl; the login goes into /etc/mail/authinfo as " +
      'AuthInfo:smtp.isp.example "U:user" "I:user" "P:password".',
    commands: ['makemap hash /etc/mail/authinfo < /etc/mail/authinfo', 'make -C /etc/mail restart'],
  },
  {
    applies: 'msmtp',
    text: 'In the account: host smtp.isp.example, port 587, tls on, auth on, user and password (or passwordeval).',
    commands: ['msmtp --serverinfo --host=smtp.isp.example --port=587 --tls=on'],
  },
];

/** Where the mechanisms of a SASL client come from. PLAIN and LOGIN first: every relay takes one of them. */
export const SASL_PACKAGES: readonly Remedy[] = [
  {
    applies: 'Postfix or Sendmail on Debian and Ubuntu',
    text:
      'Install the package with the mechanisms: the library alone has none of them. It brings PLAIN, LOGIN, CRAM-MD5, ' +
      'DIGEST-MD5, SCRAM and NTLM. saslpluginviewer (package sasl2-bin) lists what the client side has.',
    commands: ['apt-get install libsasl2-modules', 'saslpluginviewer -c', 'postfix reload && postqueue -f'],
  },
  {
    applies: 'Postfix or Sendmail on RHEL, Fedora and their kin',
    text:
      'Install the mechanisms that the server offers; cyrus-sasl-plain holds PLAIN and LOGIN, cyrus-sasl-md5 CRAM-MD5 and ' +
      'DIGEST-MD5. cyrus-sasl and cyrus-sasl-lib alone bring none of these. A saslauthd is not needed for a client.',
    commands: [
      'dnf install cyrus-sasl-plain cyrus-sasl-md5 cyrus-sasl-scram',
      'rpm -qa | grep cyrus-sasl; pluginviewer -c',
      'postfix reload && postqueue -f',
    ],
  },
  {
    applies: 'Postfix on SUSE',
    text: 'LOGIN comes with cyrus-sasl; PLAIN and the challenge mechanisms are packages of their own.',
    commands: [
      'zypper install cyrus-sasl-plain cyrus-sasl-crammd5 cyrus-sasl-digestmd5',
      'postfix reload && postqueue -f',
    ],
  },
  {
    applies: 'Postfix on Alpine',
    text: 'Install cyrus-sasl, and a package for each further mechanism.',
    commands: ['apk add cyrus-sasl cyrus-sasl-login cyrus-sasl-crammd5', 'postfix reload && postqueue -f'],
  },
  {
    applies: 'Postfix on FreeBSD',
    text:
      'Postfix must be built with Cyrus SASL (the port’s sasl flavour) and security/cyrus-sasl2 installed; ' +
      '`postconf -A` must name cyrus.',
    commands: ['pkg install postfix-sasl cyrus-sasl', 'postconf -A'],
  },
];

/** Letting a Postfix client use PLAIN and LOGIN, inside TLS. */
export const POSTFIX_PLAINTEXT_INSIDE_TLS: Remedy = {
  applies: 'Postfix',
  text:
    'Allow PLAIN and LOGIN inside TLS, and require TLS towards this relay. smtp_sasl_security_options keeps its default ' +
    '(noplaintext, noanonymous), so that no password can go out in clear.',
  commands: [
    'postconf -e "smtp_tls_security_level = encrypt" "smtp_sasl_tls_security_options = noanonymous"',
    'postfix reload && postqueue -f',
  ],
};

export const POSTFIX_PLAINTEXT_IN_CLEAR: Remedy = {
  applies: 'Postfix, where the server offers no TLS at all',
  text:
    'Allow PLAIN and LOGIN in clear. Everyone on the path can then read the password: a relay with TLS (587 or 465) is ' +
    'the better answer.',
  commands: ['postconf -e "smtp_sasl_security_options = noanonymous"', 'postfix reload && postqueue -f'],
};

/** Finding out what a Postfix client may use, and whether it can read its passwords. */
export const POSTFIX_CHECK_CLIENT_SASL: Remedy = {
  applies: 'Postfix, to tell the causes apart',
  text:
    'The log of that second (mail.log, maillog or the journal) names the cause. Then look at the settings, at the mechanism filter (it takes mechanism ' +
    'names such as CRAM-MD5, not plugin names such as crammd5), and ask the password map for the relay: it must print ' +
    'the login. A smtp service that is chrooted in master.cf (fifth column y) needs the plugins inside the chroot.',
  commands: [
    'grep "postfix/smtp" /var/log/mail.log | tail -n 20',
    'postconf -n | grep -E "^smtp_(sasl|tls)|^relayhost"; postconf -A; postconf -M smtp/unix',
    `postmap -q "[smtp.isp.example]:587" "${MAP}:/etc/postfix/sasl_passwd"`,
  ],
};

export const EXIM_CLIENT_LOGIN: Remedy = {
  applies: 'Exim',
  text:
    'Define a client authenticator whose public_name is one that the server offers, for PLAIN: client_send = ' +
    '^user^password. Debian’s configuration sends no password without TLS unless AUTH_CLIENT_ALLOW_NOTLS_PASSWORDS is ' +
    'set in exim4.conf.localmacros; TLS is the better answer.',
  commands: ['exim -bP authenticators'],
};

export const SENDMAIL_CLIENT_LOGIN: Remedy = {
  applies: 'Sendmail',
  text:
    'Name a mechanism that both sides have in the login’s entry, "M:PLAIN", and in confAUTH_MECHANISMS; the mechanisms ' +
    'themselves come from the Cyrus SASL packages of the system.',
  commands: ['sendmail -d0.1 -bv root | grep SASL'],
};

export const MSMTP_CLIENT_LOGIN: Remedy = {
  applies: 'msmtp',
  text:
    'With `auth on` msmtp takes no method that sends a readable password without TLS: turn TLS on, or name the method ' +
    '(auth plain) if it must go in clear.',
  commands: ['msmtp --serverinfo --host=smtp.isp.example --port=587 --tls=on'],
};

/** Sending TLS to servers that offer it. */
export const USE_STARTTLS: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text: 'Use TLS wherever it is offered (may), or require it towards this relay (encrypt).',
    commands: ['postconf -e "smtp_tls_security_level = may"', 'postfix reload'],
  },
  {
    applies: 'Exim as client',
    text:
      'Exim built with TLS uses STARTTLS when it is offered, unless hosts_avoid_tls of the smtp transport excludes the ' +
      'host; hosts_require_tls makes it a condition.',
    commands: ['exim -bV | grep -i -E "openssl|gnutls"', 'exim -bP transports | grep -E "hosts_(avoid|require)_tls"'],
  },
  {
    applies: 'msmtp',
    text: 'In the account: tls on (and tls_starttls on, the default, for ports 25 and 587).',
    commands: [],
  },
  {
    applies: 'nodemailer and other libraries',
    text: 'Require TLS on ports 25 and 587: in nodemailer secure: false with requireTLS: true; on port 465 secure: true.',
    commands: [],
  },
];

export const POSTFIX_SERVER_AUTH_AFTER_TLS: Remedy = {
  applies: 'Postfix as server',
  text: 'Offer AUTH only inside TLS, so that no client can send a password in clear.',
  commands: ['postconf -e "smtpd_tls_auth_only = yes" "smtpd_tls_security_level = may"', 'postfix reload'],
};

export const CAPTURE_WHOLE: Remedy = {
  applies: 'tcpdump',
  text: 'Start the capture before the trouble, keep whole packets, and capture both directions.',
  commands: [
    'tcpdump -i eth0 -s 0 -B 65536 -w mail.pcap "tcp port 25 or tcp port 465 or tcp port 587 or icmp or icmp6"',
  ],
};
