import type { Turn } from '../../smtp/turn.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { offerFor, sizeDeclared, sizeOffered } from '../offered-size.ts';
import { refusalsAs } from '../refusals.ts';
import { type Detection, defineRule, postconf, rfc } from '../rule.ts';
import { groups, quote } from '../words.ts';

interface Data {
  /** Octets of the message that were sent. */
  readonly sent: number;
  /** Octets; 0 when the server names no limit. */
  readonly offered: number;
  readonly declared: number;
  /** The server's refusal; null when it closed without one. */
  readonly words: string | null;
}

const CAUSE = {
  undeclared:
    'The client did not declare the size in MAIL: a program or library that does not know SIZE, or a server that does not offer it.',
  estimate: 'The declared size was an estimate, and the message grew: base64, CRLF for LF, a footer.',
  behind:
    'The server’s limit is not the one that it offers: a filter or backend behind it, or the recipient’s mailbox, has a lower one.',
} as const;

export default defineRule<Data>({
  id: 'size-mid-data',
  title: 'The message became larger than the server takes',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['unended'],
  refusals: ['size-of-message'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    const found: Detection<Data>[] = [];
    for (const { request, reply, transaction, cost } of refusalsAs(session, 'size-of-message')) {
      found.push({
        evidence: [turnShows(request, 'is refused'), turnShows(reply, 'by this reply')],
        data: {
          sent: transaction?.message?.bytes ?? 0,
          offered: transaction === null ? 0 : sizeOffered(offerFor(session, transaction)),
          declared: transaction === null ? 0 : sizeDeclared(transaction),
          words: quote(session, reply),
        },
        ...(cost === 'part' ? { severity: 'notice' } : {}),
      });
    }
    const { closing } = session.transport;
    if (closing !== 'server-fin' && closing !== 'server-rst') return found;
    const transaction = session.transactions.at(-1);
    const message = transaction?.message ?? null;
    if (transaction === undefined || message === null || message.complete || message.replies.length > 0) return found;
    const offered = sizeOffered(offerFor(session, transaction));
    if (offered === 0 || message.bytes <= offered || message.missing > 0) return found;
    found.push({
      evidence: [
        turnShows(message.turns.at(-1) as Turn, `${groups(message.bytes)} octets so far`),
        ...closeShows(session, 'the server closes'),
      ],
      data: { sent: message.bytes, offered, declared: sizeDeclared(transaction), words: null },
    });
    return found;
  },
  message: ({ sent, offered, declared, words }) =>
    `The server ${words === null ? 'closed the connection' : 'refuses the message'} after ${groups(sent)} octets of it` +
    `${offered === 0 ? '' : `; it takes ${groups(offered)}`}` +
    `${declared === 0 ? ', and the client had declared no size' : `, and the client had declared ${groups(declared)}`}` +
    `${words === null ? '' : `: ${words}`}`,
  explanation: `The message was refused for its size while it was sent or after its end. A client that declares the size in MAIL learns before it sends; one that does not sends all of it in vain, at every try. A server may also close the connection as soon as its limit is passed; a reset then can destroy the reply that explains it, and the client sees only a lost connection.

The refusal is certain; so is a close once more was sent than the server had offered to take.`,
  falseAlarms: [
    '552 is also said of full mailboxes and of content: where the words or the enhanced code say so, it is told as that.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const { sent, offered, declared } = data;
    // What fits the limit on offer is refused by another one.
    if (sent > 0 && sent <= offered) return [CAUSE.behind, ...(declared < sent ? [CAUSE.estimate] : [])];
    return declared === 0 ? [CAUSE.undeclared, CAUSE.behind] : [CAUSE.estimate, CAUSE.behind];
  },
  remedies: () => [
    { applies: 'the sender', text: 'Put large files on a share and send a link.', commands: [] },
    {
      applies: 'the program that sends',
      text: 'Declare SIZE=octets in MAIL when the server offers SIZE, and read the limit in its offer (nodemailer: size in the envelope).',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'One limit everywhere: for messages, for mailboxes and in the filters behind.',
      commands: [
        'postconf message_size_limit mailbox_size_limit virtual_mailbox_limit content_filter smtpd_proxy_filter',
        'postconf -e "message_size_limit = 52428800" && postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'message_size_limit in the main section and in the transports.',
      commands: ['exim -bP message_size_limit; exim -bP transports | grep message_size_limit'],
    },
  ],
  references: [rfc(1870, '6.3'), rfc(5321, '4.5.3.1.9'), postconf('message_size_limit')],
});
