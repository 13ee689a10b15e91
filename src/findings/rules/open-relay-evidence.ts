import { type Recipient, type Session, Sign, type Transaction } from '../../smtp/session.ts';
import { reachOf } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { belongsTo, domainOf, isMailboxProvider, mayNameProvider, relayForm } from '../relay-forms.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data {
  readonly sign: 'form' | 'provider';
  readonly to: string;
  readonly foreign: string;
  readonly from: string;
  readonly client: string;
  /** The message was taken, not only the recipient. */
  readonly delivered: boolean;
}

const CAUSE = {
  networks:
    'The server trusts too many addresses: mynetworks (Postfix), relay_from_hosts (Exim) or /etc/mail/access (Sendmail) holds a whole network.',
  restrictions: 'The rule that refuses foreign recipients is missing, or stands behind one that accepts everything.',
  nat: 'Every client seems to come from one inner address: NAT, a container host or a proxy stands before the server, and that address is trusted.',
  hack: 'The server takes an address inside an address at its word (Postfix: allow_percent_hack, swap_bangpath; Exim: percent_hack_domains).',
  allowed: 'The client is known to the server by its address, and may send through it: then nothing is wrong.',
} as const;

export default defineRule<Data>({
  id: 'open-relay-evidence',
  title: 'The server may pass on mail for anybody',
  severity: 'critical',
  confidence: 'hint',
  actor: 'server',
  triggers: ['mailCommand'],
  needs: { client: 'withhold', server: 'withhold', start: 'lower' },
  explains: [],
  detect(session) {
    if (session.encryption?.outcome === 'established' || reachOf(session.client.address) !== 'public') return NOTHING;
    if (session.authentication.some(({ outcome }) => outcome === 'accepted')) return NOTHING;
    for (const transaction of session.transactions) {
      for (const recipient of transaction.recipients) {
        if (recipient.code === null || recipient.code < 200 || recipient.code >= 300) continue;
        const found = judge(session, transaction, recipient);
        if (found !== null) return found;
      }
    }
    return NOTHING;
  },
  message: ({ sign, to, foreign, from, client, delivered }) =>
    `The server ${delivered ? 'took a message' : 'accepted a recipient'} from ${client}, which did not log in: ` +
    `from ${from === '' ? '<>' : from.slice(0, 100)} to ${to.slice(0, 100)}, ${
      sign === 'form'
        ? `which asks it to pass the mail on to ${foreign}`
        : `whose mail belongs to ${foreign} and not to it`
    }`,
  explanation: `An open relay passes mail on from anybody to anybody. Spammers look for them, and the server’s address is soon on the blocklists. A server must take mail from strangers for its own domains only.

One session cannot tell which domains are a server’s own. So two signs alone are raised, as a hint: a recipient in one of the forms that relay tests use (user%other.example@here, "user@other.example"@here, @here:user@other.example, other.example!user), accepted from a public address without a login; and a recipient at one of the large mailbox providers, taken by a server that is not theirs, from a sender that is not the client’s own. A foreign-looking domain alone is not raised, since any server may host it.

Some servers accept such an address and then throw the mail away or deliver it locally: a test with an address of your own tells.`,
  falseAlarms: [
    'A smarthost that knows the client by its address.',
    'A server that takes the whole string for a local mailbox, and bounces or drops the mail.',
    'A forwarder of your own that sends on to a mailbox provider through this server.',
  ],
  causes(data) {
    if (data?.sign === 'form') return [CAUSE.hack, CAUSE.restrictions, CAUSE.networks];
    const rest = [CAUSE.networks, CAUSE.nat, CAUSE.restrictions];
    return data === null ? [...rest, CAUSE.hack, CAUSE.allowed] : [CAUSE.allowed, ...rest];
  },
  remedies: () => [
    {
      applies: 'anyone, to be sure',
      text: 'From an address that the server does not know, try a recipient elsewhere; it must be refused with 554 or 550.',
      commands: [
        'swaks --server mail.example.net --from test@outside.example --to test@elsewhere.example --quit-after RCPT',
      ],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_relay_restrictions must end in a refusal of foreign destinations, and mynetworks hold your own hosts alone.',
      commands: [
        'postconf -e "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"',
        'postconf mynetworks mynetworks_style relay_domains allow_percent_hack swap_bangpath',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'acl_smtp_rcpt must deny what is neither for local_domains and relay_to_domains nor from relay_from_hosts or a login.',
      commands: ['exim -bP +local_domains +relay_to_domains +relay_from_hosts', 'exim -bh 203.0.113.9'],
    },
    {
      applies: 'Sendmail as server',
      text: 'Take promiscuous_relay, relay_local_from and relay_entire_domain out of sendmail.mc; RELAY in the access map is for your own hosts.',
      commands: ['grep -n -i relay /etc/mail/sendmail.mc /etc/mail/access /etc/mail/relay-domains'],
    },
    {
      applies: 'OpenSMTPD as server',
      text: 'Only “match from any for domain …” may accept strangers; relaying needs “match auth from any” or “from local”.',
      commands: ['grep -n match /etc/mail/smtpd.conf /etc/smtpd.conf'],
    },
  ],
  references: [rfc(5321, '7.9'), rfc(2505, '2.1'), postconf('smtpd_relay_restrictions'), postconf('mynetworks')],
});

function judge(session: Session, transaction: Transaction, recipient: Recipient): readonly Detection<Data>[] | null {
  const isOdd = (session.signs & Sign.oddAddress) !== 0;
  if (!isOdd && !mayNameProvider(recipient.command)) return null;
  const form = isOdd ? relayForm(recipient.to) : null;
  const domain = form === null ? domainOf(recipient.to) : form;
  if (form === null && !isMailboxProvider(domain)) return null;
  if (belongsTo(session, 'server', domain)) return null;
  const code = transaction.message?.code ?? null;
  const delivered = code !== null && code >= 200 && code < 300;
  if (form === null) {
    const sender = domainOf(transaction.from);
    if (!delivered || sender === '' || belongsTo(session, 'server', sender) || belongsTo(session, 'client', sender))
      return null;
    if (session.server.port !== 25) return null;
  }
  const reply = delivered ? (transaction.message?.replies.at(-1) ?? recipient.reply) : recipient.reply;
  return [
    {
      evidence: [
        turnShows(transaction.mail, 'the sender'),
        turnShows(recipient.command, form === null ? 'a recipient of another provider' : 'a recipient to be passed on'),
        ...(reply === null ? [] : [turnShows(reply, 'is accepted')]),
      ],
      data: {
        sign: form === null ? 'provider' : 'form',
        to: recipient.to,
        foreign: domain,
        from: transaction.from,
        client: session.client.address,
        delivered,
      },
      severity: 'warning',
    },
  ];
}
