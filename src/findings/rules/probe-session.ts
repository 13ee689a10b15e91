import type { Session } from '../../smtp/session.ts';
import { leftAfterEhlo } from '../ehlo-quit.ts';
import { closeShows, packetShows, turnShows } from '../evidence.ts';
import type { History } from '../history.ts';
import { isInClear, replyTo } from '../in-clear.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { isScanner } from '../scanners.ts';
import { duration, secondsBetween } from '../words.ts';

/** A client that waits this long for a greeting wanted one; a port scanner does not. */
const WAITED_SECONDS = 5;

interface Data {
  readonly sign: 'silent' | 'blind-quit' | 'name';
  readonly port: number;
  readonly name: string;
  readonly greeted: boolean;
  readonly established: boolean;
  readonly seconds: number;
}

const CAUSE = {
  health: 'A load balancer’s or container’s health check, which opens the port and closes it.',
  monitor: 'A monitor that asks whether the service answers (Nagios, Icinga, xymon, Zabbix, Uptime Kuma).',
  scanner: 'A scanner of the internet or of your own network, which takes stock and sends no mail.',
} as const;

export default defineRule<Data>({
  id: 'probe-session',
  title: 'A monitor or scanner looked in; no mail was meant',
  severity: 'notice',
  confidence: 'likely',
  actor: null,
  triggers: ['noMail'],
  needs: { client: 'withhold', server: 'any', start: 'withhold', absence: true },
  explains: ['idle', 'aborted', 'no-greeting', 'not-connected'],
  detect(session, history) {
    const { service, transport } = session;
    // In a hole there may have been mail.
    if (!session.startCaptured || transport.client.missingBytes > 0) return NOTHING;
    // Who met another service than SMTP had reason to leave without a word: wrong-service.
    if (service !== 'silent' && service !== 'smtp' && service !== 'unknown') return NOTHING;
    if (service === 'silent' || transport.client.bytes === 0) return silent(session);
    return blindQuit(session) ?? named(session, history) ?? NOTHING;
  },
  message: ({ sign, port, name, greeted, established, seconds }) => {
    if (sign === 'blind-quit')
      return 'The client sent QUIT before the reply to its EHLO had begun to arrive: it did not want the answer';
    if (sign === 'name')
      return `The client calls itself “${name.slice(0, 80)}”, the name of a scanner or monitor, and sent no mail`;
    if (!established) return `The client asked whether port ${port} is open, and broke off when the server answered`;
    return `The client opened the connection and closed it${
      Number.isNaN(seconds) ? '' : ` ${duration(seconds)} later`
    } without a single byte${greeted ? ', though it was greeted' : ''}`;
  },
  explanation: `Nobody tried to send mail here. Monitors and scanners connect to see whether something answers, and leave: without a word, with EHLO and QUIT in one packet, or under a name that they are known by. Such sessions look like clients that break off, and are none.

It is likely: the marks were seen. A client that died at the same moment would leave the same trace; where it matters, its own log tells. That a client comes at strict intervals is not taken as a mark, since mail queues do that too.`,
  falseAlarms: [
    'A mail client that crashed or was killed right after it had connected.',
    'A client that gives up because no greeting came: not raised from 5 s of waiting.',
    'A client that only looks at what EHLO offers and leaves is told by ehlo-quit-auth-offered or ehlo-quit-no-auth.',
  ],
  causes(data) {
    if (data?.sign === 'name') return [CAUSE.scanner, CAUSE.monitor];
    if (data?.sign === 'blind-quit') return [CAUSE.monitor, CAUSE.scanner];
    return [CAUSE.health, CAUSE.monitor, CAUSE.scanner];
  },
  remedies: (data) => [
    {
      applies: 'whoever reads the capture',
      text: 'Leave these sessions out of the count; the client’s address tells whose monitor it is.',
      commands: ['host 192.0.2.10', 'whois 192.0.2.10'],
    },
    ...(data === null || data.sign !== 'name'
      ? [
          {
            applies: 'the monitor',
            text:
              'Let it talk as a client does: wait for the 220, say EHLO, wait for the reply, say QUIT, wait for the 221. ' +
              'HAProxy’s option smtpchk and the plugin check_smtp do so.',
            commands: ['/usr/lib/nagios/plugins/check_smtp -H mail.example.net -p 25'],
          },
        ]
      : []),
    {
      applies: 'Postfix as server',
      text: 'Such sessions fill the log with “lost connection after CONNECT” or “after EHLO”; they cost nothing else.',
      commands: ['grep -E "lost connection after (CONNECT|EHLO)" /var/log/mail.log | tail -n 20'],
    },
  ],
  references: [rfc(5321, '4.1.1.10'), rfc(2920, '3.1')],
});

/** The client ends a connection on which it said nothing: neither refused nor kept waiting. */
function silent(session: Session): readonly Detection<Data>[] {
  const { transport, greeting } = session;
  const { client, server, closing, closed, established, synAck } = transport;
  if (closing !== 'client-fin' && closing !== 'client-rst') return NOTHING;
  if (client.bytes > 0 || client.missingBytes > 0 || client.ackedBytes > 0) return NOTHING;
  const isOpen = transport.opening === 'complete';
  // A RST in answer to the SYN/ACK: a scan that never opens. Without a SYN/ACK there was no answer.
  if (!isOpen && (transport.opening !== 'half-open' || transport.synAckCount === 0 || closing !== 'client-rst'))
    return NOTHING;
  if (greeting !== null && greeting.code >= 400) return NOTHING;
  const seconds = secondsBetween((established ?? synAck)?.us ?? Number.NaN, closed?.us ?? Number.NaN);
  if (server.bytes === 0 && !(seconds < WAITED_SECONDS)) return NOTHING;
  return [
    {
      evidence: [
        ...(isOpen
          ? [packetShows(transport.establishedFrame, 'client', 'the handshake is complete')]
          : [packetShows(transport.synFrame, 'client', 'the SYN')]),
        ...(greeting === null ? [] : [turnShows(greeting, 'the greeting')]),
        ...closeShows(session, 'the client closes, having said nothing'),
      ],
      data: {
        sign: 'silent',
        port: session.server.port,
        name: '',
        greeted: greeting !== null,
        established: isOpen,
        seconds,
      },
    },
  ];
}

/** QUIT whose packet acknowledges nothing of the reply to EHLO. */
function blindQuit(session: Session): readonly Detection<Data>[] | null {
  const { hello, turns } = session;
  if (hello === null || session.encryption !== null) return null;
  const reply = replyTo(session, hello.turn);
  // One reply off, after a greeting that went wrong, EHLO seems to be answered by the 221.
  if (reply === null || reply.code !== 250) return null;
  const quit = turns.find((turn) => turn.verb === 'QUIT' && turn.index > hello.turn.index);
  if (quit === undefined || quit.acked < 0 || quit.acked > reply.offset) return null;
  return [
    {
      evidence: [turnShows(hello.turn, 'the EHLO'), turnShows(quit, 'QUIT, sent without having seen the reply')],
      data: {
        sign: 'blind-quit',
        port: session.server.port,
        name: hello.name,
        greeted: true,
        established: true,
        seconds: Number.NaN,
      },
    },
  ];
}

/** Its name, where no other finding tells of it already. */
function named(session: Session, history: History): readonly Detection<Data>[] | null {
  const { hello } = session;
  if (hello === null || !isScanner(hello.name) || leftAfterEhlo(session, history) !== null) return null;
  // Mail may have gone inside TLS, and a host named monitor-… may send some.
  if (!isInClear(session, session.turns.length) && /^(?:monitor|nagios)/i.test(hello.name)) return null;
  return [
    {
      evidence: [turnShows(hello.turn, 'the name')],
      data: {
        sign: 'name',
        port: session.server.port,
        name: hello.name,
        greeted: true,
        established: true,
        seconds: Number.NaN,
      },
    },
  ];
}
