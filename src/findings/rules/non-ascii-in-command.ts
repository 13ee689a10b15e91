import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { shownWord } from '../known-commands.ts';
import { oddLines } from '../odd-lines.ts';
import { refusalsAs } from '../refusals.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly commands: number;
  readonly replies: number;
  /** Of the first command. */
  readonly verb: string;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'non-ascii-in-command',
  title: 'Octets beyond ASCII in commands or replies',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddLine'],
  needs: { client: 'lower', server: 'lower' },
  explains: [],
  detect(session) {
    const { high } = oddLines(session);
    if (high.length === 0) return NOTHING;
    const isTold = refusalsAs(session, 'smtputf8').length > 0;
    const odd = high.filter((turn) => !(isTold && isOfPath(turn)) && !isAgreed(session, turn));
    if (odd.length === 0) return NOTHING;
    const commands = odd.filter(({ from }) => from === 'client');
    const first = commands[0];
    return [
      {
        evidence: odd.slice(0, SHOWN).map((turn) => turnShows(turn, 'octets above 127')),
        data: {
          commands: commands.length,
          replies: odd.length - commands.length,
          verb: first === undefined ? '' : shownWord(first),
        },
        ...(first === undefined ? { actor: 'server' as const } : {}),
      },
    ];
  },
  message: ({ commands, replies, verb }) =>
    `Octets above 127 in ${list([
      ...(commands > 0 ? [`${count(commands, 'command')} (${verb})`] : []),
      ...(replies > 0 ? [count(replies, 'reply', 'replies')] : []),
    ])}, without SMTPUTF8`,
  explanation: `Commands and replies are ASCII (RFC 5321 §2.4). With SMTPUTF8 in MAIL the paths of that mail and the replies to it may be UTF-8 (RFC 6531); nothing else may. Such octets are read differently by each program: in a path they lead to a mailbox that does not exist, in a reply to letters that nobody can read in the log.

It is certain that they were sent.`,
  falseAlarms: [
    'A path that needs SMTPUTF8 and was refused for it is told by smtputf8-missing.',
    'Bytes of telnet at the start of a session: not raised.',
  ],
  causes: () => [
    'A host name or account name with an umlaut or other letter beyond ASCII, taken over from the system into EHLO.',
    'An address beyond ASCII, sent without asking for SMTPUTF8.',
    'Reply texts of the server in the local language, in Latin-1 or UTF-8.',
    'Bytes of another protocol.',
  ],
  remedies: () => [
    {
      applies: 'the client’s name',
      text: 'Give the machine an ASCII name, or set the name in the program that sends.',
      commands: ['hostname -f', 'postconf myhostname smtp_helo_name'],
    },
    {
      applies: 'the server',
      text: 'Write reply texts (banner, access tables, reject footers) in ASCII.',
      commands: ['grep -rnP "[^\\x00-\\x7F]" /etc/postfix /etc/exim4 2>/dev/null | head'],
    },
  ],
  references: [rfc(5321, '2.4'), rfc(6531, '3.7.4.2')],
});

function isOfPath({ verb }: Turn): boolean {
  return verb === 'MAIL' || verb === 'RCPT';
}

/** A path or a reply inside a transaction whose MAIL asked for SMTPUTF8; the offer itself is not in question here. */
function isAgreed(session: Session, turn: Turn): boolean {
  const mail = session.turns.findLast(({ verb, index }) => verb === 'MAIL' && index <= turn.index);
  if (mail === undefined) return /\sSMTPUTF8(?=\s|$)/i.test(turn.argument ?? '');
  return (turn.from === 'server' || isOfPath(turn)) && /\sSMTPUTF8(?=\s|$)/i.test(mail.argument ?? '');
}
