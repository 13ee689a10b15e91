import { closeShows, packetShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { FITTING_PORT } from '../tls-remedies.ts';
import { textOnTlsPort } from '../tls-scene.ts';
import { duration } from '../words.ts';

interface Data {
  readonly port: number;
  /** The client's command; null when both wait. */
  readonly verb: string | null;
  readonly answered: boolean;
  readonly seconds: number;
}

const CAUSE = {
  setting: 'The client is set to STARTTLS, or to no TLS, on the port where TLS begins with the first byte.',
  port: 'The port in the client’s settings is the wrong one: 587 was meant.',
  leak: 'Postfix: relayhost names port 465, and smtp_tls_wrappermode is not set.',
  probe: 'A monitor or a load balancer’s health check asks for a greeting there.',
  server: 'The server’s TLS service does not answer at all: the client would have begun and something holds it back.',
  wrapperServer:
    'The server has TLS from the first byte on a port where it begins with STARTTLS (smtpd_tls_wrappermode in the wrong place).',
} as const;

export default defineRule<Data>({
  id: 'plaintext-on-465',
  title: 'The client speaks in clear where the server expects TLS',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['noServerBytes', 'tls'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['no-greeting', 'aborted', 'incomplete', 'idle'],
  detect(session) {
    const text = textOnTlsPort(session);
    if (text === null) return NOTHING;
    const { transport } = session;
    const { port } = session.server;
    const { command, answered, seconds } = text;
    return [
      {
        evidence: [
          ...(command === null
            ? [packetShows(transport.establishedFrame, 'client', 'the handshake is complete')]
            : [turnShows(command, 'the client speaks in clear')]),
          ...closeShows(session, 'and it ends there'),
        ],
        data: { port, verb: command?.verb ?? null, answered, seconds },
        ...(command === null ? { confidence: 'likely' } : {}),
      },
    ];
  },
  message: ({ port, verb, answered, seconds }) =>
    verb === null
      ? `Both sides waited ${duration(seconds)} for the other on port ${port}: the server for TLS, the client probably for a greeting`
      : `The client sent ${verb} in clear on port ${port}, where TLS begins with the first byte` +
        `${answered ? '; the server answered with TLS' : '; the server never answered'}`,
  explanation: `On port 465 (submissions) TLS begins with the first byte, and the client begins it. A client that expects the greeting of ports 25 and 587 waits there for a 220 that cannot come, while the server waits for a TLS hello: after a while one of them gives up. Some clients speak first when nothing comes; the server takes their EHLO for a broken record, and answers with an alert or a bare RST.

With an EHLO in clear it is certain. Where both wait it is likely: a client that cannot get its hello out looks the same.`,
  falseAlarms: [
    'A port scan opens the connection and closes it at once: not raised.',
    'A server that greets in clear on 465 is another thing (see tls-on-plaintext-port).',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.port !== 465) return [CAUSE.wrapperServer, CAUSE.port];
    return data.verb === null
      ? [CAUSE.setting, CAUSE.leak, CAUSE.port, CAUSE.probe, CAUSE.server]
      : [CAUSE.setting, CAUSE.leak, CAUSE.port, CAUSE.probe];
  },
  remedies: () => FITTING_PORT,
  references: [rfc(8314, '3.3'), postconf('smtp_tls_wrappermode'), postconf('smtpd_tls_wrappermode')],
});
