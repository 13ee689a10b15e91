/** Remedies that several rules about TLS give. Commands can be pasted; names in them are examples. */
import type { Remedy } from './rule.ts';

/** Looking at what the server shows. */
export const LOOK_AT_SERVER: Remedy = {
  applies: 'anyone with OpenSSL',
  text: 'Ask the server for its certificate, and see what it is issued for, by whom, and until when.',
  commands: [
    'openssl s_client -starttls smtp -connect mx.example:25 -servername mx.example -showcerts </dev/null',
    'openssl s_client -connect mx.example:465 -servername mx.example </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName',
  ],
};

/** Giving a server a certificate and a key that it can read. */
export const SERVER_CERTIFICATE: readonly Remedy[] = [
  {
    applies: 'Postfix as server',
    text:
      'smtpd_tls_chain_files (3.4 and later) holds the key, then the server’s certificate, then the intermediate ones; ' +
      'older versions have smtpd_tls_cert_file (all certificates in that order) and smtpd_tls_key_file. A file that cannot ' +
      'be read, or a key that does not fit, makes it answer 454; its log says why.',
    commands: [
      'postconf smtpd_tls_security_level smtpd_tls_chain_files smtpd_tls_cert_file smtpd_tls_key_file',
      'grep -E "postfix/smtpd.*(TLS|cannot load|key)" /var/log/mail.log | tail -n 20',
      'postfix reload',
    ],
  },
  {
    applies: 'Exim on Debian and Ubuntu',
    text:
      'MAIN_TLS_ENABLE = yes, MAIN_TLS_CERTIFICATE and MAIN_TLS_PRIVATEKEY in /etc/exim4/exim4.conf.localmacros. The key must ' +
      'be readable by the group Debian-exim.',
    commands: [
      'chown root:Debian-exim /etc/exim4/exim.key && chmod 640 /etc/exim4/exim.key',
      'update-exim4.conf && systemctl restart exim4',
      'grep -i tls /var/log/exim4/mainlog | tail -n 20',
    ],
  },
  {
    applies: 'Exim elsewhere',
    text: 'tls_advertise_hosts, tls_certificate (the server’s own first) and tls_privatekey, readable by the user Exim runs as.',
    commands: ['exim -bP tls_advertise_hosts tls_certificate tls_privatekey'],
  },
  {
    applies: 'Sendmail',
    text:
      "define(`confSERVER_CERT', `/etc/mail/certs/host.cert')dnl and define(`confSERVER_KEY', `/etc/mail/certs/host.key')dnl; " +
      'a key that anybody but its owner can read is refused as unsafe, and STARTTLS is then not available.',
    commands: ['chmod 600 /etc/mail/certs/host.key', 'make -C /etc/mail restart'],
  },
  {
    applies: 'OpenSMTPD',
    text:
      'pki mx.example cert "/etc/ssl/mx.example.fullchain.pem" and pki mx.example key "/etc/ssl/private/mx.example.key", then ' +
      'listen on … tls pki mx.example (smtps for port 465). The key must not be readable by others.',
    commands: ['smtpd -n', 'chmod 600 /etc/ssl/private/mx.example.key'],
  },
  {
    applies: 'Exchange',
    text:
      'Bind a valid certificate to SMTP; the receive connector’s FQDN must be one of its names, or Exchange shows its own ' +
      'self-signed one.',
    commands: [
      'Get-ExchangeCertificate | Format-List Thumbprint,Services,NotAfter,CertificateDomains',
      'Enable-ExchangeCertificate -Thumbprint THUMBPRINT -Services SMTP',
    ],
  },
];

/** Letting a client trust the issuer. */
export const CLIENT_TRUST: readonly Remedy[] = [
  {
    applies: 'the client’s system',
    text:
      'Bring the list of certification authorities up to date; a private one is put into the system’s list. Debian, Ubuntu, ' +
      'Alpine: update-ca-certificates; SUSE the same; RHEL and Fedora: update-ca-trust; FreeBSD: certctl rehash.',
    commands: [
      'cp our-ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates',
      'cp our-ca.crt /etc/pki/ca-trust/source/anchors/ && update-ca-trust',
    ],
  },
  {
    applies: 'Postfix as client',
    text:
      'At the levels verify and secure the issuer must be in smtp_tls_CAfile or smtp_tls_CApath, which are empty by default ' +
      '(the packages of RHEL and Debian set one of them). The list of the system is /etc/ssl/certs/ca-certificates.crt on Debian and Alpine, ' +
      '/etc/pki/tls/certs/ca-bundle.crt on RHEL, /etc/ssl/ca-bundle.pem on SUSE, /etc/ssl/cert.pem on FreeBSD. At the levels ' +
      'may and encrypt no certificate is checked.',
    commands: [
      'postconf smtp_tls_security_level smtp_tls_policy_maps smtp_tls_CAfile smtp_tls_CApath',
      'postconf -e "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt" && postfix reload',
    ],
  },
  {
    applies: 'Exim as client',
    text:
      'In the smtp transport: tls_verify_certificates = system, and tls_verify_hosts or tls_try_verify_hosts say for which ' +
      'servers a certificate must pass.',
    commands: ['exim -bP transports | grep -E "tls_(verify|try_verify)"'],
  },
  {
    applies: 'msmtp',
    text: 'tls_trust_file system (the default), or the file with the private authority; never tls_certcheck off over a network that is not yours.',
    commands: ['msmtp --serverinfo --host=smtp.isp.example --port=587 --tls=on'],
  },
  {
    applies: 'nodemailer and other libraries',
    text:
      'Hand the private authority over (nodemailer: tls: { ca }; Node: NODE_EXTRA_CA_CERTS) and connect by the name that ' +
      'stands in the certificate. rejectUnauthorized: false turns the check off and with it the protection.',
    commands: [],
  },
];

/** Versions and ciphers of this decade, on either side. */
export const CURRENT_TLS: readonly Remedy[] = [
  {
    applies: 'Postfix, as server and as client',
    text:
      'TLS 1.2 is the oldest that is still taken for safe. From 3.6 the setting reads ">=TLSv1.2", before that ' +
      '"!SSLv2, !SSLv3, !TLSv1, !TLSv1.1". Where old devices of your own must still submit, give them a port of their own in ' +
      'master.cf.',
    commands: [
      'postconf smtpd_tls_protocols smtp_tls_protocols smtpd_tls_mandatory_protocols smtp_tls_mandatory_protocols tls_medium_cipherlist',
      'postconf -e "smtpd_tls_protocols = >=TLSv1.2" "smtp_tls_protocols = >=TLSv1.2" && postfix reload',
    ],
  },
  {
    applies: 'Exim with GnuTLS (Debian and Ubuntu)',
    text: 'tls_require_ciphers takes a GnuTLS priority string: NORMAL:-VERS-TLS1.0:-VERS-TLS1.1.',
    commands: ['exim -bV | grep -i -E "openssl|gnutls"', 'exim -bP tls_require_ciphers'],
  },
  {
    applies: 'Exim with OpenSSL',
    text: 'openssl_options = +no_sslv3 +no_tlsv1 +no_tlsv1_1, and tls_require_ciphers for the cipher suites.',
    commands: ['exim -bV | grep -i -E "openssl|gnutls"', 'exim -bP openssl_options tls_require_ciphers'],
  },
  {
    applies: 'Sendmail',
    text:
      'In sendmail.mc below LOCAL_CONFIG: O CipherList=HIGH:!aNULL, O ServerSSLOptions=+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 ' +
      '+SSL_OP_NO_TLSv1_1, and O ClientSSLOptions likewise.',
    commands: ['make -C /etc/mail restart'],
  },
  {
    applies: 'RHEL, Fedora and their kin',
    text:
      'The system’s policy decides for all programs: DEFAULT refuses TLS 1.0 and 1.1, LEGACY takes them. It is also why a new ' +
      'system refuses an old peer.',
    commands: ['update-crypto-policies --show'],
  },
  {
    applies: 'Debian and Ubuntu',
    text: 'MinProtocol and CipherString (SECLEVEL) in /etc/ssl/openssl.cnf hold for every program that uses OpenSSL.',
    commands: ['grep -n -E "MinProtocol|CipherString" /etc/ssl/openssl.cnf'],
  },
  {
    applies: 'Exchange and Windows',
    text: 'Schannel decides, by registry: disable SSL 3.0, TLS 1.0 and TLS 1.1 below SCHANNEL\\Protocols, enable TLS 1.2, and restart.',
    commands: ['Get-TlsCipherSuite | Format-Table Name'],
  },
  {
    applies: 'an old client or device',
    text: 'A printer, a scanner or an old Java or .NET program that knows no TLS 1.2: new firmware or runtime; else a relay in your own network that takes its mail and sends it on with TLS.',
    commands: [],
  },
];

/** Ports and modes that must fit on both sides. */
export const FITTING_PORT: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text:
      'Port 465: smtp_tls_wrappermode = yes with smtp_tls_security_level = encrypt, for that relay alone (a transport of its own ' +
      'in master.cf), since every other port wants it off. Ports 25 and 587: smtp_tls_wrappermode = no.',
    commands: [
      'postconf relayhost smtp_tls_wrappermode smtp_tls_security_level; postconf -P | grep wrappermode',
      'postconf -e "relayhost = [smtp.isp.example]:587" "smtp_tls_wrappermode = no" "smtp_tls_security_level = encrypt" && postfix reload',
    ],
  },
  {
    applies: 'Exim as client',
    text: 'Port 465: protocol = smtps in the smtp transport; ports 25 and 587: protocol = smtp, with hosts_require_tls.',
    commands: ['exim -bP transports | grep -E "^(port|protocol|hosts_require_tls)"'],
  },
  {
    applies: 'OpenSMTPD as client',
    text: 'The relay’s address says it: smtps://user@smtp.isp.example for port 465, smtp+tls://user@smtp.isp.example:587 for STARTTLS.',
    commands: ['smtpd -n'],
  },
  {
    applies: 'msmtp',
    text: 'tls_starttls off for port 465, on (the default) for 25 and 587.',
    commands: [],
  },
  {
    applies: 'nodemailer, PHPMailer, MailKit and other libraries',
    text:
      'Port 465: nodemailer secure: true; PHPMailer SMTPSecure = ssl (ENCRYPTION_SMTPS); MailKit SslOnConnect; Python SMTP_SSL. ' +
      'Ports 25 and 587: secure: false with requireTLS: true; tls (ENCRYPTION_STARTTLS); StartTls; SMTP with starttls().',
    commands: [],
  },
  {
    applies: 'Postfix as server',
    text: 'smtpd_tls_wrappermode = yes belongs to the service on 465 (smtps, submissions) in master.cf, and to no other.',
    commands: ['postconf -P | grep smtpd_tls_wrappermode', 'postconf -M | grep inet'],
  },
];
