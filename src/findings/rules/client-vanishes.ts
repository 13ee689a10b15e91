import { Fact, type Session, type Transaction } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { unansweredUntil, wordsFor } from '../flights.ts';
import { lostGroup } from '../lost-group.ts';
import { isCloseDoubtful, pathTrouble, saidQuit, shutWindow } from '../path-trouble.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { openTransfer } from '../transfer.ts';
import { LOGS_OF_BOTH_ENDS } from '../transport-remedies.ts';
import { count, duration, secondsBetween } from '../words.ts';

interface Data {
  readonly how: 'closed' | 'reset';
  readonly seconds: number;
  /** The last command, or those at the end that had no reply yet. */
  readonly verb: string;
  /** The server had not answered it yet. */
  readonly unanswered: boolean;
  readonly recipients: number;
}

const CAUSE = {
  died: 'The program that sends crashed or was killed, or its user broke off.',
  network: 'The client lost its network, changed its address, or was suspended.',
  limit: 'The client has a time limit of its own for the whole delivery.',
  impatient: 'The client waits less long for a reply than the five minutes of the standard.',
  probe: 'It is no mail but a check whether an address exists: some programs leave as soon as they know.',
  bot: 'Spamware leaves when it does not get on fast enough.',
} as const;

export default defineRule<Data>({
  id: 'client-vanishes',
  title: 'The client left in the middle of a mail transaction',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['unended'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted'],
  detect(session) {
    const { closing, closed } = session.transport;
    if ((closing !== 'client-fin' && closing !== 'client-rst') || closed === null) return NOTHING;
    const transaction = session.transactions.at(-1);
    const last = session.turns.at(-1);
    if (transaction === undefined || last === undefined || !isOpen(session, transaction)) return NOTHING;
    if (saidQuit(session) || isCloseDoubtful(session) || isExplained(session)) return NOTHING;
    const command = session.turns.findLast(({ kind }) => kind === 'command');
    if (command === undefined) return NOTHING;
    const unanswered = command.answeredBy < 0;
    const shown = unanswered ? unansweredUntil(session, command) : [command];
    return [
      {
        evidence: [
          turnShows(shown[0] ?? command, unanswered ? 'never answered' : 'the last command'),
          ...closeShows(session, `the client ${closing === 'client-fin' ? 'closes' : 'resets'} the connection`),
        ],
        data: {
          how: closing === 'client-fin' ? 'closed' : 'reset',
          seconds: secondsBetween(last.endTimeUs, closed.us),
          verb: wordsFor(shown),
          unanswered,
          recipients: transaction.recipients.length,
        },
      },
    ];
  },
  message: ({ how, seconds, verb, unanswered, recipients }) =>
    `The client ${how} the connection in the middle of a transaction with ${count(recipients, 'recipient')}, ${duration(seconds)} after ` +
    `${unanswered ? `${verb}, which had no reply yet` : `the reply to ${verb}`}, without QUIT`,
  explanation: `MAIL had been accepted, no message had been begun, and the client ended the connection. The server forgets the transaction; nothing was delivered, and nothing was refused. Postfix as server logs “lost connection after RCPT”.

The close is certain. A single one means little; many from one client, or always after the same command, mean something.`,
  falseAlarms: [
    'A client that leaves behind a refusal: the refusal is the finding.',
    'A check of addresses (sender verification, list cleaning) needs no message; most say QUIT or RSET, some do not.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.unanswered && data.seconds >= 5) return [CAUSE.impatient, CAUSE.limit, CAUSE.network];
    if (data.verb === 'RCPT') return [CAUSE.probe, CAUSE.died, CAUSE.bot, CAUSE.network, CAUSE.limit];
    return [CAUSE.died, CAUSE.network, CAUSE.limit, CAUSE.bot];
  },
  remedies: () => [
    {
      applies: 'the client’s program',
      text: 'Look into its log at that time. Its limits for a command should be five minutes and more.',
      commands: ['postconf smtp_mail_timeout smtp_rcpt_timeout', 'exim -bP transports | grep command_timeout'],
    },
    ...LOGS_OF_BOTH_ENDS,
  ],
  references: [rfc(5321, '4.1.1.10'), rfc(5321, '4.5.3.2')],
});

/** MAIL was not refused, nothing else was asked for since, and no message was begun. */
function isOpen(session: Session, { mail, mailReply, recipients, message }: Transaction): boolean {
  if (message !== null || (mailReply !== null && mailReply.code >= 400)) return false;
  if (recipients.some(({ code }) => (code ?? 0) >= 400)) return false;
  for (let i = mail.index + 1; i < session.turns.length; i++) {
    const turn = session.turns[i] as Turn;
    if (turn.kind === 'command' && turn.verb !== 'RCPT' && turn.verb !== 'NOOP' && turn.verb !== 'DATA') return false;
    if (turn.kind === 'gap' || (turn.kind === 'reply' && turn.code >= 400)) return false;
  }
  return true;
}

function isExplained(session: Session): boolean {
  if ((session.facts & Fact.notSmtp) !== 0 || openTransfer(session) !== null) return true;
  // It waited in vain for a reply that came without its code, or for the rest of a group.
  if (session.turns.at(-1)?.kind === 'unparsed' && session.turns.at(-1)?.from === 'server') return true;
  if (lostGroup(session) !== null) return true;
  const { blackHole, foreignReset } = pathTrouble(session);
  return blackHole !== null || foreignReset !== null || shutWindow(session, 'server') !== null;
}
