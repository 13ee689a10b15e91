/** Remedies that several rules about refusals give. Names and addresses in them are examples. */
import type { Remedy } from './rule.ts';

export const FIND_IN_LOG: Remedy = {
  applies: 'Postfix as server',
  text: 'Find which restriction refused, by the client’s address and the second, and what is set.',
  commands: ['grep "reject:" /var/log/mail.log | tail -n 20', 'postconf -n | grep restrictions'],
};

/** What waits on the client's side, and how to try at once when the cause is mended. */
export const TRY_AGAIN: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text: 'See what waits and why; after the cause is mended try at once.',
    commands: ['postqueue -p', 'postqueue -f'],
  },
  {
    applies: 'Exim as client',
    text: 'See the queue and what was said, then force a try.',
    commands: ['exim -bp', 'exim -qff'],
  },
];

/** Sending slower to one destination. */
export const SEND_SLOWER: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text:
      'A transport of its own for that destination, in master.cf and transport_maps, with few connections and a pause ' +
      'between mails; the pause holds for all mail to the same destination.',
    commands: [
      'postconf -M slow/unix="slow unix - - n - 2 smtp"',
      'postconf -e "slow_destination_concurrency_limit = 1" "slow_destination_rate_delay = 1s" "slow_destination_recipient_limit = 20"',
      'postconf -e "transport_maps = $(postconf -h default_database_type):/etc/postfix/transport"',
      'printf "%s\\n" "example.net slow:" >> /etc/postfix/transport && postmap "$(postconf -h default_database_type):/etc/postfix/transport"',
      'postfix reload',
    ],
  },
  {
    applies: 'Exim as client',
    text:
      'connection_max_messages and max_rcpt of the smtp transport, and remote_max_parallel in the main section, limit what ' +
      'is sent at a time.',
    commands: ['exim -bP remote_max_parallel; exim -bP transports | grep -E "connection_max_messages|max_rcpt"'],
  },
  {
    applies: 'Sendmail as client',
    text: "In sendmail.mc: define(`SMTP_MAILER_MAXMSGS', `10')dnl and define(`confMAX_QUEUE_CHILDREN', `10')dnl.",
    commands: ['make -C /etc/mail restart'],
  },
];

/** Which name the client's address has, and which address that name has. */
export const CHECK_REVERSE_NAME: Remedy = {
  applies: 'anyone, to check the name',
  text: 'The address must have a name, and the name must lead back to that address.',
  commands: ['host 192.0.2.10', 'host mail.example.net'],
};

/** Which addresses programs put into MAIL FROM. */
export const SET_SENDER: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text:
      'Local senders get the domain in myorigin; smtp_generic_maps rewrites addresses that are not valid outside, on their ' +
      'way out.',
    commands: [
      'postconf myorigin mydomain myhostname smtp_generic_maps',
      'printf "%s\\n" "root@host.localdomain admin@example.net" >> /etc/postfix/generic',
      'postconf -e "smtp_generic_maps = $(postconf -h default_database_type):/etc/postfix/generic"',
      'postmap "$(postconf -h default_database_type):/etc/postfix/generic" && postfix reload',
    ],
  },
  {
    applies: 'Exim as client',
    text:
      'qualify_domain is added to local senders (Debian: /etc/mailname); /etc/email-addresses on Debian, or a rewrite rule, ' +
      'sets the outside address of a local user.',
    commands: ['exim -bP qualify_domain', 'exim -brw root@host.localdomain'],
  },
  {
    applies: 'Sendmail as client',
    text: "In sendmail.mc: MASQUERADE_AS(`example.net')dnl with FEATURE(`masquerade_envelope')dnl, or FEATURE(`genericstable')dnl.",
    commands: ['make -C /etc/mail restart', 'sendmail -bv root'],
  },
  {
    applies: 'msmtp, nodemailer and other programs',
    text: 'Set the envelope sender: from in msmtp’s account, envelope.from (else from) in nodemailer.',
    commands: [],
  },
];

/** Words of a server that speaks of how the client is thought of, whatever else it names. */
export const SPEAKS_OF_REPUTATION = /\bcomplaints?\b|\breputation\b|\bunsolicited\b|\bspam|\babus(?:e|ive)\b/i;

export const REPUTATION_CAUSE =
  'The address or domain has a bad name with that provider: its users called earlier mail from it spam, much of it went to unknown recipients, or a hacked account sends.';

/** Where mail is held back for the sender's reputation, sending slower alone mends nothing. */
export const MEND_REPUTATION: readonly Remedy[] = [
  {
    applies: 'the address’s reputation',
    text:
      'Find out who sends what: a hacked account or web form, a forwarding of spam, a list whose readers did not ask for it. Stop it, ' +
      'then wait some hours; the deferral ends by itself when complaints do.',
    commands: [
      'qshape -s active deferred | head -n 20',
      'grep -o "sasl_username=[^,]*" /var/log/mail.log | sort | uniq -c | sort -rn | head',
    ],
  },
  {
    applies: 'the provider’s own tools',
    text:
      'They show complaints and reputation: Yahoo’s Sender Hub with its complaint feedback loop (https://senders.yahooinc.com), Google’s Postmaster ' +
      'Tools (https://postmaster.google.com), Microsoft’s SNDS and JMRP (https://sendersupport.olc.protection.outlook.com/snds/). ' +
      'Yahoo and Google go by the domain of the DKIM signature, so sign all mail.',
    commands: [],
  },
];
