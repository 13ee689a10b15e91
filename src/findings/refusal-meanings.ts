/**
 * What servers mean by words that have no rule of their own: the likeliest cause, and what mends it. The first that fits.
 * Each is said by software or a service that is known to mean this by it.
 */
import type { Remedy } from './rule.ts';

interface Meaning {
  readonly words: RegExp;
  readonly cause: string;
  readonly remedy: Remedy;
}

const MEANINGS: readonly Meaning[] = [
  {
    // Postfix: `4.1.1 … unverified address: …`; Exim: `Could not complete recipient verify callout`.
    words:
      /\bunverified address\b|\brecipient verify callout|\bcallout\b.{0,60}\b(?:recipient|not complete)|\baddress verification in progress/i,
    cause:
      'The server first asks another server whether the recipient exists (address verification, callout) and has no answer yet: a first mail to ' +
      'that address, or the server behind it does not answer.',
    remedy: {
      applies: 'Postfix or Exim as server',
      text:
        'Reach the server that is asked from this one. A first mail passes at its next try; when it does not, the mailbox’s server is down, or ' +
        'refuses the sender of the question (address_verify_sender in Postfix).',
      commands: [
        'postconf reject_unverified_recipient address_verify_poll_count address_verify_sender unverified_recipient_reject_code',
        'postmap -s "$(postconf -h address_verify_map)" | grep user@example.net',
        'exim -bhc 192.0.2.10',
      ],
    },
  },
  {
    // Postfix: reject_unknown_helo_hostname; Exim, by rules that many hosts copy.
    words:
      /\bhelo command rejected\b|\binvalid (?:helo|ehlo)\b|\b(?:helo|ehlo) (?:name )?(?:is )?(?:invalid|not valid|forged)\b/i,
    cause:
      'The server does not take the name that the client gives in EHLO: DNS has no address (A, AAAA) for it, it is not the name of the client’s ' +
      'address, or a rule of the server forbids it.',
    remedy: {
      applies: 'the client’s side',
      text: 'Give the name that the client calls itself an address record in the public DNS, best the one that the address’s reverse name leads to.',
      commands: ['postconf -h smtp_helo_name myhostname', 'host mail.example.net', 'host 192.0.2.10'],
    },
  },
  {
    // Exchange: RESOLVER.RST.SenderNotAuthenticatedForGroup, .AuthRequired, .NotAuthorized (5.7.1, 5.7.133, 5.7.124 …).
    words:
      /\bRESOLVER\.RST\.(?:SenderNotAuthenticated|AuthRequired|NotAuthori[sz]ed|Restricted)|\bdelivery restriction check failed/i,
    cause:
      'The recipient is a group or mailbox that takes mail only from senders inside its organisation, or from those on a list (Exchange: delivery ' +
      'restrictions). A login at the client’s own server does not change that.',
    remedy: {
      applies: 'Exchange, where the recipient is',
      text: 'Let senders from outside write to that group or mailbox, if that is wanted.',
      commands: [
        'Get-DistributionGroup group@example.net | Format-List RequireSenderAuthenticationEnabled, AcceptMessagesOnlyFrom*',
        'Set-DistributionGroup group@example.net -RequireSenderAuthenticationEnabled $false',
      ],
    },
  },
  {
    // Gmail 5.4.5, Exchange Online 5.7.705 and RecipientRateLimitExceeded, many web hosts.
    words:
      /\b(?:daily|hourly|sending|outgoing|outbound|recipient ?rate) (?:\w+ ){0,3}(?:limit|quota)|\b(?:limit|quota) (?:for|of) (?:the )?(?:day|hour|today|sending)\b|\btenant has exceeded threshold|\bSubmission\.Exception:RecipientRateLimitExceeded|\bunusual sending activity\b|\bmax (?:emails|messages|defers and failures) per (?:hour|day)/i,
    cause:
      'The account, domain or tenant that sends has used up what its own provider lets it send in an hour or a day: bulk mail, a program in a ' +
      'loop, or a stolen password. The recipient’s address is not the reason.',
    remedy: {
      applies: 'the account that sends',
      text:
        'See what it sent: when it was not its owner, change the password, end its sessions and look for forwarding rules. Else wait until the ' +
        'period is over (mostly 24 hours) and send bulk mail through a service that is made for it.',
      commands: ['grep -o "sasl_username=[^,]*" /var/log/mail.log | sort | uniq -c | sort -rn | head'],
    },
  },
  {
    // Postfix: reject_unknown_recipient_domain. At a relay it is mostly a mistyped domain.
    words: /\brecipient address rejected: domain not found/i,
    cause:
      'The server does not find the recipient’s domain in DNS: it is mistyped or has run out; or the server’s own resolver does not answer (then ' +
      'for now, and for every domain).',
    remedy: {
      applies: 'the sender, and the server that looked it up',
      text: 'Look the domain up, on the server itself as well; one of them must give an answer.',
      commands: [
        'host -t MX example.net',
        'host example.net',
        'cat /etc/resolv.conf /var/spool/postfix/etc/resolv.conf',
      ],
    },
  },
  {
    // policyd-spf, OpenDMARC, OpenDKIM and others, in the words of each.
    words:
      /\b(?:SPF|DKIM|DMARC)\b.{0,80}\b(?:temp(?:orary)?[ -]?(?:error|fail\w*|lookup)|temperror|SERVFAIL|lookup failure|time[- ]?out)/i,
    cause:
      'The server could not look up the SPF, DKIM or DMARC record of the sender’s domain: the domain’s name servers do not answer, answer with ' +
      'SERVFAIL (DNSSEC), or the server’s own resolver has a trouble.',
    remedy: {
      applies: 'the owner of the sender’s domain',
      text: 'Ask each name server of the domain for the record, and check DNSSEC; a record that is missing is an answer, SERVFAIL is none.',
      commands: ['host -t NS example.net', 'dig +trace TXT example.net', 'dig +cd TXT _dmarc.example.net'],
    },
  },
  {
    // Postfix, POSTSCREEN_README, deep protocol tests.
    words: /^450 4\.3\.2 Service currently unavailable\b/i,
    cause:
      'Postfix’s postscreen with its tests behind the greeting (postscreen_bare_newline_enable, _non_smtp_command_enable, _pipelining_enable): who ' +
      'passes them is put off once, since postscreen cannot hand the session on. The next try passes.',
    remedy: {
      applies: 'Postfix with postscreen as server',
      text: 'See whether these tests are meant to be on: each new client waits for its second try, and large senders come from other addresses.',
      commands: [
        'postconf postscreen_bare_newline_enable postscreen_non_smtp_command_enable postscreen_pipelining_enable',
      ],
    },
  },
  {
    // Exchange Online: the domain’s MX leads there, and no tenant takes its mail.
    words: /\bhosted tenant which has no mail-enabled subscriptions\b|\bwrong Office 365 region\b/i,
    cause:
      'The recipient’s domain leads to Exchange Online, and the tenant or region asked there does not take its mail: the domain is not set up in a tenant ' +
      'with mailboxes, was moved, or the client goes by an old MX or a smarthost of its own. Waiting mends nothing.',
    remedy: {
      applies: 'the owner of the recipient’s domain, and the client for its routes',
      text:
        'The MX must be the one that the tenant’s admin centre shows for this domain, and the domain an accepted domain there. On the client look ' +
        'for a transport or connector that names another host.',
      commands: [
        'host -t MX example.net',
        'Get-AcceptedDomain',
        'postmap -q example.net "$(postconf -h default_database_type):/etc/postfix/transport"',
      ],
    },
  },
  {
    // Exchange Online 5.7.520.
    words: /\bdoes not allow external forwarding\b/i,
    cause:
      'The sending tenant forbids automatic forwarding to the outside (Exchange Online: outbound spam policy). The recipient refused nothing.',
    remedy: {
      applies: 'the Microsoft 365 tenant that forwards',
      text: 'Allow it for the mailboxes that need it, by an outbound policy of their own; first see that the rule was not made by a thief.',
      commands: [
        'Get-InboxRule -Mailbox user@example.net | Format-List Name, ForwardTo, RedirectTo, ForwardAsAttachmentTo',
        'Get-HostedOutboundSpamFilterPolicy | Format-List Name, AutoForwardingMode',
      ],
    },
  },
  {
    // Tencent QQ: 5xx, though it passes.
    words: /\b(?:ip|connection|domain|sender) frequency limited\b/i,
    cause:
      'QQ Mail limits how often this address or domain may connect or send; though it says 5xx, it passes after some hours.',
    remedy: {
      applies: 'the client’s side',
      text: 'Fewer connections and a pause between mails to that destination; SPF, DKIM and a reverse name raise the limit.',
      commands: [
        'postconf -e "smtp_destination_concurrency_limit = 2" "smtp_destination_rate_delay = 1s" && postfix reload',
      ],
    },
  },
  {
    // Providers that answer for every server on port 25 (interception).
    words:
      /\bport 25\b.{0,60}\b(?:block|closed|not allowed|disabled)|\b(?:outbound|outgoing|direct) (?:smtp|mail|port 25)\b.{0,60}\bblock/i,
    cause:
      'The client’s own provider or network answers on port 25 in place of the recipient’s server, or the server takes no mail from such networks: ' +
      'compare the name in the greeting with the MX.',
    remedy: {
      applies: 'the client’s side',
      text: 'Send through the provider’s relay or another one, on port 587 or 465 with a login; or ask the provider to open port 25.',
      commands: ['host -t MX example.net', 'postconf -h relayhost'],
    },
  },
  {
    // Google Workspace: smtp-relay.gmail.com.
    words: /\binvalid credentials for relay\b|\bmail relay denied\b/i,
    cause:
      'The relay of Google Workspace does not know this client: neither its address nor a login is registered for the domain in MAIL, or MAIL has a ' +
      'domain that the Workspace does not have.',
    remedy: {
      applies: 'Google Workspace',
      text:
        'Admin console, Apps, Google Workspace, Gmail, Routing, SMTP relay service: enter the public address that Google names in its reply. Send ' +
        'with a domain of the Workspace in MAIL, and with its name in EHLO for bounces.',
      commands: ['postconf -h relayhost smtp_helo_name myorigin'],
    },
  },
  {
    // Exchange Online 5.7.708: a tenant, mostly a new one, that sends from addresses of low reputation.
    words: /\btraffic not accepted from this IP\b/i,
    cause:
      'Exchange Online does not let this tenant’s mail out: most often a new or trial tenant, which it trusts little, or one whose account sent spam.',
    remedy: {
      applies: 'the owner of the Microsoft 365 tenant',
      text: 'Look for restricted accounts and for connectors that nobody made, then ask Microsoft’s support to release the tenant.',
      commands: ['Get-BlockedSenderAddress', 'Get-InboundConnector | Format-List Name, Enabled, WhenCreated'],
    },
  },
  {
    // Mimecast, by its own list of codes.
    words: /\binternal resources? (?:is |are )?temporarily unavailable\b.{0,60}\bmimecast/i,
    cause:
      'Mimecast’s words for greylisting: it has not seen this client, sender and recipient together before. Where it lasts, it thinks little of ' +
      'the client’s address.',
    remedy: {
      applies: 'the client’s side',
      text: 'Let the queue try again, from the same address with the same sender, after one minute at least and within twelve hours.',
      commands: ['postconf minimal_backoff_time maximal_backoff_time'],
    },
  },
  {
    // Exchange Online, of an address that it does not know well (4.7.500 to 4.7.699).
    words: /\bserver busy\. please try again later from\b/i,
    cause:
      'Exchange Online holds the client’s address back while it judges it: new to the service, much mail at once, or mail that was called spam. ' +
      'Its servers are not busy.',
    remedy: {
      applies: 'the client’s side',
      text: 'Let the queue try again and send slower; check SPF, DKIM, DMARC and the reverse name. It is lifted by itself when the mail turns out to be wanted.',
      commands: ['host 192.0.2.10', 'host -t TXT example.net', 'host -t TXT _dmarc.example.net'],
    },
  },
];

/** The cause that a server's words name, before the usual ones; nothing where they name none. */
export function knownCause(words: string): readonly string[] {
  return meaningsOf(words).map(({ cause }) => cause);
}

export function knownRemedy(words: string): readonly Remedy[] {
  return meaningsOf(words).map(({ remedy }) => remedy);
}

function meaningsOf(words: string): readonly Meaning[] {
  const meaning = MEANINGS.find((one) => one.words.test(words));
  return meaning === undefined ? [] : [meaning];
}
