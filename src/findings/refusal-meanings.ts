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
    // Postfix: reject_unknown_helo_hostname.
    words: /\bhelo command rejected: (?:host|domain) not found/i,
    cause: 'The server finds no address (A, AAAA) and no MX in DNS for the name that the client gives in EHLO.',
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
      /\b(?:daily|hourly|sending|outgoing|outbound|recipient ?rate) (?:\w+ ){0,3}(?:limit|quota)|\b(?:limit|quota) (?:for|of) (?:the )?(?:day|hour|today|sending)\b|\btenant has exceeded threshold|\bRecipientRateLimitExceeded|\bmax (?:emails|messages|defers and failures) per (?:hour|day)/i,
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
