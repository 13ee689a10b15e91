import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { MEND_REPUTATION, REPUTATION_CAUSE, SPEAKS_OF_REPUTATION } from '../refusal-remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, maskSecrets } from '../words.ts';

interface Data {
  readonly line: string;
  readonly times: number;
  /** The verb of the command that was open; null when none was. */
  readonly verb: string | null;
  /** It was all that the server answered, and the mail was not sent: what was lost, by the first digit. */
  readonly cost: 'refused' | 'put off' | null;
}

const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}(?:[ -]|$)/;

export default defineRule<Data>({
  id: 'enhanced-as-code',
  title: 'The server sends an enhanced status code where the reply code belongs',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['unparsed', 'refusal5xx', 'refusal4xx'],
  needs: { client: 'any', server: 'lower' },
  explains: ['aborted'],
  detect(session) {
    let found: Turn[] | null = null;
    for (const turn of session.turns) {
      if (turn.from !== 'server' || !isOdd(turn)) continue;
      found ??= [];
      found.push(turn);
    }
    if (found === null) return NOTHING;
    const first = found[0] as Turn;
    const before = session.turns.findLast((turn) => turn.from === 'client' && turn.index < first.index);
    const line = first.lines.find((one) => ENHANCED.test(one)) ?? '';
    const cost = !isLastWord(session, first)
      ? null
      : line.startsWith('5')
        ? 'refused'
        : line.startsWith('4')
          ? 'put off'
          : null;
    return [
      {
        evidence: found.slice(0, 5).map((turn) => turnShows(turn, 'has no reply code')),
        data: {
          line: maskSecrets(session, line.slice(0, 200)),
          times: found.length,
          verb: before?.verb ?? null,
          cost,
        },
        ...(cost === null ? {} : { severity: cost === 'refused' ? 'error' : 'warning' }),
      },
    ];
  },
  message: ({ line, times, verb, cost }) =>
    `The server’s reply${verb === null ? '' : ` to ${verb}`} has a line without a reply code` +
    `${times > 1 ? ` (${count(times, 'time')})` : ''}: ${line}` +
    (cost === null ? '' : `; the mail was not sent: by its words it is ${cost}`),
  explanation: `Every line of a reply begins with the three digits of its code (RFC 5321 §4.2); an enhanced status code such as 4.7.0 may only follow them. A line that begins with the enhanced code itself is no reply: strict clients take it for a broken server and hang up, others wait until they give up, and some take its first digits for the code.

The line is certain; a notice, unless it was the server’s last word and the mail was not sent: then it weighs as the refusal that it was meant to be. It comes from the server, or from a filter that writes replies for it.`,
  falseAlarms: [
    'A line of another protocol that happens to begin with a version number; it is only looked for behind EHLO or MAIL.',
  ],
  causes: (data) => [
    ...(data !== null && SPEAKS_OF_REPUTATION.test(data.line) ? [REPUTATION_CAUSE] : []),
    'A reply text is set in an access map, milter or policy service without its reply code.',
    'A program that speaks SMTP by itself builds its replies wrongly.',
    'A proxy takes the first line of a reply away.',
  ],
  remedies: (data) => [
    ...(data !== null && SPEAKS_OF_REPUTATION.test(data.line) ? MEND_REPUTATION : []),
    {
      applies: 'Postfix as server',
      text: 'In access maps and policy replies write the code first: 450 4.7.0 text.',
      commands: [
        'grep -rnE "[[:space:]][245]\\.[0-9]+\\.[0-9]+ " /etc/postfix/*access*',
        'postconf -n | grep check_policy_service',
      ],
    },
    {
      applies: 'a milter of one’s own',
      text: 'smfi_setreply takes the reply code, the enhanced code and the text as three arguments.',
      commands: [],
    },
  ],
  references: [rfc(5321, '4.2'), rfc(2034, '4')],
});

/** A line that is no reply, or one inside a refusal of several lines. */
function isOdd(turn: Turn): boolean {
  if (turn.kind === 'unparsed') return ENHANCED.test(turn.lines[0] ?? '');
  // Other replies are not taken apart for it: every session has a long one to EHLO.
  return turn.kind === 'reply' && turn.code >= 400 && turn.lines.some((line) => ENHANCED.test(line));
}

/** Nothing that is a reply came behind it, and no mail went out. */
function isLastWord({ turns, outcome }: Session, line: Turn): boolean {
  if (line.kind !== 'unparsed' || (outcome !== 'aborted' && outcome !== 'incomplete')) return false;
  return !turns.some(({ kind, index, code }) => kind === 'reply' && index > line.index && code !== 221);
}
