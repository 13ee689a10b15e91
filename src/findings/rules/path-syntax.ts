import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue } from '../known-commands.ts';
import { type PathFault, pathFault } from '../path-faults.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { refusedFor } from '../syntax-refusals.ts';
import { quote } from '../words.ts';

interface Data {
  readonly fault: PathFault;
  readonly verb: string;
  readonly line: string;
  readonly times: number;
  readonly words: string | null;
}

const SAYS: Readonly<Record<PathFault, string>> = {
  'no-brackets': 'without angle brackets',
  'space-before': 'with a space between the colon and the path',
  'space-inside': 'with a space inside the brackets',
  several: 'with several addresses in one command',
  'no-keyword': 'without the keyword and colon before the path',
};
const SHOWN = 4;
const LINE_SHOWN = 120;

export default defineRule<Data>({
  id: 'path-syntax',
  title: 'The path in MAIL or RCPT is not written as it should be',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddPath'],
  needs: { client: 'any', server: 'any' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    let odd: Turn[] | null = null;
    for (let i = 0; i < session.transactions.length; i++) {
      const { mail, recipients } = session.transactions[i] as (typeof session.transactions)[number];
      if (pathFault(mail) !== null) odd = [...(odd ?? []), mail];
      for (let r = 0; r < recipients.length; r++) {
        const { command } = recipients[r] as (typeof recipients)[number];
        if (pathFault(command) !== null) {
          odd ??= [];
          odd.push(command);
        }
      }
    }
    if (odd === null) return NOTHING;
    const refusal = refusedFor(session, 'path-syntax')[0];
    const first = refusal?.request ?? (odd[0] as Turn);
    return [
      {
        evidence: [
          ...odd.slice(0, SHOWN).map((turn) => turnShows(turn, SAYS[pathFault(turn) as PathFault])),
          ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'refused for it')]),
        ],
        data: {
          fault: pathFault(first) as PathFault,
          verb: first.verb ?? '',
          line: (first.lines[0] ?? '').slice(0, LINE_SHOWN),
          times: odd.length,
          words: refusal === undefined ? null : quote(session, refusal.reply),
        },
        ...(refusal === undefined ? {} : { severity: 'error' as const }),
      },
    ];
  },
  message: ({ fault, verb, line, times, words }) =>
    `${verb} was sent ${SAYS[fault]}: ${line}${times > 1 ? ` (${times} commands in all)` : ''}` +
    `${words === null ? '' : `; the server refuses it: ${words}`}`,
  explanation: `A path stands in angle brackets right behind the colon: MAIL FROM:<a@example.org>, RCPT TO:<b@example.net>, one path in each (RFC 5321 §4.1.1.2, §4.1.1.3). Many servers forgive a space or missing brackets, strict ones answer 501, and what several addresses in one command become differs from server to server.

It is certain: it is read off the command. An error where the command was refused for its form, a notice where the server took it.`,
  falseAlarms: [
    'A server that takes the form as it is: a notice, and nothing is lost.',
    'Source routes (<@relay.example:b@example.net>) are old, allowed and not raised.',
  ],
  causes: () => [
    'Devices and scripts that put the address in without brackets (printers, scanners, alarm systems, PLCs).',
    'A person who types commands into telnet.',
    'An address that came with a display name or as a list from a form, and went into the command unparsed.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Write MAIL FROM:<address> and one RCPT TO:<address> for each recipient; take the bare address out of “Name <address>” first.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'strict_rfc821_envelopes (no by default) is what makes Postfix refuse such forms.',
      commands: ['postconf strict_rfc821_envelopes', 'postconf -e "strict_rfc821_envelopes = no" && postfix reload'],
    },
    {
      applies: 'Exim as server',
      text: 'strip_excess_angle_brackets and strip_trailing_dot forgive some forms more.',
      commands: ['exim -bP strip_excess_angle_brackets strip_trailing_dot'],
    },
  ],
  references: [rfc(5321, '4.1.1.2'), rfc(5321, '4.1.1.3'), postconf('strict_rfc821_envelopes')],
});
