import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { lastFlight, secondsToEnd, type TlsScene, tlsScene } from '../tls-scene.ts';
import { duration, groups } from '../words.ts';

interface Data {
  readonly seconds: number;
  readonly helloBytes: number;
  /** The hello is longer than a packet: it came in several. */
  readonly isLong: boolean;
  /** The server’s system acknowledged the hello. */
  readonly acknowledged: boolean;
  /** It had begun to answer. */
  readonly begun: boolean;
  readonly closedBy: 'client' | 'server' | null;
}

const STALL_SECONDS = 10;
/** A hello longer than this does not fit into one packet on any usual path. */
const ONE_PACKET = 1400;

const CAUSE = {
  longHello:
    'The hello is longer than one packet (post-quantum key shares add 1200 bytes), and a firewall or load balancer on the path drops ' +
    'hellos that come in two.',
  mtu: 'Packets of full size do not get through (path MTU, tunnel, VPN), and the ICMP messages that say so are filtered.',
  inspection: 'A firewall that inspects TLS or blocks by name holds the hello back.',
  server:
    'The server’s program is stuck: waiting for random numbers, for a key from a hardware module, for a full process table or a lookup.',
  proxy: 'A load balancer took the hello, and the server behind it does not answer.',
  flight:
    'The server’s certificates are more than the path lets through in one go: its large packets are lost, again and again.',
} as const;

export default defineRule<Data>({
  id: 'starttls-handshake-stall',
  title: 'The server left the client’s TLS hello unanswered',
  severity: 'error',
  confidence: 'likely',
  actor: null,
  triggers: ['tls'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted', 'incomplete', 'idle', 'no-greeting'],
  detect(session) {
    const scene = tlsScene(session);
    const waiting = scene === null ? null : waitingSince(session, scene);
    if (scene === null || waiting === null) return NOTHING;
    const seconds = secondsToEnd(session, waiting.endTimeUs);
    if (!(seconds >= STALL_SECONDS)) return NOTHING;
    const hello = scene.firstFlight.client as Turn;
    const { transport } = session;
    const { closing } = transport;
    const helloBytes = scene.handshake?.clientHello?.sizeBytes ?? hello.bytes;
    return [
      {
        evidence: [
          turnShows(hello, 'the client’s hello'),
          ...(waiting === hello ? [] : [turnShows(waiting, 'as much as the server answered')]),
          ...closeShows(session, 'it ends there'),
        ],
        data: {
          seconds,
          helloBytes,
          isLong: helloBytes > ONE_PACKET,
          acknowledged: transport.client.ackedBytes >= hello.offset + hello.bytes,
          begun: waiting !== hello,
          closedBy: closing === 'none' ? null : closing.startsWith('client') ? 'client' : 'server',
        },
        ...(transport.client.ackedBytes >= hello.offset + hello.bytes ? {} : { actor: 'network' }),
      },
    ];
  },
  message: ({ seconds, helloBytes, acknowledged, begun, closedBy }) =>
    `The client’s TLS hello of ${groups(helloBytes)} bytes got ${begun ? 'half an answer' : 'no answer'} for ${duration(seconds)}` +
    `${begun ? '' : acknowledged ? ', though it arrived' : ', and was never acknowledged'}` +
    `${closedBy === null ? '' : `; then the ${closedBy} ended it`}`,
  explanation: `TLS had been agreed to, by STARTTLS or by the port, and the client sent its hello. The server’s answer never came, or only its beginning. Where the hello was not even acknowledged it is lost on the way: hellos have grown since post-quantum key shares came, to some 1800 bytes in two packets, and some devices drop the second. Where it was acknowledged, the server’s program is stuck, or what it answers gets lost: its certificates are the first large packets of the connection.

That nothing came in ten seconds is certain; that it is a stall, and not merely a slow server whose answer the capture did not wait for, is likely.`,
  falseAlarms: [
    'A capture that ends sooner, or that has holes: nothing is said.',
    'A server that closes at once, or answers with an alert, is another finding.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.begun) return [CAUSE.flight, CAUSE.mtu, CAUSE.server];
    if (!data.acknowledged)
      return data.isLong
        ? [CAUSE.longHello, CAUSE.mtu, CAUSE.inspection]
        : [CAUSE.inspection, CAUSE.mtu, CAUSE.longHello];
    return [CAUSE.server, CAUSE.proxy, CAUSE.flight, CAUSE.inspection, CAUSE.mtu];
  },
  remedies: () => [
    {
      applies: 'anyone, to tell the causes apart',
      text: 'Try with a short hello (one classic group) and with a long one: if only the short one is answered, a device drops hellos in two packets.',
      commands: [
        'openssl s_client -starttls smtp -connect mx.example:25 -groups X25519 </dev/null',
        'openssl s_client -starttls smtp -connect mx.example:25 -groups X25519MLKEM768 </dev/null',
        'ping -M do -s 1472 -c 3 mx.example',
      ],
    },
    {
      applies: 'a firewall or tunnel on the path',
      text: 'Let “fragmentation needed” (ICMP 3/4) and “packet too big” (ICMPv6 2) through, or clamp the segment size to the path.',
      commands: ['nft add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu'],
    },
    {
      applies: 'Postfix as client, until the path is mended',
      text: 'A short hello: only classic groups (tls_eecdh_auto_curves), which costs the protection against a later quantum computer.',
      commands: ['postconf -e "tls_eecdh_auto_curves = X25519 prime256v1" && postfix reload'],
    },
    {
      applies: 'Postfix as server',
      text: 'See what smtpd waits for; smtpd_starttls_timeout (300 s) is how long it lets a handshake take.',
      commands: [
        'postconf smtpd_starttls_timeout',
        'grep -E "SSL_accept error|timeout after STARTTLS" /var/log/mail.log | tail -n 20',
      ],
    },
  ],
  references: [rfc(3207, '4'), rfc(4821), rfc(8446, '4.1.2')],
});

/** The turn behind which the server said nothing more, or not all; null where the handshake is not in that state. */
function waitingSince(session: Session, scene: TlsScene): Turn | null {
  const { handshake, firstFlight, encryption } = scene;
  const hello = firstFlight.client;
  if (handshake?.clientHello == null || hello === null || handshake.established || handshake.failed) return null;
  if (handshake.alerts.length > 0 || handshake.probableAlertFrom !== null) return null;
  if (scene.clear !== null || scene.tlsOnPlainPort !== null || handshake.server.state === 'not-tls') return null;
  if (encryption.by === 'implicit' && session.turns[0] !== hello) return null;
  // A server that closes without a byte has a finding of its own.
  const { server, closing } = session.transport;
  if (server.bytes === 0 && closing.startsWith('server')) return null;
  if (firstFlight.server === null) return hello;
  const last = lastFlight(session, 'server') as Turn;
  return handshake.stage === 'server-hello' || handshake.server.recordOpen ? last : null;
}
