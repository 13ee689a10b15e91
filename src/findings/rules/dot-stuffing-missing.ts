import type { Message } from '../../smtp/session.ts';
import { dotLines } from '../dot-lines.ts';
import { turnShows } from '../evidence.ts';
import { isChunked, isMailDialogue } from '../known-commands.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { strayBody } from '../stray-body.ts';
import { count } from '../words.ts';

interface Data {
  readonly sign: 'dot-line' | 'early-end';
  readonly lines: number;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'dot-stuffing-missing',
  title: 'Lines that begin with a dot were sent as they are',
  severity: 'error',
  confidence: 'certain',
  actor: 'developer',
  triggers: ['dotted', 'disorder'],
  needs: { client: 'withhold', server: 'any' },
  explains: [],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    let found: Detection<Data>[] | null = null;
    for (let i = 0; i < session.transactions.length; i++) {
      const message = session.transactions[i]?.message ?? null;
      if (message === null || !mayHaveDots(message)) continue;
      const carrier = message.turns[0];
      if (carrier === undefined || isChunked(session, message)) continue;
      const { single, at } = dotLines(carrier);
      if (single === 0) continue;
      found ??= [];
      found.push({
        evidence: [{ ...turnShows(carrier, 'one dot, and something else'), offset: at, length: 2 }],
        data: { sign: 'dot-line', lines: single },
      });
    }
    const body = strayBody(session);
    if (body !== null && body.because === 'early-end' && !isChunked(session, { turns: [body.behind] })) {
      found ??= [];
      found.push({
        evidence: [
          turnShows(body.behind, 'ended by a line of one dot'),
          ...body.lines.slice(0, SHOWN).map((turn) => turnShows(turn, 'the rest of the message')),
          ...body.answers.slice(0, SHOWN).map((turn) => turnShows(turn, 'answered as a command')),
        ],
        data: { sign: 'early-end', lines: body.lines.length },
        confidence: 'likely',
      });
    }
    return found ?? NOTHING;
  },
  message: ({ sign, lines }) =>
    sign === 'early-end'
      ? `A line of one dot ended the message too early: ${count(lines, 'further line')} up to another lone dot went to the server as commands`
      : `${count(lines, 'line')} of the message ${lines === 1 ? 'begins' : 'begin'} with one dot and something else: the receiver deletes the dot`,
  explanation: `In DATA a client puts a second dot before every line that begins with one, and the receiver takes it away again (RFC 5321 §4.5.2). A correctly sent line never begins with one dot and something other than a dot. Where it does, the receiver deletes a dot of the text: a link, a number or a program loses it, and a DKIM signature breaks. A line of nothing but a dot ends the message there, and the rest is read as commands.

What is seen: lines of the header section, up to the first empty line and in its first 16 KB; there the octets make it certain (a line of two dots proves nothing, since it may be right). And a lone dot that ended the message too early, wherever it stood, by what came after it: lines that the server refused as unknown commands, and another lone dot behind them. That is likely.

What is not seen: lines with a dot behind the first empty line, in the text itself, where nearly all of them stand. Texts of messages are not kept, so such a dot is lost without a finding. That nothing is raised does not show that a client doubles its dots.`,
  falseAlarms: [
    'A hole in the capture before the line: not raised.',
    'Messages sent by BDAT have no dot-stuffing.',
    'A person who types a message into telnet.',
  ],
  causes: () => [
    'A library or script of one’s own that copies the text to the socket without a look at its lines.',
    'Quoted-printable or word wrapping moved a dot to the start of a line, after the dots had been doubled.',
    'The text is written in pieces, and a piece that begins inside a line or ends with CRLF is looked at alone.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'As the very last step before the socket put a dot before each line that begins with a dot, across the borders of the pieces that are written.',
      commands: ['sed -e "s/^\\./../" message.crlf'],
    },
    {
      applies: 'everybody else',
      text: 'Hand the message to a library or program that does it: nodemailer, Python’s smtplib (sendmail and send_message), msmtp, sendmail -i.',
      commands: ['sendmail -i -t < message.eml'],
    },
  ],
  references: [rfc(5321, '4.5.2')],
});

/** Nearly no header section has a line that begins with a dot. */
function mayHaveDots({ turns }: Message): boolean {
  const first = turns[0];
  if (first === undefined || first.end === first.start) return false;
  return first.buffer[first.start] === 46 || first.raw.indexOf('\n.') >= 0;
}
