/** What `greeting-4xx` and `greeting-5xx` have in common: the server's first words refuse the client. */
import type { Session } from '../smtp/session.ts';
import { turnShows } from './evidence.ts';
import type { Detection, Remedy } from './rule.ts';
import { quote } from './words.ts';

export type GreetingReason = 'proxy' | 'list' | 'rate' | 'reverse-dns' | 'no-service' | 'maintenance' | 'unknown';

export interface GreetingRefusal {
  readonly words: string;
  readonly reason: GreetingReason;
}

/** A hint from the server's words; the rule's condition does not depend on it. */
const REASONS: readonly (readonly [GreetingReason, RegExp])[] = [
  [
    'proxy',
    /\bcannot connect to (?:the )?(?:SMTP|mail|remote) (?:server|host)\b|\bconnect error \d|\bunable to connect to (?:the )?(?:SMTP|mail|remote) (?:server|host)\b/i,
  ],
  ['list', /\b(?:listed|dnsbl|rbl|blocklist|blacklist|spamhaus|spamcop|barracuda|reputation|complaints?)\b/i],
  ['reverse-dns', /\b(?:reverse|PTR|rDNS)\b/i],
  ['rate', /\b(?:too many|rate|throttl\w*|concurren\w*|connections|load|busy|try again)\b/i],
  ['no-service', /\b(?:no smtp|does not accept|not accept(?:ing)? (?:mail|messages)|no mail)\b/i],
  ['maintenance', /\b(?:maintenance|shut(?:ting)? down|unavailable|not available)\b/i],
];

export function refusedGreeting(session: Session, digit: 4 | 5): readonly Detection<GreetingRefusal>[] {
  const { greeting } = session;
  if (greeting === null || Math.floor(greeting.code / 100) !== digit) return [];
  const reason = REASONS.find(([, pattern]) => pattern.test(greeting.text))?.[0] ?? 'unknown';
  return [
    {
      evidence: [turnShows(greeting, 'the greeting is a refusal')],
      data: { words: quote(session, greeting), reason },
    },
  ];
}

const CAUSES: Readonly<Record<Exclude<GreetingReason, 'unknown'>, string>> = {
  list: 'The client’s address stands on a blocklist or has a bad reputation; the server’s words usually name the list.',
  rate: 'The server limits connections, by number or by rate, or is too busy at the moment.',
  'reverse-dns': 'The client’s address has no reverse name (PTR), or one that does not lead back to the address.',
  'no-service': 'This host takes no mail: it is not the right server, or says so for good (521, 554).',
  maintenance: 'The service is shut down for the moment, or for maintenance.',
  proxy:
    'Not the server said this but something in front of it that cannot reach it: an antivirus program on the client’s machine, a mail proxy of a firewall, a load balancer.',
};

const POLICY = 'A rule of the server against this client’s address or network.';

export function greetingCauses(data: GreetingRefusal | null): readonly string[] {
  const all = [...Object.values(CAUSES), POLICY];
  if (data === null || data.reason === 'unknown') return all;
  const first = CAUSES[data.reason];
  return [first, ...all.filter((cause) => cause !== first)];
}

export function greetingRemedies(data: GreetingRefusal | null): readonly Remedy[] {
  if (data?.reason === 'proxy') return [WITHOUT_PROXY, ASK, ...OF_SERVER];
  // A limit on connections is not mended by looking at names and lists.
  return data?.reason === 'rate' ? [FEWER_CONNECTIONS, ASK, ...OF_SERVER] : [ASK, FEWER_CONNECTIONS, ...OF_SERVER];
}

const WITHOUT_PROXY: Remedy = {
  applies: 'the client’s machine and network',
  text:
    'Try the same from another machine or network. Where the greeting differs there, turn off the scanning of outgoing mail in the antivirus ' +
    'program, or the mail proxy of the firewall; the server itself may be down as well.',
  commands: ['openssl s_client -starttls smtp -connect mail.example.net:587 -crlf', 'nc -v mail.example.net 25'],
};

const ASK: Remedy = {
  applies: 'the client’s side',
  text:
    'Follow the server’s words: they often hold an address to ask or a page that explains. Check the client’s reverse ' +
    'name and whether its address is listed.',
  commands: ['host 192.0.2.1', 'host 1.2.0.192.zen.spamhaus.org'],
};

const FEWER_CONNECTIONS: Remedy = {
  applies: 'Postfix as client',
  text:
    'Fewer connections at a time towards that destination. smtp_skip_5xx_greeting = yes (the default) makes it try the ' +
    'next mail exchanger.',
  commands: [
    'postconf -e "smtp_destination_concurrency_limit = 2" "smtp_destination_rate_delay = 1s"',
    'postfix reload',
  ],
};

const OF_SERVER: readonly Remedy[] = [
  {
    applies: 'Postfix as server',
    text: 'Limits that refuse at the door; clients of your own network are best excepted.',
    commands: [
      'postconf smtpd_client_connection_count_limit smtpd_client_connection_rate_limit smtpd_client_event_limit_exceptions',
    ],
  },
  {
    applies: 'Exim as server',
    text: 'acl_smtp_connect, smtp_accept_max, smtp_accept_max_per_host and smtp_load_reserve decide at the door.',
    commands: ['exim -bP acl_smtp_connect smtp_accept_max smtp_accept_max_per_host smtp_load_reserve'],
  },
];
