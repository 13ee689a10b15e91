import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { strayBody } from '../stray-body.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly lines: number;
  readonly answers: number;
  readonly words: string;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'body-sent-after-refusal',
  title: 'DATA was refused, and the message was sent as commands',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['disorder'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: [],
  detect(session) {
    const body = strayBody(session);
    if (body === null || body.because !== 'refused') return NOTHING;
    const { behind, lines, answers } = body;
    const refusal = replyTo(session, behind);
    if (refusal === null) return NOTHING;
    return [
      {
        evidence: [
          turnShows(refusal, 'DATA is refused'),
          ...lines.slice(0, SHOWN).map((turn) => turnShows(turn, 'a line of the message')),
          ...answers.slice(0, SHOWN).map((turn) => turnShows(turn, 'answered as a command')),
        ],
        data: { lines: lines.length, answers: answers.length, words: quote(session, refusal) },
      },
    ];
  },
  message: ({ lines, answers, words }) =>
    `The server refused DATA (${words}); the client sent ${count(lines, 'line')} of its message all the same, and ${answers} of them ` +
    `${answers === 1 ? 'was' : 'were'} answered as ${answers === 1 ? 'a command' : 'commands'}`,
  explanation: `A message may only follow a 354. Here DATA was refused and the client sent the message as if it had been accepted, so the server reads each line as a command and refuses it. Replies and commands are apart from then on; the client may take one of the replies for an acceptance and count the mail as sent. A line of the text that is a command is carried out.

It is certain: the refusal stands before the lines, and the lines were answered. Why DATA was refused is told by another finding; these replies are not counted as unknown commands.`,
  falseAlarms: ['A lone dot behind a refused DATA: some clients send it to be safe, and it is not raised.'],
  causes: () => [
    'A script or library that does not look at the reply to DATA.',
    'A client that sends DATA and the message in one go.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Send the message only when the reply to DATA is 354; after any other reply send RSET or QUIT and report the refusal.',
      commands: [],
    },
    {
      applies: 'scripts for a shell',
      text: 'Let a program speak SMTP instead of a list of lines: swaks, msmtp or curl wait for each reply.',
      commands: ['swaks --server mail.example.net --from a@example.org --to b@example.net --data message.eml'],
    },
  ],
  references: [rfc(5321, '4.1.1.4'), rfc(5321, '4.3.2')],
});
