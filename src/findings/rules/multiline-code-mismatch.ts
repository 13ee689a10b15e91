import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue } from '../known-commands.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';

interface Data {
  readonly first: number;
  readonly other: string;
  readonly verb: string;
  readonly number: number;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'multiline-code-mismatch',
  title: 'The code changes inside a reply',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['disorder'],
  needs: { client: 'any', server: 'withhold' },
  explains: ['aborted', 'idle'],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const replies = session.turns.filter(
      (turn) => turn.kind === 'reply' && turn !== session.greeting && turn.hasMixedCodes,
    );
    const [reply] = replies;
    if (reply === undefined) return NOTHING;
    const request = session.turns[reply.answers];
    return [
      {
        evidence: replies.slice(0, SHOWN).map((turn) => turnShows(turn, `${turn.firstCode} and ${otherCode(turn)}`)),
        data: {
          first: reply.firstCode,
          other: otherCode(reply) ?? '',
          verb: request === undefined ? '' : request.kind === 'message' ? 'the message' : (request.verb ?? ''),
          number: replies.length,
        },
      },
    ];
  },
  message: ({ first, other, verb, number }) =>
    `A reply${verb === '' ? '' : ` to ${verb}`} begins with ${first}- and goes on with ${other}` +
    `${number > 1 ? `; ${number} replies of this session do so` : ''}`,
  explanation: `A reply of several lines has the same code on each of them, with a hyphen behind it on all lines but the last (RFC 5321 §4.2.1). Here the code changes. Clients read on to the line without a hyphen and then differ: Postfix, Sendmail and Python’s smtplib go by the code of the last line; Exim, msmtp and nodemailer by that of the first. What one takes for a success is a refusal to the other.

It is certain: it is read off the lines. The reply is counted as one, with the code of its last line.`,
  falseAlarms: [
    'A greeting of several lines is told by multi-line-greeting-problem.',
    'Lines that lie behind a hole in the capture: not raised.',
  ],
  causes: () => [
    'Something in the server broke off in the middle of a reply and reported it: a 421 for a timeout or a shutdown inside the list of extensions.',
    'A proxy or filter between client and server mixes its own reply into the server’s.',
    'A home-made server or a macro in a banner or reply text that writes the code by hand.',
  ],
  remedies: () => [
    {
      applies: 'the server',
      text: 'Ask it directly, past proxies and filters, and compare the lines.',
      commands: ['swaks --server mail.example.net --quit-after EHLO'],
    },
    {
      applies: 'Postfix as server',
      text: 'Reply texts of your own, in access tables and smtpd_reject_footer, must not begin with a code on their further lines.',
      commands: ['postconf smtpd_reject_footer smtpd_proxy_filter smtpd_milters'],
    },
  ],
  references: [rfc(5321, '4.2.1')],
});

/** The first code that differs from that of the first line; null when none does. */
function otherCode(reply: Turn): string | null {
  const own = String(reply.firstCode);
  for (const line of reply.lines) {
    if (/^[1-5]\d\d(?:[ -]|$)/.test(line) && !line.startsWith(own)) return line.slice(0, 3);
  }
  return null;
}
