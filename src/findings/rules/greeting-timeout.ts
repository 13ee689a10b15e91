import type { Session } from '../../smtp/session.ts';
import { closeShows, packetShows } from '../evidence.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { textOnTlsPort, tlsScene } from '../tls-scene.ts';
import { duration, secondsBetween } from '../words.ts';

const ENOUGH_SECONDS = 30;
/** RFC 5321 §4.5.3.2.1: a client waits for the greeting for at least five minutes. */
const CERTAIN_SECONDS = 300;

interface Data {
  readonly port: number;
  readonly seconds: number;
  readonly gaveUp: boolean;
  readonly synAcks: number;
}

const CAUSE = {
  ack:
    'The client’s packets do not reach the server after the handshake: the server repeated its SYN/ACK. A stateful ' +
    'firewall or a one-sided route is in between.',
  filter: 'A firewall or port-25 filter lets the handshake through and swallows all that follows.',
  load: 'The server is overloaded: the system took the connection, and no mail process was free to greet.',
  lookups: 'The server waits for DNS or ident before it greets; resolver timeouts come in steps of 5 s.',
  implicit: 'Port 465 expects TLS from the first byte: the server waits for the client, and the client for a greeting.',
  tls: 'The server, or something before it, does not answer the TLS that the client began.',
} as const;

export default defineRule<Data>({
  id: 'greeting-timeout',
  title: 'The server never greeted',
  severity: 'error',
  confidence: 'likely',
  actor: 'server',
  triggers: ['noServerBytes'],
  needs: { client: 'any', server: 'withhold' },
  explains: ['no-greeting', 'aborted', 'idle', 'incomplete', 'encrypted', 'not-smtp'],
  detect(session) {
    const { transport } = session;
    const { server, closing } = transport;
    if (transport.opening !== 'complete' || closing === 'server-fin' || closing === 'server-rst') return NOTHING;
    if (server.bytes > 0 || server.missingBytes > 0 || server.ackedBytes > 0) return NOTHING;
    // What the port, or the handshake that stalls, has a finding for.
    if (textOnTlsPort(session) !== null || tlsScene(session)?.handshake?.clientHello != null) return NOTHING;
    const seconds = waited(session);
    if (!(seconds >= ENOUGH_SECONDS)) return NOTHING;
    return [
      {
        evidence: [
          packetShows(transport.establishedFrame, 'client', 'the handshake is complete'),
          ...closeShows(session, 'the client gives up'),
        ],
        data: { port: session.server.port, seconds, gaveUp: closing !== 'none', synAcks: transport.synAckCount },
        ...(seconds >= CERTAIN_SECONDS ? { confidence: 'certain' } : {}),
      },
    ];
  },
  message: ({ seconds, gaveUp }) =>
    gaveUp
      ? `The server took the connection and said nothing for ${duration(seconds)}; then the client gave up`
      : `The server took the connection and has said nothing for ${duration(seconds)}; the client still waits`,
  explanation: `The handshake was completed and then the server, which has to speak first, stayed silent until the client gave up. The standard asks clients to wait five minutes; many give up sooner, at 10, 30 or 60 s. Postfix logs “conversation with … timed out while receiving the initial server greeting”.

A handshake alone proves little: the server’s kernel answers it, or a firewall in its place. What did not answer is the mail service.

It is likely after 30 s of silence and certain after the five minutes of the standard.`,
  falseAlarms: [
    'A slow greeting that arrives in the end is another finding.',
    'A port scanner closes within seconds and is not raised.',
    'A capture that ends early: not raised before 30 s of silence were seen.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const order: string[] = [CAUSE.filter, CAUSE.load, CAUSE.lookups];
    if (data.port === 465) order.unshift(CAUSE.implicit, CAUSE.tls);
    if (data.synAcks > 2) order.unshift(CAUSE.ack);
    return order;
  },
  remedies: (data) => [
    {
      applies: 'anyone, to tell the causes apart',
      text: 'Ask the server from inside its own network, and from outside, on this port and on another.',
      commands: ['nc -v mail.example.net 25', 'openssl s_client -quiet -connect mail.example.net:465'],
    },
    {
      applies: 'Postfix as server',
      text:
        'See whether all smtpd processes are busy and whether DNS answers quickly; a local resolver cures the second. ' +
        'smtpd_peername_lookup = no leaves the name lookup of clients out.',
      commands: ['ps -C smtpd | wc -l; postconf default_process_limit', 'time host 192.0.2.1'],
    },
    {
      applies: 'Exim and Sendmail as server',
      text: 'Switch ident off: rfc1413_query_timeout = 0s in Exim, confTO_IDENT 0s in Sendmail.',
      commands: [],
    },
    ...(data?.port === 465
      ? [
          {
            applies: 'Postfix as client on port 465',
            text: 'Port 465 needs TLS from the first byte; or use port 587.',
            commands: ['postconf -e "smtp_tls_wrappermode = yes" "smtp_tls_security_level = encrypt"'],
          },
        ]
      : []),
    ...(data === null || data.port === 25 ? SUBMIT_THROUGH_RELAY : []),
  ],
  references: [
    rfc(5321, '4.5.3.2.1'),
    rfc(8314, '3'),
    postconf('smtp_helo_timeout'),
    postconf('smtpd_peername_lookup'),
  ],
});

/** From the handshake to the client's close, or as far as the capture shows the silence; NaN when unknown. */
function waited(session: Session): number {
  const { established, closed } = session.transport;
  if (established === null) return Number.NaN;
  if (closed !== null) return secondsBetween(established.us, closed.us);
  return (
    secondsBetween(established.us, session.end.us) + (Number.isNaN(session.quietSeconds) ? 0 : session.quietSeconds)
  );
}
