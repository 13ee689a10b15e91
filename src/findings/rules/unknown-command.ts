import { turnShows } from '../evidence.ts';
import { exploitsIn } from '../exploits.ts';
import { replyTo } from '../in-clear.ts';
import { isMailDialogue, isUnknown, shownWord } from '../known-commands.ts';
import { isBinary } from '../odd-lines.ts';
import { openingOf } from '../opening-words.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { strayBody } from '../stray-body.ts';
import { list, quote } from '../words.ts';

interface Data {
  readonly words: readonly string[];
  readonly times: number;
  readonly reply: string;
  /** A terminal’s correction is in it: backspace or delete. */
  readonly typed: boolean;
}

const SHOWN = 5;

export default defineRule<Data>({
  id: 'unknown-command',
  title: 'The server does not know the command',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['disorder'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'idle', 'aborted'],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const asked = session.turns.filter((turn) => {
      if (!isUnknown(turn)) return false;
      const code = replyTo(session, turn)?.code;
      return code === 500 || code === 502;
    });
    if (asked.length === 0) return NOTHING;
    const opening = openingOf(session);
    // Header lines of a request belong to it.
    if (opening?.kind === 'http') return NOTHING;
    const told = new Set([
      ...(strayBody(session)?.lines ?? []),
      ...exploitsIn(session).map(({ turn }) => turn),
      ...(opening !== null && opening.kind !== 'command' ? [opening.turn] : []),
    ]);
    const unknown = asked.filter((turn) => !told.has(turn));
    const [first] = unknown;
    const reply = first === undefined ? null : replyTo(session, first);
    if (first === undefined || reply === null) return NOTHING;
    return [
      {
        evidence: [
          ...unknown.slice(0, SHOWN).map((turn) => turnShows(turn, 'not known')),
          turnShows(reply, 'the reply to the first'),
        ],
        data: {
          words: [...new Set(unknown.map(shownWord))].slice(0, SHOWN),
          times: unknown.length,
          reply: quote(session, reply),
          typed: unknown.some((turn) => (turn.raw.includes(8) || turn.raw.includes(127)) && !isBinary(turn)),
        },
      },
    ];
  },
  message: ({ words, times, reply, typed }) =>
    `The server does not know ${list(words)}${times > 1 ? ` (${times} times in all)` : ''}: ${reply}` +
    `${typed ? '; there are backspaces in it, so a person typed it' : ''}`,
  explanation: `500 means that the server does not recognise the command, 502 that it does not carry it out (RFC 5321 §4.2.4). The line begins with no word that any standard of SMTP knows. Most servers count such lines and hang up after a few.

It is certain: the line and its reply were seen. The transcript shows the lines as they were sent.`,
  falseAlarms: [
    'A person who tries the server with telnet and mistypes.',
    'Extensions of one vendor’s servers (X-commands) sent to another’s.',
    'Lines of a message behind a refused DATA, HTTP, and patterns of exploits have findings of their own.',
  ],
  causes(data) {
    const person = 'Somebody talks to the server by hand, with telnet or netcat.';
    const others = [
      'A client that is out of step sends something else than a command: a line of a message, of a login, of a header.',
      'Another protocol on this port, or a scanner that tries commands.',
      'Something on the path changes letters of the command (a firewall that writes X over verbs it does not allow).',
    ];
    return data?.typed === true ? [person, ...others] : [...others, person];
  },
  remedies: () => [
    {
      applies: 'the client',
      text: 'Find the program by its port and time, and see what it sends before this line.',
      commands: ['ss -tnp dst 192.0.2.25'],
    },
    {
      applies: 'Postfix as server',
      text: 'Unknown commands count as errors; smtpd_forbidden_commands names words on which it hangs up at once.',
      commands: ['postconf smtpd_forbidden_commands smtpd_soft_error_limit smtpd_hard_error_limit'],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_max_unknown_commands (3) ends the session.',
      commands: ['exim -bP smtp_max_unknown_commands smtp_max_synprot_errors'],
    },
    {
      applies: 'Cisco ASA and PIX on the path',
      text: 'Where the server sees XXXX instead of a verb, inspect esmtp has written it: take it out of the policy.',
      commands: [],
    },
  ],
  references: [rfc(5321, '4.2.4'), rfc(5321, '4.1.1')],
});
