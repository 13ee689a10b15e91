import { turnShows } from '../evidence.ts';
import { impatient } from '../impatience.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { shiftedReply } from '../shifted-replies.ts';

interface Data {
  readonly verb: string;
  readonly code: number;
  readonly owner: string;
}

export default defineRule<Data>({
  id: 'command-without-reply',
  title: 'A command was never answered, and the session went on',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['disorder'],
  needs: { client: 'withhold', server: 'withhold', start: 'withhold' },
  explains: ['aborted'],
  detect(session) {
    const shift = shiftedReply(session);
    if (shift === null) return NOTHING;
    const { command, reply, owner } = shift;
    // It was answered, by a line without its code: enhanced-as-code tells of it.
    if (
      session.turns.some(({ kind, from, index }) => kind === 'unparsed' && from === 'server' && index > command.index)
    )
      return NOTHING;
    // In a group that was allowed it is the server’s PIPELINING that is broken.
    if (impatient(session).offered.some(({ before, next }) => before === command || next === command)) return NOTHING;
    return [
      {
        evidence: [
          turnShows(command, 'never answered'),
          turnShows(owner, 'the command that the next reply belongs to'),
          turnShows(reply, 'the reply'),
        ],
        data: { verb: command.verb ?? '', code: reply.code, owner: owner.verb ?? '' },
      },
    ];
  },
  message: ({ verb, code, owner }) =>
    `${/^[A-Z-]{1,16}$/.test(verb) ? verb : 'A line of the client'} was never answered: the next reply, ${code}, belongs to the ${owner} behind it`,
  explanation: `The server answered the later command and not the earlier one. Replies carry no number: a client that counts them takes this reply for the answer to the wrong command, and is one behind for the rest of the session.

It is certain: the reply has a code that fits one kind of command only (354 DATA, 221 QUIT, 334 and 235 AUTH), that command had been received when it was sent, and all bytes of both sides were captured.`,
  falseAlarms: [
    'QUIT without a reply: many servers just close, and nothing is lost.',
    'A command that lies right before the end of the session: its reply may still have been on its way.',
    'Commands of a group, where PIPELINING is on offer, are told by pipelining-server-broken.',
  ],
  causes: () => [
    'A proxy or filter on the path swallows commands that it does not know.',
    'The server waited for something behind it (a filter, a look-up), gave up, and forgot the command.',
    'A server that throws away what waits in its buffer after an error.',
  ],
  remedies: () => [
    {
      applies: 'the server’s side',
      text: 'Send the command alone, directly and through whatever stands between, and compare.',
      commands: ['swaks --server mail.example.net --quit-after RCPT --to user@example.net'],
    },
    {
      applies: 'Postfix as server',
      text: 'A filter before the queue and milters are the usual places.',
      commands: ['postconf smtpd_proxy_filter smtpd_milters milter_command_timeout'],
    },
  ],
  references: [rfc(5321, '4.2'), rfc(5321, '4.3.1')],
});
