import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { strayReplies } from '../stray-replies.ts';
import { quote } from '../words.ts';

interface Data {
  readonly number: number;
  readonly words: string;
}

const SHOWN = 4;

export default defineRule<Data>({
  id: 'reply-without-command',
  title: 'A reply that answers nothing',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['disorder'],
  needs: { client: 'withhold', server: 'withhold', start: 'withhold' },
  explains: [],
  detect(session) {
    const stray = strayReplies(session);
    const [first] = stray;
    if (first === undefined) return NOTHING;
    return [
      {
        evidence: stray.slice(0, SHOWN).map((turn) => turnShows(turn, 'nothing had been asked')),
        data: { number: stray.length, words: quote(session, first) },
      },
    ];
  },
  message: ({ number, words }) =>
    number === 1
      ? `A reply came that answers nothing: ${words}`
      : `${number} replies came that answer nothing, the first: ${words}`,
  explanation: `Each command has one reply, and the greeting and the end of a message have one each. Here the server sent more. From the first surplus reply on a client that does not notice takes every reply for the answer to the command before: a refusal may pass for an acceptance and a mail be counted as delivered that was not.

It is certain that no command was waiting: all bytes of both sides were captured. 421 may come at any time (RFC 5321 §3.8) and is not counted.`,
  falseAlarms: [
    'Replies to a message that was smuggled inside another are told by smtp-smuggling.',
    'A server that says why it closes after a long silence: not raised.',
    'A session whose beginning, or any part of it, was not captured: not raised.',
  ],
  causes: () => [
    'A proxy or filter between client and server answers for the server, and then lets the server’s own reply through.',
    'A server that reads a part of a message or of a long line as a command of its own.',
    'A server that answers one command twice: a fault in a plug-in, a milter or a script behind it.',
  ],
  remedies: () => [
    {
      applies: 'the server’s side',
      text: 'Capture on both sides of whatever stands between, and see which of them adds the reply.',
      commands: ['tcpdump -i any -s 0 -w both-sides.pcap "tcp port 25"'],
    },
    {
      applies: 'Postfix as server',
      text: 'Look for a content filter or milter in front of it, and take it out for a test.',
      commands: ['postconf smtpd_proxy_filter smtpd_milters content_filter; postconf -M smtp/inet'],
    },
    {
      applies: 'Cisco ASA and PIX on the path',
      text: 'Their inspection of SMTP rewrites commands and replies: take it out of the policy for a test (no inspect esmtp).',
      commands: [],
    },
  ],
  references: [rfc(5321, '4.2'), rfc(5321, '3.8')],
});
