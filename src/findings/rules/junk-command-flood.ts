import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue } from '../known-commands.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { groups, list } from '../words.ts';

interface Data {
  readonly commands: number;
  readonly verbs: readonly string[];
}

/** smtpd_junk_command_limit of Postfix. */
const LIMIT = 100;
const JUNK: ReadonlySet<string> = new Set(['NOOP', 'RSET', 'VRFY', 'ETRN', 'EHLO']);

export default defineRule<Data>({
  id: 'junk-command-flood',
  title: 'Over a hundred commands that send no mail',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['noMail', 'mailCommand'],
  needs: { client: 'any', server: 'any' },
  explains: ['idle', 'aborted'],
  detect(session) {
    if (session.turns.length <= LIMIT || !isMailDialogue(session)) return NOTHING;
    const run = longestRun(session);
    // Questions for mailboxes have a finding of their own.
    if (run.length <= LIMIT || run.every(({ verb }) => verb === 'VRFY')) return NOTHING;
    const first = run[0] as Turn;
    return [
      {
        evidence: [turnShows(first, 'the first'), turnShows(run.at(-1) as Turn, 'the last')],
        data: { commands: run.length, verbs: [...new Set(run.map(({ verb }) => verb as string))] },
      },
    ];
  },
  message: ({ commands, verbs }) =>
    `The client sent ${groups(commands)} commands in a row without a mail: ${list(verbs)}`,
  explanation: `NOOP, RSET, VRFY, ETRN and EHLO cost the server little each, and keep a process and a connection busy. After a hundred of them Postfix counts each further one as an error and then hangs up; other servers have limits of their own.

It is certain: they were counted, MAIL begins the count anew.`,
  falseAlarms: [
    'A pool of connections that keeps each one awake with NOOP or RSET.',
    'A test of your own of what the server can bear.',
  ],
  causes: () => [
    'A connection pool or mail client that sends NOOP or RSET at intervals to keep the connection open.',
    'A client in a loop: a fault that makes it begin anew with EHLO or RSET again and again.',
    'Somebody who tries to wear the server out, or to look busy while scanning.',
  ],
  remedies: () => [
    {
      applies: 'the client',
      text: 'Close a connection that is not needed, and open another for the next mail: it costs less than to keep it.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_junk_command_limit (100) is the number from which on they count as errors.',
      commands: ['postconf smtpd_junk_command_limit smtpd_hard_error_limit'],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_accept_max_nonmail (10) is the number of such commands; smtp_accept_max_nonmail_hosts says to whom it applies.',
      commands: ['exim -bP smtp_accept_max_nonmail smtp_accept_max_nonmail_hosts'],
    },
  ],
  references: [rfc(5321, '4.1.1.9'), postconf('smtpd_junk_command_limit')],
});

function longestRun(session: Session): readonly Turn[] {
  let longest: Turn[] = [];
  let run: Turn[] = [];
  for (const turn of session.turns) {
    if (turn.from !== 'client' || turn.kind === 'gap') continue;
    if (turn.kind === 'command' && JUNK.has(turn.verb ?? '')) {
      run.push(turn);
      if (run.length > longest.length) longest = run;
    } else if (turn.verb === 'MAIL' || turn.kind === 'message') run = [];
  }
  return longest;
}
