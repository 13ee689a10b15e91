import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { FITTING_PORT } from '../tls-remedies.ts';
import { IMPLICIT_TLS_PORT, tlsScene } from '../tls-scene.ts';
import { quote } from '../words.ts';

interface Data {
  readonly port: number;
  /** The server's first words in clear; null when it speaks TLS too. */
  readonly words: string | null;
  readonly answered: boolean;
}

const CAUSE = {
  setting:
    'The client is set to TLS from the first byte (SSL, wrapper mode, secure: true) on a port where TLS begins with STARTTLS.',
  port: 'The port in the client’s settings is the wrong one: 465 was meant, and 25 or 587 is set.',
  leak: 'A setting for another relay is in force here too (Postfix: smtp_tls_wrappermode in main.cf instead of a transport of its own).',
  wrapperServer:
    'The server has TLS from the first byte on this port by its own settings (smtpd_tls_wrappermode on 587).',
  clear465: 'The server on 465 lacks its wrapper mode: it greets in clear where every client expects TLS.',
  scanner: 'A scanner tries TLS on every open port.',
} as const;

export default defineRule<Data>({
  id: 'tls-on-plaintext-port',
  title: 'The client began with TLS where the server speaks in clear first',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['tls'],
  needs: { client: 'any', server: 'any', start: 'withhold' },
  explains: ['aborted', 'incomplete', 'idle', 'rejected', 'deferred', 'encrypted'],
  explainsFrom: 'error',
  detect(session) {
    const scene = tlsScene(session);
    if (scene === null || scene.encryption.by !== 'implicit' || scene.handshake?.clientHello == null) return NOTHING;
    const { tlsOnPlainPort: greeting, handshake } = scene;
    const flight = scene.firstFlight.client;
    const answered = handshake.serverHello !== null;
    const { port } = session.server;
    const isPlainPort = port === 25 || port === 587;
    if (flight === null || (greeting === null && !(answered && isPlainPort))) return NOTHING;
    return [
      {
        evidence: [
          ...(greeting === null ? [] : [turnShows(greeting, 'the server speaks in clear')]),
          turnShows(flight, 'the client begins with TLS'),
          ...(answered ? [] : closeShows(session, 'and it ends there')),
        ],
        data: { port, words: greeting === null ? null : quote(session, greeting), answered },
        ...(answered ? { severity: 'notice' } : {}),
        ...(port === IMPLICIT_TLS_PORT ? { actor: 'server' } : {}),
      },
    ];
  },
  message: ({ port, words, answered }) =>
    answered
      ? `TLS began with the first byte on port ${port}, where it begins with STARTTLS as a rule; the server took it`
      : `The client began with TLS on port ${port}, where the server greets in clear: ${words ?? ''}`,
  explanation: `On ports 25 and 587 the server speaks first and in clear, and TLS begins when the client asks for it with STARTTLS. On port 465 TLS begins with the first byte. Here the client sent a TLS hello at once, and the server its greeting: neither understood the other. The client’s program reports it in the words of its library: “wrong version number” (OpenSSL), “packet length too long” or “An unexpected TLS packet was received” (GnuTLS), “you are trying to connect to a clear-text port using an SSL-wrapped stream”.

Both stand in the capture, so it is certain. Where the server answers in TLS all the same, it is set up for that, and it is a notice.`,
  falseAlarms: [
    'A server that has TLS from the first byte on 587: a notice.',
    'A scanner that tries TLS on every port.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.answered) return [CAUSE.wrapperServer];
    if (data.port === IMPLICIT_TLS_PORT) return [CAUSE.clear465, CAUSE.scanner];
    return [CAUSE.setting, CAUSE.port, CAUSE.leak, CAUSE.scanner];
  },
  remedies: () => FITTING_PORT,
  references: [rfc(8314, '3'), rfc(3207, '4'), postconf('smtp_tls_wrappermode'), postconf('smtpd_tls_wrappermode')],
});
