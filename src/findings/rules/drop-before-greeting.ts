import type { Session } from '../../smtp/session.ts';
import { closeShows, packetShows, turnShows } from '../evidence.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { textOnTlsPort } from '../tls-scene.ts';
import { duration, groups, secondsBetween } from '../words.ts';

/** What the client said before the close. */
type Said = 'nothing' | 'tls' | 'something';

interface Data {
  readonly port: number;
  readonly seconds: number;
  readonly how: 'closed' | 'reset';
  readonly said: Said;
  readonly clientBytes: number;
  /** Closed within a round trip: nobody had time to think. */
  readonly atOnce: boolean;
}

const CAUSE = {
  crash:
    'The server’s mail process dies before it can speak. A Postfix server whose SASL is broken does this about a second ' +
    'after the handshake (“fatal: no SASL authentication mechanisms” in its log); any fatal error of smtpd looks the same.',
  limit:
    'A limit or ban of the server: too many connections of this client, postscreen or fail2ban, a full process table.',
  wrapper:
    'tcp_wrappers, a firewall or a load balancer takes the connection and drops it: its rules refuse this client.',
  backend: 'A load balancer or proxy took the connection and has no healthy server behind it.',
  proxy:
    'A transparent mail proxy or port-25 filter of the client’s provider takes every connection and closes it: a way to ' +
    'block outgoing mail.',
  haproxy:
    'One side speaks the PROXY protocol and the other does not: the server waits for a PROXY header, or took one for nonsense.',
  tls: 'The server does not take TLS on this port, or refused the client’s offer without an alert.',
  clearOn465: 'Port 465 expects TLS from the first byte; the client waited for a greeting, or spoke in clear.',
  early: 'The client spoke first, and the server (or its protection against spam) closes on clients that do.',
} as const;

export default defineRule<Data>({
  id: 'drop-before-greeting',
  title: 'The server closed the connection without a greeting',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['noServerBytes'],
  needs: { client: 'lower', server: 'withhold', absence: true },
  explains: ['no-greeting', 'aborted', 'encrypted', 'not-smtp', 'incomplete'],
  detect(session) {
    const { transport } = session;
    const { server, closing, established, closed } = transport;
    if (transport.opening !== 'complete' || (closing !== 'server-fin' && closing !== 'server-rst')) return NOTHING;
    if (server.bytes > 0 || server.missingBytes > 0 || server.ackedBytes > 0) return NOTHING;
    // The finding plaintext-on-465 says it better.
    if (textOnTlsPort(session) !== null) return NOTHING;
    const seconds = secondsBetween(established?.us ?? Number.NaN, closed?.us ?? Number.NaN);
    const first = session.turns.find((turn) => turn.from === 'client');
    return [
      {
        evidence: [
          packetShows(transport.establishedFrame, 'client', 'the handshake is complete'),
          ...(first === undefined ? [] : [turnShows(first, 'what the client said')]),
          ...closeShows(session, 'the server ends it'),
        ],
        data: {
          port: session.server.port,
          seconds,
          how: closing === 'server-fin' ? 'closed' : 'reset',
          said: saidBefore(session),
          clientBytes: transport.client.bytes,
          atOnce: seconds <= Math.max(0.02, 1.5 * (transport.roundTripSeconds ?? 0)),
        },
      },
    ];
  },
  message: ({ seconds, how, said, clientBytes }) =>
    `The server took the connection and ${how} it${Number.isNaN(seconds) ? '' : ` ${duration(seconds)} later`} without ` +
    `a single byte${
      said === 'nothing'
        ? ', before any greeting'
        : said === 'tls'
          ? ', after the client had begun TLS'
          : `, after ${groups(clientBytes)} bytes of the client`
    }`,
  explanation: `The handshake was completed, so something listens there. Then the server ended the connection before it had said its 220. The client can do nothing but try again; its log says so: “server dropped connection without sending the initial SMTP greeting” (Postfix 2.1 and 2.2), “lost connection with … while receiving the initial server greeting” (2.3 and later).

The time tells something. A close within a round trip comes from a program that does not want to talk: a wrapper, a load balancer, a ban. About a second is a mail process that died at its start. A round number of seconds is somebody’s timeout, often of a backend that is not there.

That the server closed and said nothing is certain. Which machine in its place did so is not on the wire: a provider’s filter can answer in its name.

This failure is often mixed up with a login that does not come about: a changed password does not help here, since no login was ever tried.`,
  falseAlarms: [
    'A client or health check that closes first is another thing and is not raised.',
    'A server whose bytes are missing from the capture: not raised.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const provider = data.port === 25 ? [CAUSE.proxy] : [];
    const rest = [CAUSE.limit, CAUSE.wrapper, CAUSE.backend, CAUSE.haproxy];
    if (data.said === 'tls') return [CAUSE.tls, CAUSE.backend, CAUSE.crash, CAUSE.haproxy];
    if (data.port === 465) return [CAUSE.clearOn465, CAUSE.crash, ...rest];
    if (data.said === 'something')
      return [CAUSE.early, CAUSE.haproxy, CAUSE.limit, CAUSE.wrapper, ...provider, CAUSE.crash];
    if (data.atOnce) return [CAUSE.wrapper, CAUSE.limit, ...provider, CAUSE.backend, CAUSE.crash, CAUSE.haproxy];
    return data.seconds > 3
      ? [CAUSE.backend, ...provider, CAUSE.crash, CAUSE.limit, CAUSE.haproxy]
      : [CAUSE.crash, ...provider, ...rest];
  },
  remedies: (data) => [
    {
      applies: 'Postfix as server',
      text:
        'Read the log of that second: a fatal error of smtpd, or a limit. Behind a load balancer smtpd_upstream_proxy_protocol ' +
        'must say what the balancer sends.',
      commands: [
        'grep -E "postfix/(smtpd|master|postscreen)" /var/log/mail.log | grep -E "fatal|warning|reject" | tail -n 20',
        'postconf smtpd_client_connection_count_limit smtpd_client_connection_rate_limit smtpd_upstream_proxy_protocol',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_accept_max, smtp_accept_max_per_host, hosts_proxy and tcp_wrappers decide before the greeting.',
      commands: ['exim -bP smtp_accept_max smtp_accept_max_per_host', 'tail -n 50 /var/log/exim4/mainlog'],
    },
    {
      applies: 'fail2ban on the server',
      text: 'See whether the client is banned.',
      commands: ['fail2ban-client status', 'fail2ban-client status postfix'],
    },
    ...(data === null || (data.port === 25 && data.said === 'nothing') ? SUBMIT_THROUGH_RELAY : []),
  ],
  references: [
    rfc(5321, '3.1'),
    rfc(5321, '3.8'),
    postconf('smtpd_client_connection_count_limit'),
    postconf('smtpd_upstream_proxy_protocol'),
  ],
});

function saidBefore(session: Session): Said {
  if (session.transport.client.bytes === 0) return 'nothing';
  return session.service === 'tls' || session.encryption !== null ? 'tls' : 'something';
}
