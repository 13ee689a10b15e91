import { Fact, type Session } from '../../smtp/session.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { unansweredUntil, wordFor, wordsFor } from '../flights.ts';
import { openingOf } from '../opening-words.ts';
import { isCloseDoubtful, pathTrouble, saidQuit } from '../path-trouble.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { tlsScene } from '../tls-scene.ts';
import { openTransfer } from '../transfer.ts';
import { LOGS_OF_BOTH_ENDS } from '../transport-remedies.ts';
import { duration, secondsBetween } from '../words.ts';

interface Data {
  readonly how: 'closed' | 'reset';
  /** From the last thing that either side said. */
  readonly seconds: number;
  /** The commands that got no answer; null when all were answered. */
  readonly unanswered: string | null;
  /** What was said last, in a word. */
  readonly after: string;
}

/** After so much silence of the client the server is right to end the session (RFC 5321 §4.5.3.2.7). */
const PATIENCE_SECONDS = 300;

const CAUSE = {
  crash: 'The server’s process died: a crash, a kill for want of memory, a lookup or filter that took it down.',
  restart: 'The server was stopped or restarted without a word to its clients.',
  limit:
    'A limit on time or number of connections ended it, at the server or at a load balancer or proxy before it, which cannot say 421.',
  idle: 'The server, or a firewall before it, waits less long for the next command than the five minutes of the standard.',
  filter: 'A firewall or intrusion prevention broke the connection in the server’s name.',
} as const;

export default defineRule<Data>({
  id: 'server-closes-first',
  title: 'The server ended the session without a word',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['transport'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted', 'incomplete', 'idle'],
  detect(session) {
    const { closing, closed, server } = session.transport;
    if ((closing !== 'server-fin' && closing !== 'server-rst') || server.bytes === 0) return NOTHING;
    if (saidQuit(session) || isCloseDoubtful(session) || isExplained(session)) return NOTHING;
    const last = session.turns.at(-1);
    const asked = session.turns.findLast(({ from }) => from === 'client');
    if (last === undefined || last.kind === 'gap' || closed === null) return NOTHING;
    if (secondsBetween((asked ?? last).endTimeUs, closed.us) >= PATIENCE_SECONDS) return NOTHING;
    const hasNoAnswer = asked !== undefined && asked.answeredBy < 0 && asked.kind !== 'gap';
    const unanswered = hasNoAnswer ? unansweredUntil(session, asked) : [];
    return [
      {
        evidence: [
          turnShows(unanswered[0] ?? last, hasNoAnswer ? 'never answered' : 'the last words'),
          ...closeShows(session, `the server ${closing === 'server-fin' ? 'closes' : 'resets'} the connection`),
        ],
        data: {
          how: closing === 'server-fin' ? 'closed' : 'reset',
          seconds: secondsBetween(last.endTimeUs, closed.us),
          unanswered: hasNoAnswer ? wordsFor(unanswered) : null,
          after: asked === undefined ? 'its greeting' : wordFor(asked),
        },
      },
    ];
  },
  message: ({ how, seconds, unanswered, after }) =>
    `The server ${how} the connection ${duration(seconds)} after ${
      unanswered === null ? (after === 'its greeting' ? after : `its reply to ${after}`) : unanswered
    }${unanswered === null ? '' : ', which it never answered'}, without 421 or 221`,
  explanation: `A server that has to end a session says 421 first, and then closes (RFC 5321 §3.8); it may close without it only when the client has said QUIT. This one just closed. The client takes it for a failure of the network, keeps the mail and tries again; its log says “lost connection with … while …” (Postfix) or “Remote host closed connection in response to …” (Exim).

That the first FIN or RST came under the server’s address is certain, and so is that no word announced it.`,
  falseAlarms: [
    'A client that had been silent for five minutes: the server is right, and it is told as idle-timeout.',
    'A refusal as the last word (550, 554, 421), a close inside a message, a reset that is not the server’s: each has its own finding, and this one is not raised beside it.',
    'Inside TLS the last words cannot be read, and nothing is said.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.unanswered !== null)
      return data.how === 'reset'
        ? [CAUSE.filter, CAUSE.crash, CAUSE.limit, CAUSE.restart]
        : [CAUSE.crash, CAUSE.restart, CAUSE.limit, CAUSE.filter];
    return data.seconds >= 5
      ? [CAUSE.idle, CAUSE.limit, CAUSE.restart, CAUSE.filter]
      : [CAUSE.restart, CAUSE.crash, CAUSE.limit, CAUSE.filter];
  },
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'Look for fatal errors, panics and signals of smtpd at that second, and for the time limits.',
      commands: [
        'grep -E "postfix/(smtpd|master)" /var/log/mail.log | grep -E "fatal|panic|killed by signal|terminat" | tail -n 20',
        'postconf smtpd_timeout smtpd_per_request_deadline',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_receive_timeout (5m) is how long it waits; the panic log tells of crashes.',
      commands: ['exim -bP smtp_receive_timeout', 'tail -n 20 /var/log/exim4/paniclog /var/log/exim4/mainlog'],
    },
    {
      applies: 'a load balancer before the server (HAProxy)',
      text: 'timeout client and timeout server have to be longer than five minutes for SMTP.',
      commands: ['grep -nE "timeout +(client|server)" /etc/haproxy/haproxy.cfg'],
    },
    ...LOGS_OF_BOTH_ENDS,
  ],
  references: [rfc(5321, '3.8'), rfc(5321, '4.5.3.2.7'), postconf('smtpd_timeout')],
});

/** Whether another finding says why, or the last words cannot be read. */
function isExplained(session: Session): boolean {
  if ((session.facts & Fact.notSmtp) !== 0 || (session.service !== 'smtp' && session.service !== 'lmtp')) return true;
  if (session.turns.some(({ kind }) => kind === 'tls') || openTransfer(session) !== null) return true;
  // Text where TLS had been agreed to: the server is right to end that.
  if (session.encryption !== null && tlsScene(session)?.clear != null) return true;
  const reply = session.turns.findLast(({ from }) => from === 'server');
  if (reply === undefined || reply.kind !== 'reply' || !reply.complete || reply.code >= 400 || reply.code === 221)
    return true;
  const trouble = pathTrouble(session);
  if (trouble.foreignReset !== null || trouble.blackHole !== null) return true;
  const opening = openingOf(session);
  return opening !== null && (opening.early || opening.kind !== 'command');
}
