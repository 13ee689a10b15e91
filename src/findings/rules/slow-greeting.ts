import { packetShows, turnShows } from '../evidence.ts';
import { openingOf } from '../opening-words.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { duration, secondsBetween } from '../words.ts';

const SLOW_SECONDS = 5;
const WARN_SECONDS = 30;
/** How far a wait may be from a whole number of resolver timeouts. */
const TIMEOUT_SLACK_SECONDS = 0.4;

interface Data {
  /** From the handshake to the greeting’s first byte; of a teaser to its last line. */
  readonly seconds: number;
  /** The first line came at once, the last only after the wait: postscreen of Postfix does so on purpose. */
  readonly teaser: boolean;
  /** A whole number of five seconds. */
  readonly timeouts: boolean;
  /** The server sent something twice: the greeting may have been lost once. */
  readonly resent: boolean;
}

const CAUSE = {
  teaser: 'postscreen waits before it greets, to catch clients that do not (postscreen_greet_wait, 6 s by default).',
  pause: 'The server waits on purpose: Sendmail’s greet_pause, a delay in Exim’s acl_smtp_connect, a tarpit.',
  lookup:
    'The server asks DNS for the client’s name, or a blocklist, and a name server does not answer: resolvers give up ' +
    'after 5 s and try again.',
  ident: 'The server asks the client’s port 113 (ident), and a firewall drops the question.',
  load: 'The server is overloaded: no process was free, or the machine swaps.',
  lost: 'The greeting was sent in time and lost on the path; it came when the server sent it again.',
} as const;

export default defineRule<Data>({
  id: 'slow-greeting',
  title: 'The greeting came late',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['slow'],
  needs: { client: 'any', server: 'withhold', start: 'withhold' },
  explains: [],
  detect(session) {
    const { greeting, transport } = session;
    if (greeting === null || transport.established === null) return NOTHING;
    const startUs = transport.established.us;
    if (!(greeting.endTimeUs - startUs > SLOW_SECONDS * 1e6)) return NOTHING;
    const first = secondsBetween(startUs, greeting.timeUs);
    const teaser = first <= SLOW_SECONDS;
    if (teaser && !isTeaser(greeting.lines, greeting.code)) return NOTHING;
    // To a client that talks out of turn postscreen answers with something else than the rest of its greeting.
    if (teaser && openingOf(session)?.early === true) return NOTHING;
    const seconds = teaser ? secondsBetween(startUs, greeting.endTimeUs) : first;
    return [
      {
        evidence: [
          packetShows(transport.establishedFrame, 'client', 'the handshake is complete'),
          turnShows(greeting, teaser ? 'its first line at once, its last after the wait' : 'the greeting'),
        ],
        data: {
          seconds,
          teaser,
          timeouts: Math.abs(seconds - 5 * Math.round(seconds / 5)) < TIMEOUT_SLACK_SECONDS,
          resent: transport.server.retransmissions > 0 || transport.synAckCount > 1,
        },
        ...(seconds >= WARN_SECONDS ? { severity: 'warning' } : {}),
      },
    ];
  },
  message: ({ seconds, teaser, timeouts }) =>
    teaser
      ? `The server sent the first line of its greeting at once and the last ${duration(seconds)} after the handshake: the teaser of postscreen, on purpose`
      : `The greeting came ${duration(seconds)} after the handshake${timeouts ? ', a multiple of the 5 s after which resolvers give up' : ''}`,
  explanation: `The server took the connection and then let the client wait for its 220. Clients of mail servers wait for five minutes, so mail is late and not lost; a program that sends mail while a user looks at it may give up after 10 or 30 s, and does so in greeting-timeout.

A wait of 5, 10, 15 or 20 s to the tenth of a second is a name server that does not answer. The wait between a first line 220- and a last line 220 is postscreen’s: it is wanted, and postscreen_access_list spares known clients.

The time is certain; the reason is not on the wire.`,
  falseAlarms: [
    'postscreen’s six seconds, named as such, and any other delay that the server’s administrator chose.',
    'A greeting whose beginning was not captured: not raised.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.teaser) return [CAUSE.teaser];
    const lost = data.resent ? [CAUSE.lost] : [];
    const rest = [CAUSE.pause, CAUSE.load, CAUSE.ident];
    return data.timeouts
      ? [...lost, CAUSE.lookup, ...rest]
      : [...lost, CAUSE.pause, CAUSE.lookup, CAUSE.load, CAUSE.ident];
  },
  remedies: (data) =>
    data?.teaser === true
      ? [POSTSCREEN]
      : [
          {
            applies: 'the server, whatever its software',
            text: 'See whether its resolver answers at once, for the client’s address and for the blocklists in use.',
            commands: ['time host 192.0.2.10', 'cat /etc/resolv.conf'],
          },
          {
            applies: 'Postfix as server',
            text: 'smtpd_peername_lookup = no leaves the name of the client out; busy smtpd processes are seen in ps.',
            commands: ['postconf smtpd_peername_lookup default_process_limit', 'ps -C smtpd | wc -l'],
          },
          {
            applies: 'Exim as server',
            text: 'host_lookup, rfc1413_query_timeout and delays in acl_smtp_connect come before the greeting.',
            commands: ['exim -bP host_lookup rfc1413_query_timeout acl_smtp_connect'],
          },
          {
            applies: 'Sendmail as server',
            text: "define(`confTO_IDENT', `0s')dnl switches ident off; FEATURE(`greet_pause') is a wait on purpose.",
            commands: ['make -C /etc/mail restart'],
          },
          ...(data === null ? [POSTSCREEN] : []),
        ],
  references: [rfc(5321, '4.5.3.2.1'), postconf('postscreen_greet_wait'), postconf('smtpd_peername_lookup')],
});

const POSTSCREEN = {
  applies: 'Postfix with postscreen',
  text: 'Nothing needs mending; to spare known clients the wait, list them.',
  commands: ['postconf postscreen_greet_wait postscreen_greet_banner postscreen_access_list'],
};

/** `220-` first and `220 ` last. */
function isTeaser(lines: readonly string[], code: number): boolean {
  return lines.length > 1 && lines[0]?.startsWith(`${code}-`) === true && lines.at(-1)?.startsWith(`${code} `) === true;
}
