import type { IcmpError } from '../../reassembly/transport-facts.ts';
import { packetShows } from '../evidence.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

type Reason = 'network' | 'host' | 'port' | 'protocol' | 'prohibited' | 'policy';

interface Data {
  readonly port: number;
  readonly version: 4 | 6;
  readonly reason: Reason;
  readonly words: string;
  readonly from: string;
  /** The server itself sent it, not a router before it. */
  readonly byServer: boolean;
}

/** RFC 792 and RFC 1812 §5.2.7.1. */
const V4: Readonly<Record<number, readonly [Reason, string]>> = {
  0: ['network', 'network unreachable'],
  1: ['host', 'host unreachable'],
  2: ['protocol', 'protocol unreachable'],
  3: ['port', 'port unreachable'],
  9: ['prohibited', 'communication with the network is administratively prohibited'],
  10: ['prohibited', 'communication with the host is administratively prohibited'],
  11: ['network', 'network unreachable for this type of service'],
  12: ['host', 'host unreachable for this type of service'],
  13: ['prohibited', 'communication is administratively prohibited'],
};

/** RFC 4443 §3.1. */
const V6: Readonly<Record<number, readonly [Reason, string]>> = {
  0: ['network', 'no route to the destination'],
  1: ['prohibited', 'communication is administratively prohibited'],
  2: ['network', 'beyond the scope of the source address'],
  3: ['host', 'address unreachable'],
  4: ['port', 'port unreachable'],
  5: ['policy', 'the source address failed a policy'],
  6: ['network', 'reject route'],
};

const CAUSES: Readonly<Record<Reason, readonly string[]>> = {
  prohibited: [
    'An access list or firewall on that router forbids the connection, for port 25 often the client’s provider.',
    'The client’s or the server’s own firewall rejects with an ICMP message (iptables REJECT, firewalld).',
  ],
  policy: [
    'The router does not let packets with this source address pass: wrong prefix or wrong uplink on the client.',
  ],
  network: [
    'No route to the server from there: broken routing or, with IPv6, a host that has an address and no way out.',
  ],
  host: ['The server is down or not on that network any more: the last router got no answer from it.'],
  port: ['The server’s firewall rejects the port with an ICMP message (the default of iptables REJECT).'],
  protocol: ['The host at that address does not speak TCP, or its firewall says so.'],
};

export default defineRule<Data>({
  id: 'connect-icmp-unreachable',
  title: 'A router or firewall reported that the server cannot be reached',
  severity: 'error',
  confidence: 'certain',
  actor: 'network',
  triggers: ['unreachable'],
  needs: { client: 'any', server: 'any' },
  explains: ['not-connected'],
  detect(session) {
    const { icmp, opening, synFrame } = session.transport;
    if (icmp === null || opening !== 'unreachable') return NOTHING;
    const meaning = meaningOf(icmp);
    if (meaning === null) return NOTHING;
    const byServer = icmp.from === session.server.address;
    const [reason, words] = meaning;
    return [
      {
        evidence: [
          packetShows(synFrame, 'client', 'the SYN'),
          packetShows(icmp.frame, 'server', `the ICMP error from ${icmp.from}`),
        ],
        data: { port: session.server.port, version: icmp.version, reason, words, from: icmp.from, byServer },
        ...(byServer && (reason === 'port' || reason === 'prohibited') ? { actor: 'server' } : {}),
      },
    ];
  },
  message: ({ port, words, from, byServer }) =>
    `The connection to port ${port} was turned down by ${byServer ? `the server ${from} itself` : from} with an ICMP ` +
    `error: ${words}`,
  explanation: `Instead of an answer from the server an ICMP error came back that names this very connection attempt, and nothing after it. The sender of the error is the device that stopped it: that is where to look, and whom to ask.

“Administratively prohibited” is a decision somebody took; “unreachable” is a missing route or a host that is down. Postfix logs the first as “No route to host” (IPv4) or “Permission denied” (IPv6).`,
  falseAlarms: [
    'An error that is followed by a normal connection is a passing fault and is not raised.',
    'A client that tries IPv6 first and then delivers over IPv4 loses only a moment; the IPv6 path is broken all the same.',
  ],
  causes: (data) => (data === null ? Object.values(CAUSES).flat() : CAUSES[data.reason]),
  remedies: (data) => [
    {
      applies: 'anyone, to find the device',
      text: 'Trace the path with the same kind of packet.',
      commands: ['traceroute -T -p 25 mail.example.net', 'traceroute -6 -T -p 25 mail.example.net'],
    },
    {
      applies: 'Postfix on a host without working IPv6',
      text: 'Repair the IPv6 route, or use IPv4 first, or alone.',
      commands: [
        'postconf -e "smtp_address_preference = ipv4"',
        'postconf -e "inet_protocols = ipv4" && postfix stop; postfix start',
      ],
    },
    {
      applies: 'the owner of that router or firewall',
      text: 'Let TCP to the mail ports pass for this client, or tell it which relay to use.',
      commands: [],
    },
    ...(data === null || (data.port === 25 && data.reason === 'prohibited') ? SUBMIT_THROUGH_RELAY : []),
  ],
  references: [rfc(1812, '5.2.7.1'), rfc(4443, '3.1'), postconf('smtp_address_preference')],
});

function meaningOf(icmp: IcmpError): readonly [Reason, string] | null {
  if (icmp.version === 4) return icmp.type === 3 ? (V4[icmp.code] ?? null) : null;
  return icmp.type === 1 ? (V6[icmp.code] ?? null) : null;
}
