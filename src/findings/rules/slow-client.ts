import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, duration, secondsBetween } from '../words.ts';

interface Data {
  /** What came after the longest pause. */
  readonly verb: string;
  readonly seconds: number;
  readonly pauses: number;
}

const SLOW_SECONDS = 10;

const CAUSE = {
  message:
    'The program makes or fetches the message only after DATA was accepted: a template, an attachment, a slow disk.',
  human: 'A person types the commands by hand (telnet, nc, openssl s_client).',
  lookups:
    'The client looks something up between two commands, a recipient’s address or a policy, and that takes long.',
  busy: 'The client’s machine is overloaded, or was suspended.',
  list: 'A program that sends to many recipients does its own bookkeeping between them, in a database for example.',
} as const;

export default defineRule<Data>({
  id: 'slow-client',
  title: 'The client paused inside a mail transaction',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['slow'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: [],
  detect(session) {
    const { turns } = session;
    let worst: Turn | null = null;
    let longest = SLOW_SECONDS;
    let pauses = 0;
    let isOpen = false;
    for (let i = 1; i < turns.length; i++) {
      const turn = turns[i] as Turn;
      const before = turns[i - 1] as Turn;
      if (
        isOpen &&
        turn.from === 'client' &&
        before.from === 'server' &&
        turn.verb !== 'QUIT' &&
        turn.verb !== 'RSET'
      ) {
        const seconds = secondsBetween(before.endTimeUs, turn.timeUs);
        if (seconds > SLOW_SECONDS) pauses++;
        if (seconds > longest) {
          longest = seconds;
          worst = turn;
        }
      }
      if (turn.from === 'client') isOpen = opens(session, turn, isOpen);
    }
    if (worst === null) return NOTHING;
    return [
      {
        evidence: [
          turnShows(turns[worst.index - 1] as Turn, 'the client may go on'),
          turnShows(worst, `${duration(longest)} later it does`),
        ],
        data: { verb: wordFor(worst), seconds: longest, pauses },
      },
    ];
  },
  message: ({ verb, seconds, pauses }) =>
    `Inside a transaction the client was silent for ${duration(seconds)} before ${verb}` +
    `${pauses > 1 ? `, and for more than ${SLOW_SECONDS} s ${count(pauses, 'time')} in all` : ''}`,
  explanation: `The server had answered, it was the client’s turn, and nothing came for a while. Servers wait, for five minutes as a rule, but a busy one waits less: Postfix under stress 10 s. A slow client also holds a connection that others could use.

The pause is certain where the reply before it stands in the capture; what the client did meanwhile is not on the wire.`,
  falseAlarms: [
    'A person who types: nothing is wrong.',
    'Between two transactions a client may keep its connection and wait; that is not counted.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.verb === 'the message') return [CAUSE.message, CAUSE.busy, CAUSE.human];
    return data.pauses > 2
      ? [CAUSE.human, CAUSE.list, CAUSE.lookups, CAUSE.busy]
      : [CAUSE.lookups, CAUSE.list, CAUSE.busy, CAUSE.human];
  },
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Have the whole message and all recipients ready before MAIL; or hand the mail to a local server, which has them.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'It does not pause by itself: see whether its machine or disk is busy, and what it looks up.',
      commands: ['postconf smtp_generic_maps smtp_tls_policy_maps smtp_header_checks', 'vmstat 1 5'],
    },
  ],
  references: [rfc(5321, '4.5.3.2'), rfc(5321, '4.5.3.2.7')],
});

/** Whether a transaction is open behind this turn of the client. */
function opens(session: Session, turn: Turn, wasOpen: boolean): boolean {
  if (turn.kind === 'message') return wasOpen && session.turns[turn.index - 1]?.verb === 'BDAT';
  if (turn.kind !== 'command') return wasOpen;
  switch (turn.verb) {
    case 'MAIL':
      return (session.turns[turn.answeredBy]?.code ?? 500) < 400 || wasOpen;
    case 'BDAT':
      return wasOpen && !/\bLAST\b/i.test(turn.argument ?? '');
    case 'RCPT':
    case 'DATA':
    case 'NOOP':
      return wasOpen;
    default:
      return false;
  }
}

function wordFor(turn: Turn): string {
  if (turn.kind === 'message') return 'the message';
  return turn.verb === null || turn.verb === '' ? 'a line' : turn.verb.slice(0, 20);
}
