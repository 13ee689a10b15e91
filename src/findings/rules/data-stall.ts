import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { openTransfer } from '../transfer.ts';
import { LOGS_OF_BOTH_ENDS } from '../transport-remedies.ts';
import { duration, groups } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly seconds: number;
  readonly chunked: boolean;
  readonly closedBy: 'client' | 'server' | null;
}

const CAUSE = {
  source:
    'The program that makes the message is stuck: a file on a slow disk or share, a database, an upload that went on hold.',
  scanner: 'A virus scanner or mail proxy on the client’s machine holds the message back while it looks at it.',
  end: 'The client believes that it is done: its final dot stands on no line of its own, and both sides wait.',
  chunks: 'The client announced a larger chunk than it sends, or forgot the last one, and both sides wait.',
  asleep: 'The client’s machine was suspended, or lost its network without a word.',
  nothing:
    'Behind DATA the client sends nothing at all: it waits for something else, or failed to open the message it was to send.',
} as const;

export default defineRule<Data>({
  id: 'data-stall',
  title: 'The client fell silent in the middle of a message',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['unended'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted', 'incomplete', 'deferred', 'rejected'],
  detect(session) {
    const transfer = openTransfer(session);
    if (transfer === null || transfer.verdict !== 'stall') return NOTHING;
    const { last, bytes, seconds, chunked, closedBy } = transfer;
    return [
      {
        evidence: [
          turnShows(last, last.from === 'client' ? 'as much of the message as came' : 'the message may come'),
          ...closeShows(session, 'the connection ends'),
        ],
        data: { bytes: last.from === 'client' ? bytes : 0, seconds, chunked, closedBy },
      },
    ];
  },
  message: ({ bytes, seconds, closedBy }) =>
    `${bytes === 0 ? 'The client asked to send a message and sent none of it' : `After ${groups(bytes)} octets of the message the client sent no more`}` +
    ` for ${duration(seconds)}${closedBy === null ? '; it is still silent' : `; then the ${closedBy} ended it`}`,
  explanation: `The server had said that the message may come, all that was sent of it arrived, and its window was open: nothing on the path held the client back. It sent nothing more for three minutes, which is as long as a server has to wait for the next block (RFC 5321 §4.5.3.2.5). Servers then give up with 421 or 451, or just close; Postfix logs “timeout after DATA (… bytes)”.

The silence is certain. What the client waited for is not on the wire; only its own log, or a trace of its process, tells.`,
  falseAlarms: [
    'Segments that get lost on the way, or a server whose receive window is shut, hold a client back too: that is told as such, and not as this.',
    'A message whose line ends are bare LFs and whose end the server therefore does not see: told as eod-never-sent.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.bytes === 0) return [CAUSE.nothing, CAUSE.source, CAUSE.scanner, CAUSE.asleep];
    if (data.chunked) return [CAUSE.chunks, CAUSE.source, CAUSE.scanner, CAUSE.asleep];
    return [CAUSE.source, CAUSE.end, CAUSE.scanner, CAUSE.asleep];
  },
  remedies: () => [
    {
      applies: 'the client’s program',
      text: 'Have the message ready before DATA, and see where it waits.',
      commands: [
        'ss -tnp "( dport = :25 or dport = :587 )"',
        'strace -f -tt -e trace=network,read -p "$(pgrep -o -x smtp)"',
      ],
    },
    {
      applies: 'a virus scanner or mail proxy on the client',
      text: 'Switch its scan of outgoing mail off for a test; if the mail then goes, exempt the mail program.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'How long it waits: smtpd_timeout, 300 s by default and 10 s under stress.',
      commands: ['postconf smtpd_timeout', 'grep "timeout after DATA" /var/log/mail.log | tail -n 20'],
    },
    ...LOGS_OF_BOTH_ENDS.slice(1),
  ],
  references: [rfc(5321, '4.5.3.2.5'), rfc(5321, '4.5.3.2.7'), postconf('smtpd_timeout')],
});
