import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { type Opening, openingOf } from '../opening-words.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { duration, quote, secondsBetween } from '../words.ts';

interface Data {
  readonly kind: Opening['kind'];
  readonly verb: string | null;
  /** From the client’s first byte to the greeting’s; NaN when unknown, negative when they crossed. */
  readonly aheadSeconds: number;
  /** The server’s words, where it refused for it. */
  readonly refusal: string | null;
}

const CAUSE = {
  spam: 'Spamware, which does not wait for replies: this is why servers look for it.',
  monitor: 'A monitor or test script that sends its lines in one go and never waits for the 220.',
  library: 'A client of one’s own making, or an old library, that does not read the greeting before it speaks.',
  telnet: 'PuTTY or a telnet client in telnet mode: it begins with an option negotiation. Raw mode is what SMTP needs.',
} as const;

export default defineRule<Data>({
  id: 'early-talker',
  title: 'The client spoke before the server’s greeting',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddOpening'],
  needs: { client: 'lower', server: 'any', start: 'withhold' },
  explains: ['idle', 'aborted'],
  detect(session) {
    const opening = openingOf(session);
    if (opening === null || !opening.early) return NOTHING;
    const { kind, next } = opening;
    const { greeting } = session;
    if (kind === 'tls' || kind === 'http' || next === null || next.kind === 'tls' || greeting === null) return NOTHING;
    if (mayPipeConnect(session)) return NOTHING;
    const refusal = session.turns.find((turn) => turn.kind === 'reply' && isSyncRefusal(turn));
    return [
      {
        evidence: [
          turnShows(next, 'sent without having received a byte'),
          turnShows(greeting, 'the greeting'),
          ...(refusal === undefined || refusal === greeting ? [] : [turnShows(refusal, 'the server objects')]),
        ],
        data: {
          kind,
          verb: next.verb === null || next.verb === '' ? null : next.verb,
          aheadSeconds: secondsBetween(next.timeUs, greeting.timeUs),
          refusal: refusal === undefined ? null : quote(session, refusal),
        },
      },
    ];
  },
  message: ({ kind, verb, aheadSeconds, refusal }) =>
    `The client sent ${
      kind === 'telnet' ? 'a telnet option negotiation' : kind === 'command' && verb !== null ? verb : 'its first bytes'
    } before it had received a byte of the greeting${aheadSeconds > 0 ? `, which came ${duration(aheadSeconds)} later` : ''}` +
    `${refusal === null ? '' : `; the server objects: ${refusal}`}`,
  explanation: `In SMTP the server speaks first, and the client has to wait for the 220 (RFC 5321 §3.1). This client’s first packet acknowledges not one byte of the server: it did not wait. Most such clients are spamware, so servers test for it: postscreen of Postfix delays its greeting on purpose, Postfix from 3.9 refuses commands that come unasked (smtpd_forbid_unauth_pipelining), Exim does with smtp_enforce_sync, Sendmail with FEATURE(greet_pause). A refusal later in the session, or a listing, may come from that.

It is certain: it is read off the acknowledgement number, so packets out of order in the capture make no difference. Exim’s PIPECONNECT, a PROXY header, TLS and HTTP have their own rules or are in order.`,
  falseAlarms: [
    'Exim that connects again to a server which offers PIPECONNECT: not raised.',
    'A load balancer’s PROXY header before the greeting: not raised.',
    'A monitor of your own: the finding is right and its cure is easy.',
  ],
  causes(data) {
    if (data?.kind === 'telnet') return [CAUSE.telnet];
    return data === null ? Object.values(CAUSE) : [CAUSE.spam, CAUSE.monitor, CAUSE.library];
  },
  remedies: (data) => [
    {
      applies: 'the client or monitor',
      text: 'Read a reply that begins with 220 and a space before the first command, and one reply for each command.',
      commands: ['swaks --server mail.example.net --quit-after EHLO'],
    },
    ...(data === null || data.kind === 'telnet'
      ? [{ applies: 'PuTTY', text: 'Choose the connection type “Raw” instead of “Telnet”.', commands: [] }]
      : []),
    {
      applies: 'Postfix as server',
      text:
        'postscreen_greet_action decides what becomes of such a client, postscreen_access_list excepts one; smtpd from ' +
        '3.9 on refuses with smtpd_forbid_unauth_pipelining.',
      commands: ['postconf postscreen_greet_action postscreen_greet_wait postscreen_access_list'],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_enforce_sync is on by default; control = no_enforce_sync in acl_smtp_connect excepts a host.',
      commands: ['exim -bP smtp_enforce_sync acl_smtp_connect'],
    },
    {
      applies: 'Sendmail as server',
      text: "FEATURE(`greet_pause', `5000') waits five seconds; GreetPause:192.0.2.10 0 in the access map excepts a host.",
      commands: ['makemap hash /etc/mail/access < /etc/mail/access'],
    },
  ],
  references: [rfc(5321, '3.1'), rfc(5321, '4.3.1'), postconf('postscreen_greet_action')],
});

/** Exim’s extension, by which commands may come before the greeting, is on offer, or a hole may hide that it is. */
function mayPipeConnect(session: Session): boolean {
  const { offers } = session;
  if (offers.some(({ extensions }) => extensions.has('PIPECONNECT') || extensions.has('X_PIPE_CONNECT'))) return true;
  return session.transport.server.missingBytes > 0 && !offers.some(({ complete }) => complete);
}

function isSyncRefusal(turn: Turn): boolean {
  return (
    turn.code >= 400 &&
    /\b(?:synchroni[sz]ation|protocol error|out of sync|early talk|pregreet|before greeting)/i.test(turn.text)
  );
}
