import { type Listing, listingOf } from '../blocklists.ts';
import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, type Remedy, rfc } from '../rule.ts';

interface Data extends Refused, Listing {
  /** The client's address in the capture. */
  readonly client: string;
}

const CAUSE = {
  refused:
    'The list does not answer this server’s queries, because they come through a public resolver or are too many; the server ' +
    'takes the error code for a listing.',
  compromised:
    'Something sent spam from this address: a hacked account or web form, an infected machine behind the same NAT.',
  policy:
    'The address belongs to a range from which no mail servers are expected: a home connection, a cloud, a mobile network.',
  neighbours: 'The whole network is listed for what its other customers do.',
  former: 'The address is new to its user, and its former one was listed.',
  domain: 'Not the address but a domain is listed: that of the sender, of EHLO or of the reverse name.',
} as const;

export default defineRule<Data>({
  id: 'dnsbl',
  title: 'The client is refused because of a blocklist',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['dnsbl'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'dnsbl', (refused, { reply }) => ({
      ...refused,
      ...listingOf(reply.text),
      client: session.client.address,
    })).map((detection) => (detection.data.refusesServer ? { ...detection, actor: 'server' } : detection)),
  message(data) {
    const list = data.list ?? 'a blocklist';
    const page = data.url === null ? '' : ` (${data.url})`;
    const words = `: ${data.words}${butNotAll(data)}`;
    if (data.refusesServer) {
      return `The server refuses the client${forNow(data)} by mistake: ${list} answered its query with an error, not with a listing${page}${words}`;
    }
    const listed = data.listed ?? 'the client';
    const other =
      data.listed !== null && data.listed !== data.client && /^[\d.]+$|:/.test(data.listed)
        ? ` (the client, here ${data.client}, as the server sees it)`
        : '';
    return `The server refuses the mail${forNow(data)} because ${listed}${other} stands on ${list}${page}${words}`;
  },
  explanation: `The server asks a list of addresses or domains with a bad name, and refuses clients that stand on it. Trying again does not help as long as the listing lasts. The server’s words usually name the list and a page on which one can see why, and ask for removal. Removal without mending the cause lasts a few days.

That the refusal speaks of a list is certain where the list is named, likely where only words such as “blacklisted” or “bad reputation” say so. An answer such as 127.255.255.254, “open resolver” or “query limit” is no listing: the list refuses to serve this server, the client is not at fault, and everybody who writes to that server is refused.`,
  falseAlarms: [
    'The list’s error answers (Spamhaus: 127.255.255.252, .254 and .255) taken for listings: told apart where the server’s words show it; a look at the list’s page tells it in any case.',
    'A list that was shut down and answers yes to everything.',
    'A listed link inside the message is not this: see content-rejected.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.refusesServer) return [CAUSE.refused];
    if (data.listed !== null && !/^[\d.]+$|:/.test(data.listed)) return [CAUSE.domain, CAUSE.compromised];
    return [CAUSE.compromised, CAUSE.policy, CAUSE.neighbours, CAUSE.former];
  },
  remedies: (data) => [
    ...(data === null || !data.refusesServer ? [...ask(data), ...MEND] : []),
    ...(data === null || data.refusesServer ? ANSWERED : []),
    ...(data?.refusesServer === true ? [] : [EXCEPT]),
  ],
  references: [
    rfc(5782),
    { title: 'Spamhaus: return codes', url: 'https://www.spamhaus.org/faqs/dnsbl-usage/' },
    postconf('reject_rbl_client'),
  ],
});

function ask(data: Data | null): readonly Remedy[] {
  const what = data?.listed ?? '192.0.2.10';
  const page = data?.url ?? data?.lookup ?? null;
  const reversed = /^\d+\.\d+\.\d+\.\d+$/.test(what) ? what.split('.').reverse().join('.') : null;
  return [
    {
      applies: 'the client’s side',
      text:
        `${page === null ? 'Find the list in the server’s words' : `Go to ${page}`}, see why ${what} is listed, mend that first, ` +
        `then ask for removal.${data?.lookup != null && data.lookup !== page ? ` The list’s own page for that: ${data.lookup}` : ''}`.replace(
          /([^.])$/,
          '$1.',
        ),
      commands: reversed === null ? [] : [`host ${reversed}.zen.spamhaus.org`, `host ${reversed}.bl.spamcop.net`],
    },
  ];
}

const MEND: readonly Remedy[] = [
  {
    applies: 'Postfix as client',
    text: 'See who sends how much, and from where it came in.',
    commands: [
      'grep "sasl_username=" /var/log/mail.log | grep -o "sasl_username=.*" | sort | uniq -c | sort -rn | head',
      'postqueue -p | tail -n 1',
    ],
  },
  {
    applies: 'a network with an address from a dynamic range',
    text: 'Send through the provider’s relay on port 587 instead of straight to the recipient’s server.',
    commands: ['postconf -e "relayhost = [smtp.isp.example]:587"'],
  },
];

const ANSWERED: readonly Remedy[] = [
  {
    applies: 'Postfix as server, where the list’s error answers refuse mail',
    text:
      'Take only the codes that are listings, and ask through a resolver of one’s own (unbound, BIND) rather than a public ' +
      'one; heavy users need the list’s paid service.',
    commands: [
      'host 2.0.0.127.zen.spamhaus.org',
      'postconf smtpd_client_restrictions smtpd_recipient_restrictions postscreen_dnsbl_sites | grep -E "rbl|dnsbl"',
      'grep nameserver /etc/resolv.conf',
    ],
  },
  {
    applies: 'Postfix as server: how to name the codes',
    text: 'Write reject_rbl_client zen.spamhaus.org=127.0.0.[2..11] instead of reject_rbl_client zen.spamhaus.org.',
    commands: [],
  },
  {
    applies: 'Exim as server',
    text: 'Write dnslists = zen.spamhaus.org!&0.255.255.0 in the ACL, which leaves the error codes out.',
    commands: ['exim -bP acl_smtp_rcpt', 'host 2.0.0.127.zen.spamhaus.org'],
  },
];

const EXCEPT: Remedy = {
  applies: 'Postfix as server, to let one client in',
  text: 'An entry before the list’s restriction takes the client out.',
  commands: [
    'printf "%s\\n" "192.0.2.10 OK" >> /etc/postfix/client_access && postmap "$(postconf -h default_database_type):/etc/postfix/client_access"',
    'postconf smtpd_client_restrictions',
  ],
};
