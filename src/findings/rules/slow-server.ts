import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { wordsFor } from '../flights.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { openTransfer } from '../transfer.ts';
import { count, duration, secondsBetween } from '../words.ts';

interface Data {
  /** What was answered late: the slowest, and what was asked and answered together with it. */
  readonly verb: string;
  readonly seconds: number;
  /** Replies that took so long, of all that were looked at. */
  readonly slow: number;
  readonly replies: number;
}

interface Slow {
  readonly request: Turn;
  readonly reply: Turn;
  readonly seconds: number;
}

const SLOW_SECONDS = 10;
const WARNING_SECONDS = 60;
/** A resolver gives up a server after five seconds, and tries some of them (resolv.conf(5)). */
const RESOLVER_SECONDS = 5;

const CAUSE = {
  dns: 'Lookups in DNS time out: the time is a multiple of five seconds, which is how long a resolver waits for a server.',
  checks:
    'The server checks the sender or the recipient while the client waits: callouts, SPF, blocklists, greylisting, a policy service.',
  filter: 'The message is scanned before it is accepted: spam and virus filter, milter, proxy.',
  tarpit: 'The server slows clients down on purpose, after errors or from the start (tarpit, error sleep).',
  backend: 'What stands behind AUTH is slow, or waits on purpose after a wrong password.',
  load: 'The server is overloaded: processors, disk, or too many connections at once.',
  network: 'The command or the reply was lost on the way and had to be sent again.',
} as const;

export default defineRule<Data>({
  id: 'slow-server',
  title: 'The server took long to reply',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['slow'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: [],
  detect(session) {
    let worst: Slow | null = null;
    let slow = 0;
    let replies = 0;
    const late = openTransfer(session)?.lateReply ?? null;
    for (const { request, reply } of session.exchanges) {
      // The greeting has a rule of its own; a message that never ended was not answered but given up.
      if (request === null || reply === null || reply === late) continue;
      if (request.kind === 'message' && !request.complete) continue;
      replies++;
      const seconds = waitedFor(session, request, reply);
      if (!(seconds > SLOW_SECONDS) || wasResent(session, request)) continue;
      slow++;
      if (worst === null || seconds > worst.seconds) worst = { request, reply, seconds };
    }
    if (worst === null) return NOTHING;
    const { request, reply, seconds } = worst;
    return [
      {
        evidence: [turnShows(request, 'asked'), turnShows(reply, `answered ${duration(seconds)} later`)],
        data: { verb: wordsFor(askedTogether(session, worst)), seconds, slow, replies },
        ...(seconds >= WARNING_SECONDS ? { severity: 'warning' } : {}),
      },
    ];
  },
  message: ({ verb, seconds, slow, replies }) =>
    `The server took ${duration(seconds)} to reply to ${verb}` +
    `${slow > 1 ? `; ${slow} of ${count(replies, 'reply', 'replies')} took more than ${SLOW_SECONDS} s` : ''}`,
  explanation: `The time from the end of a command to the first byte of its reply, as this capture saw both. What it is spent on shows in where it occurs: after RCPT, checks of sender and recipient; after the dot, filters; after AUTH, the password check or a deliberate pause; after every command, a tarpit. Times near 5, 10, 15 or 20 seconds are the mark of a resolver that waits for DNS servers that do not answer.

Clients wait five minutes for most replies and ten for the one to the message; many programs give up after 30 or 60 s. A notice up to a minute, a warning from there on.`,
  falseAlarms: [
    'A pause on purpose, against spam or password guessing, slows down only those it is meant for.',
    'A command that was lost on the way and sent again: not counted.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const first = isResolverTime(data.seconds) ? [CAUSE.dns] : [];
    if (data.replies > 2 && data.slow === data.replies) return [CAUSE.tarpit, ...first, CAUSE.load, CAUSE.network];
    if (data.verb === 'AUTH' || data.verb === 'the AUTH exchange')
      return [CAUSE.backend, ...first, CAUSE.load, CAUSE.network];
    if (data.verb === 'the message' || data.verb === 'BDAT') return [CAUSE.filter, ...first, CAUSE.load, CAUSE.network];
    return [
      ...first,
      CAUSE.checks,
      CAUSE.tarpit,
      CAUSE.load,
      CAUSE.network,
      ...(first.length === 0 ? [CAUSE.dns] : []),
    ];
  },
  remedies: () => [
    {
      applies: 'the server, when the time is a multiple of 5 s',
      text: 'Ask its resolvers one by one, forwards and backwards; a caching resolver on the machine itself is best.',
      commands: [
        'cat /etc/resolv.conf',
        'dig +time=2 +tries=1 -x 192.0.2.10 @127.0.0.1; dig +time=2 +tries=1 mx example.net @127.0.0.1',
      ],
    },
    {
      applies: 'Postfix as server',
      text: 'delays= in the log tells where time went (before the queue, in it, connecting, sending). Checks in the restrictions run while the client waits.',
      commands: [
        'postconf smtpd_recipient_restrictions smtpd_milters smtpd_proxy_filter smtpd_error_sleep_time',
        'postconf -n | grep -E "reject_unverified|check_policy_service|reject_rbl"',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'delay, verify = sender/callout, dnslists and spam in the access lists take their time; so does rfc1413_query_timeout.',
      commands: ['exim -bP rfc1413_query_timeout', 'exim -bP acl_smtp_rcpt acl_smtp_data'],
    },
    {
      applies: 'Sendmail as server',
      text: 'Milters and DNS: Timeout.resolver.retrans and Timeout.resolver.retry limit the latter.',
      commands: ['grep -iE "Timeout.resolver|InputMailFilters" /etc/mail/sendmail.cf'],
    },
  ],
  references: [
    rfc(5321, '4.5.3.2'),
    { title: 'resolv.conf(5)', url: 'https://man7.org/linux/man-pages/man5/resolv.conf.5.html' },
  ],
});

/** The commands of one packet whose replies came in one packet: only the group was slow, no one knows which of them. */
function askedTogether(session: Session, { request, reply }: Slow): readonly Turn[] {
  const together: Turn[] = [];
  for (let i = request.index; i < session.turns.length; i++) {
    const turn = session.turns[i] as Turn;
    if (turn.from !== 'client' || turn.frame !== request.frame) break;
    if (session.turns[turn.answeredBy]?.frame === reply.frame) together.push(turn);
  }
  return together;
}

/** Seconds from the command, or from the reply before where that came later: a server answers one by one. */
function waitedFor(session: Session, request: Turn, reply: Turn): number {
  let from = request.endTimeUs;
  for (let i = reply.index - 1; i > request.index; i--) {
    const turn = session.turns[i] as Turn;
    if (turn.from === 'server') {
      if (turn.endTimeUs > from) from = turn.endTimeUs;
      break;
    }
  }
  return secondsBetween(from, reply.timeUs);
}

/** The network took this time: the command had to be sent again. */
function wasResent(session: Session, request: Turn): boolean {
  const repeated = session.transport.client.mostRepeated;
  if (repeated === null || repeated.times < 2) return false;
  return repeated.offset < request.offset + request.bytes && repeated.offset + repeated.length > request.offset;
}

function isResolverTime(seconds: number): boolean {
  const over = seconds % RESOLVER_SECONDS;
  return seconds < 41 && over < 0.6;
}
