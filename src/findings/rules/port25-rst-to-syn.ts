import { packetShows } from '../evidence.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { duration, secondsBetween } from '../words.ts';

/** Packets of one host reach one place over as many hops; a difference of one is load balancing. */
const FOREIGN_TTL = 2;

interface Data {
  readonly port: number;
  readonly seconds: number;
  readonly syns: number;
  /** TTL of the refusal, and of that server's packets in other connections; -1 unknown. */
  readonly rstTtl: number;
  readonly usualTtl: number;
}

const NO_LISTENER = 'Nothing listens there: the mail service is down, or runs on another port.';
const LOCAL_ONLY = 'The service listens on 127.0.0.1 alone (Postfix: inet_interfaces = loopback-only).';
const FIREWALL = 'A firewall on the server or before it answers with a reset (REJECT with tcp-reset).';
const PROVIDER = 'The client’s provider blocks outgoing port 25 and answers in the server’s name.';

export default defineRule<Data>({
  id: 'port25-rst-to-syn',
  title: 'The connection was refused',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['refused'],
  needs: { client: 'any', server: 'any' },
  explains: ['not-connected'],
  detect(session, history) {
    const { transport } = session;
    if (transport.opening !== 'refused') return NOTHING;
    const { rst, rstFrame, rstTtl } = transport.server;
    const data: Data = {
      port: session.server.port,
      seconds: secondsBetween(transport.lastSyn?.us ?? Number.NaN, rst?.us ?? Number.NaN),
      syns: transport.synCount,
      rstTtl,
      usualTtl: history.serverTtl(session.server.address),
    };
    const evidence = [
      packetShows(transport.synFrame, 'client', 'the SYN'),
      packetShows(rstFrame, 'server', 'the RST that refuses it'),
    ];
    return [{ evidence, data, ...(isForeign(data) ? { actor: 'network' } : {}) }];
  },
  message: (data) =>
    `The connection to port ${data.port} was refused: the SYN was answered by a RST` +
    `${Number.isNaN(data.seconds) ? '' : ` after ${duration(Math.max(0, data.seconds))}`}` +
    `${
      isForeign(data)
        ? `, which came with a TTL of ${data.rstTtl} where this server’s packets have ${data.usualTtl}: somebody else may have sent it`
        : ''
    }`,
  explanation: `A RST in answer to a SYN says: nobody takes connections here. Usually the server’s own system says it, because no process listens on that port and address. A firewall can say it too, and on the way a provider’s filter can say it in the server’s name; then its TTL differs from that of the server’s other packets.

The refusal is certain. Who sent it is not: a RST carries no signature.`,
  falseAlarms: [
    'A port scan that passes by is refused in the same way; it is no mail.',
    'A server that is being restarted refuses for a moment; the client comes back.',
  ],
  causes(data) {
    if (data === null) return [NO_LISTENER, LOCAL_ONLY, FIREWALL, PROVIDER];
    const provider = data.port === 25 ? [PROVIDER] : [];
    return isForeign(data)
      ? [...provider, FIREWALL, NO_LISTENER, LOCAL_ONLY]
      : [NO_LISTENER, LOCAL_ONLY, FIREWALL, ...provider];
  },
  remedies: (data) => [
    {
      applies: 'Linux server',
      text: 'See what listens on the mail ports, and on which address.',
      commands: ['ss -ltnp "( sport = :25 or sport = :465 or sport = :587 )"'],
    },
    {
      applies: 'Postfix as server',
      text: 'Listen on all addresses, and see that the smtp inet service of master.cf is there.',
      commands: ['postconf -e "inet_interfaces = all"', 'postconf -M smtp/inet', 'postfix stop; postfix start'],
    },
    {
      applies: 'Exim as server',
      text: 'local_interfaces and daemon_smtp_ports say where it listens; on Debian dc_local_interfaces in update-exim4.conf.conf.',
      commands: ['exim -bP local_interfaces daemon_smtp_ports'],
    },
    ...(data === null || data.port === 25 ? SUBMIT_THROUGH_RELAY : []),
  ],
  references: [rfc(9293, '3.5.2'), postconf('inet_interfaces'), rfc(6409)],
});

function isForeign({ rstTtl, usualTtl }: Data): boolean {
  return rstTtl >= 0 && usualTtl >= 0 && Math.abs(rstTtl - usualTtl) >= FOREIGN_TTL;
}
