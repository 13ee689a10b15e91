import { Fact, type Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly code: number;
  readonly enhancedCode: string;
  readonly words: string;
  readonly times: number;
}

export default defineRule<Data>({
  id: 'code-class-mismatch',
  title: 'The reply code and the enhanced status code contradict each other',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['mixedClasses'],
  needs: { client: 'any', server: 'any' },
  explains: [],
  detect(session) {
    const [first, ...rest] = contradictions(session);
    if (first === undefined) return NOTHING;
    return [
      {
        evidence: [first, ...rest.slice(0, 4)].map((reply) => turnShows(reply, 'the codes are of different classes')),
        data: {
          code: first.code,
          enhancedCode: first.enhancedCode ?? '',
          words: quote(session, first),
          times: rest.length + 1,
        },
      },
    ];
  },
  message: ({ code, enhancedCode, words, times }) =>
    `The server says ${code} and ${enhancedCode} in one reply, which contradict each other` +
    `${times > 1 ? ` (${count(times, 'reply', 'replies')})` : ''}: ${words}`,
  explanation: `The first digit of a reply code says whether a command succeeded (2), failed for now (4) or failed for good (5), and an enhanced status code must begin with the same digit (RFC 2034). Here they differ. Clients go by the reply code; bounce processors, which read the enhanced code, come to another result: an address is dropped from a list for a failure that was to pass, or kept though it is gone.

That the codes differ is certain. Which of the two is meant, only the server’s owner knows.`,
  falseAlarms: ['A reply 354 or 334 has no enhanced code of its own and is left out.'],
  causes: () => [
    'A reply text with an enhanced code of its own is set for another reply code: an access map, a policy service, a reject_code setting.',
    'The server passes on the words of another one (address verification) under its own code.',
    'A proxy or filter in between changes one of the two.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'The *_reject_code parameters and the replies in access maps set the reply code; soft_bounce turns every 5xx into 4xx.',
      commands: [
        'postconf -n | grep -E "reject_code|soft_bounce"',
        'grep -rE "[45][0-9][0-9] [245]\\.[0-9]" /etc/postfix/*access*',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'The message modifier of an ACL must begin with the same class in both codes; without a reply code only the enhanced one counts.',
      commands: ['exim -bP acl_smtp_rcpt acl_smtp_data'],
    },
  ],
  references: [rfc(2034, '4'), rfc(3463, '2')],
});

function contradictions(session: Session): readonly Turn[] {
  if ((session.facts & (Fact.refusal4xx | Fact.refusal5xx)) !== 0) return session.turns.filter(contradicts);
  // Without a refusal only what was read already is looked at: replies to recipients and messages.
  let found: Turn[] | null = null;
  for (const { recipients, message } of session.transactions) {
    for (const { code, enhancedCode, reply } of recipients) {
      if (reply !== null && differs(code, enhancedCode)) {
        found ??= [];
        found.push(reply);
      }
    }
    if (message !== null && differs(message.code, message.enhancedCode)) {
      found ??= [];
      found.push(message.replies.at(-1) as Turn);
    }
  }
  return found ?? NOTHING;
}

function contradicts(turn: Turn): boolean {
  return turn.kind === 'reply' && differs(turn.code, turn.enhancedCode);
}

function differs(code: number | null, enhancedCode: string | null): boolean {
  if (code === null || enhancedCode === null) return false;
  const digit = Math.floor(code / 100);
  return digit !== 3 && digit !== enhancedCode.charCodeAt(0) - 48;
}
