import { Fact, type Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { openingOf } from '../opening-words.ts';
import { type Detection, defineRule, NOTHING, postconf } from '../rule.ts';
import { quote } from '../words.ts';

const REFUSED = Fact.refusal5xx | Fact.refusal4xx;

interface Data {
  /** The header was sent and not wanted, or wanted and not sent. */
  readonly problem: 'unwanted' | 'missing';
  readonly version: 1 | 2;
  readonly words: string;
}

/** Exim, whose hosts_proxy names the client, answers every command but QUIT like this. */
const WANTS_HEADER = /\b(?:required )?proxy (?:protocol )?(?:negotiation|header)\b/i;

const CAUSE = {
  balancer:
    'The load balancer sends the header (send-proxy, proxy_protocol), and the server’s port is not set up for it.',
  version: 'The balancer sends version 2 and the server reads version 1 alone (Postfix before 3.5), or the reverse.',
  server:
    'The server expects the header on this port, and this client comes past the balancer, or the balancer does not send it.',
  check: 'The balancer’s health check comes without the header (HAProxy: check-send-proxy is missing).',
} as const;

export default defineRule<Data>({
  id: 'proxy-protocol-mismatch',
  title: 'One side speaks the PROXY protocol and the other does not',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['oddOpening', 'refusal5xx', 'refusal4xx'],
  needs: { client: 'lower', server: 'withhold', start: 'withhold' },
  explains: ['rejected', 'deferred', 'aborted', 'idle'],
  detect(session) {
    const opening = openingOf(session);
    if (opening === null) return NOTHING;
    if (opening.kind === 'proxy') return unwanted(session, opening.turn);
    return (session.facts & REFUSED) === 0 ? NOTHING : missing(session);
  },
  message: ({ problem, version, words }) =>
    problem === 'unwanted'
      ? `The connection began with a PROXY header (version ${version}), and the server took it for a command: ${words}`
      : `The server wants a PROXY header before anything else, and the client sent none: ${words}`,
  explanation: `A load balancer hides the client’s address; with the PROXY protocol it tells the server in a line of its own before the first byte of SMTP. Both ends of that one connection must agree on it. A server that does not expect the header takes it for a command and refuses it, and all replies after that are one apart; with version 2 it even reads a QUIT. A server that expects the header waits for it in vain and closes after some seconds (Postfix 5 s, Exim and Dovecot 3 s): that is drop-before-greeting, where this is named among the causes.

It is certain: header and refusal, or the server’s words, stand in the capture.`,
  falseAlarms: [
    'A header that the server takes: in order, not raised.',
    'A scanner that sends the header to see who trusts it: it comes from a stranger’s address, not from a balancer’s.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return data.problem === 'unwanted' ? [CAUSE.balancer, CAUSE.version] : [CAUSE.server, CAUSE.check];
  },
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'The service that the balancer talks to, and no other, reads the header; with postscreen its own parameter counts.',
      commands: [
        'postconf -P "smtp/inet/smtpd_upstream_proxy_protocol = haproxy"',
        'postconf postscreen_upstream_proxy_protocol smtpd_upstream_proxy_timeout',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'hosts_proxy names the balancers, by address.',
      commands: ['exim -bP hosts_proxy'],
    },
    {
      applies: 'Dovecot as submission server',
      text: 'haproxy = yes in the inet_listener, and haproxy_trusted_networks with the balancers.',
      commands: ['doveconf haproxy_trusted_networks haproxy_timeout'],
    },
    {
      applies: 'HAProxy',
      text: 'send-proxy (version 1) or send-proxy-v2 on the server line, and check-send-proxy for its checks; leave all of them out for a server that does not read the header.',
      commands: ['grep -n -E "send-proxy" /etc/haproxy/haproxy.cfg'],
    },
    {
      applies: 'nginx',
      text: 'proxy_protocol on; in the server block (stream or mail) sends the header.',
      commands: ['nginx -T | grep -n proxy_protocol'],
    },
  ],
  references: [
    { title: 'The PROXY protocol', url: 'https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt' },
    postconf('smtpd_upstream_proxy_protocol'),
    postconf('postscreen_upstream_proxy_protocol'),
  ],
});

/** The first reply that is not the greeting answers the header, whatever the client has said meanwhile. */
function unwanted(session: Session, header: Turn): readonly Detection<Data>[] {
  const replies = session.turns.filter((turn) => turn.kind === 'reply').slice(0, 2);
  const answer = replies.find((reply) => reply.code >= 500) ?? null;
  if (answer === null || (answer === replies[1] && replies[0] !== session.greeting)) return NOTHING;
  return [
    {
      evidence: [turnShows(header, 'a PROXY header'), turnShows(answer, 'taken for a command')],
      data: {
        problem: 'unwanted',
        version: header.argument?.endsWith('(version 2)') ? 2 : 1,
        words: quote(session, answer),
      },
    },
  ];
}

function missing(session: Session): readonly Detection<Data>[] {
  // Every command is refused like this, so the first refusal tells.
  const answer = session.turns.find((turn) => turn.kind === 'reply' && turn.code >= 400);
  if (answer === undefined || !WANTS_HEADER.test(answer.text)) return NOTHING;
  return [
    {
      evidence: [turnShows(answer, 'the server wants a PROXY header')],
      data: { problem: 'missing', version: 1, words: quote(session, answer) },
    },
  ];
}
