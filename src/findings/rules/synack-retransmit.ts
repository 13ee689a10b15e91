import type { Session } from '../../smtp/session.ts';
import { packetShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, secondsBetween } from '../words.ts';

const ENOUGH = 3;
/** No system repeats a SYN/ACK sooner than a second after the first (RFC 6298 §2); copies come in milliseconds. */
const FIRST_REPEAT_SECONDS = 0.9;

interface Data {
  readonly synAcks: number;
  readonly syns: number;
  /** The client’s third packet of the handshake stands in the capture. */
  readonly acknowledged: boolean;
}

const CAUSE = {
  toServer:
    'What the client sends behind its SYN does not reach the server: a stateful firewall, a filter for port 25, or a ' +
    'route that goes another way than the replies.',
  toClient:
    'The server’s SYN/ACK does not reach the client, or a firewall at the client drops it: a one-sided route, or a ' +
    'filter on the way back.',
  spoofed: 'Nobody is there: the SYN came from a forged address or a scanner. Many of them at once are a SYN flood.',
  loss: 'The path loses many packets at the moment.',
} as const;

export default defineRule<Data>({
  id: 'synack-retransmit',
  title: 'The server had to repeat its SYN/ACK',
  severity: 'warning',
  confidence: 'likely',
  actor: 'network',
  triggers: ['transport'],
  needs: { client: 'any', server: 'any' },
  explains: ['not-connected', 'no-greeting'],
  detect(session) {
    const { transport } = session;
    if (transport.synAckCount < ENOUGH || areCopies(session)) return NOTHING;
    const acknowledged = transport.establishedFrame > 0;
    return [
      {
        evidence: [
          packetShows(transport.synFrame, 'client', 'the SYN'),
          packetShows(0, 'server', `answered by ${count(transport.synAckCount, 'SYN/ACK')}`),
          ...(acknowledged
            ? [packetShows(transport.establishedFrame, 'client', 'the ACK, which the server seems not to get')]
            : []),
        ],
        data: { synAcks: transport.synAckCount, syns: transport.synCount, acknowledged },
      },
    ];
  },
  message: ({ synAcks, acknowledged }) =>
    `The server sent its SYN/ACK ${synAcks} times: ${
      acknowledged
        ? 'the client’s ACK stands in the capture, and does not seem to reach the server'
        : 'no ACK of the client was seen'
    }`,
  explanation: `A server that gets no ACK for its SYN/ACK sends it again, after one second, then two, then four. Once may be a lost packet; three and more say that packets of one direction do not arrive. Where the capture was made tells which: if the client’s ACK stands in it, the ACK is lost behind the capture point, on the way to the server; if it does not, either the SYN/ACK does not get to the client, or nobody is there.

For mail it looks like a server that takes the connection and never greets.

It is likely: the packets were counted, but a capture point that sees each packet several times may count copies of one. Copies that come within milliseconds are left out.`,
  falseAlarms: [
    'One lost packet: not raised before the third SYN/ACK.',
    'A capture in which every packet stands several times (all interfaces of a router or of a container host): not raised when the talk begins within the first second.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.acknowledged) return [CAUSE.toServer, CAUSE.loss];
    if (data.syns > 1) return [CAUSE.toClient, CAUSE.loss];
    return [CAUSE.spoofed, CAUSE.toClient, CAUSE.toServer, CAUSE.loss];
  },
  remedies: () => [
    {
      applies: 'the network, to find the place',
      text: 'Capture at both ends at the same time, for one client: the end that lacks a packet lies behind the fault.',
      commands: ['tcpdump -n -i eth0 "tcp port 25 and host 192.0.2.10"'],
    },
    {
      applies: 'a Linux server',
      text:
        'Look for packets that the reverse path filter drops (a route that goes another way), and at the half-open ' +
        'connections: very many from everywhere are a flood, for which SYN cookies are made.',
      commands: [
        'nstat -az TcpExtIPReversePathFilter; sysctl net.ipv4.conf.all.rp_filter net.ipv4.tcp_syncookies',
        'ss -n state syn-recv "( sport = :25 )" | head -n 20',
      ],
    },
    {
      applies: 'a FreeBSD server',
      text: 'The SYN cache counts what it had to send again.',
      commands: ['netstat -s -p tcp | grep -A 12 syncache'],
    },
  ],
  references: [rfc(9293, '3.5'), rfc(6298, '2'), rfc(4987)],
});

/** The capture holds each packet several times, and nothing was repeated: a round trip was enough. */
function areCopies({ transport, end }: Session): boolean {
  const { synAck, firstSyn, lastSyn, synCount, server } = transport;
  if (synAck === null) return true;
  if (synCount >= ENOUGH && firstSyn !== null && lastSyn !== null) {
    if (secondsBetween(firstSyn.us, lastSyn.us) < FIRST_REPEAT_SECONDS) return true;
  }
  const until = server.firstPayload?.us ?? end.us;
  return !(secondsBetween(synAck.us, until) >= FIRST_REPEAT_SECONDS);
}
