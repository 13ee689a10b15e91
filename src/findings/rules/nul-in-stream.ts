import { MARK } from '../../bytes/kernel/message-scan.ts';
import { turnShows } from '../evidence.ts';
import { isChunked, isMailDialogue } from '../known-commands.ts';
import { oddLines } from '../odd-lines.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly lines: number;
  readonly messages: number;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'nul-in-stream',
  title: 'NUL among the octets',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddLine', 'oddMessage'],
  needs: { client: 'lower', server: 'any' },
  explains: [],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const { nul } = oddLines(session);
    const marked = session.transactions.flatMap(({ message }) =>
      message !== null && (message.marks & MARK.nul) !== 0 && !isChunked(session, message) ? [message] : [],
    );
    if (nul.length + marked.length === 0) return NOTHING;
    const carriers = marked.flatMap(({ turns }) => turns.slice(0, 1));
    return [
      {
        evidence: [...nul, ...carriers].slice(0, SHOWN).map((turn) => turnShows(turn, 'NUL in it')),
        data: { lines: nul.length, messages: marked.length },
      },
    ];
  },
  message: ({ lines, messages }) =>
    `NUL was sent in ${list([
      ...(lines > 0 ? [count(lines, 'command or reply', 'commands or replies')] : []),
      ...(messages > 0 ? [count(messages, 'message')] : []),
    ])}`,
  explanation: `NUL is no character of text: commands cannot hold it, and a message may not (RFC 5322 §2.2; §4 knows it from old messages only). Programs written in C end their strings there, so what follows is lost or looked at by one program and not by the next; virus filters have been passed by that.

It is certain that the octet was sent.`,
  falseAlarms: [
    'A message sent by BDAT as binary may hold it and is not looked at.',
    'telnet sends CR NUL for the return key.',
  ],
  causes: () => [
    'A text in UTF-16, in which every second octet of plain letters is NUL, put into the message as it is.',
    'A binary file in the message without base64.',
    'A buffer that was sent beyond the end of its text.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Convert texts to UTF-8 and encode whatever is not text in base64.',
      commands: ['iconv -f UTF-16 -t UTF-8 text.txt > text.utf8'],
    },
    {
      applies: 'Postfix',
      text: 'message_strip_characters = \\0 takes NUL out, message_reject_characters = \\0 refuses the mail.',
      commands: ['postconf message_strip_characters message_reject_characters'],
    },
  ],
  references: [rfc(5322, '2.2'), { title: 'RFC 5322 §4', url: 'https://www.rfc-editor.org/rfc/rfc5322#section-4' }],
});
