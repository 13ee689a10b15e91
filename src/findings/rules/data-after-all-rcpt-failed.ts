import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly recipients: number;
  readonly octets: number;
  readonly words: string | null;
}

export default defineRule<Data>({
  id: 'data-after-all-rcpt-failed',
  title: 'A message was sent though every recipient had been refused',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['refusal5xx', 'refusal4xx'],
  needs: { client: 'lower', server: 'lower', absence: true },
  explains: [],
  detect(session) {
    let found: Detection<Data>[] | null = null;
    for (const { recipients, message } of session.transactions) {
      if (message === null || recipients.length === 0 || !recipients.every(({ code }) => (code ?? 0) >= 400)) continue;
      // A lone dot is how a client has to end it (RFC 2920 §3.1).
      const carrier = message.turns[0];
      if (carrier === undefined || message.bytes === 0 || carrier.bytes <= 3) continue;
      const last = recipients.at(-1)?.reply as Turn;
      const reply = message.replies[0];
      found ??= [];
      found.push({
        evidence: [
          turnShows(last, 'the last recipient is refused'),
          turnShows(carrier, 'the message is sent all the same'),
          ...(reply === undefined ? [] : [turnShows(reply, 'its reply')]),
        ],
        data: {
          recipients: recipients.length,
          octets: message.bytes,
          words: reply === undefined ? null : quote(session, reply),
        },
      });
    }
    return found ?? NOTHING;
  },
  message: ({ recipients, octets, words }) =>
    `${recipients === 1 ? 'The only recipient was' : `All ${recipients} recipients were`} refused, the server took DATA all the same, and the client sent ${count(octets, 'octet')} of message` +
    `${words === null ? '' : `: ${words}`}`,
  explanation: `A client that pipelines sends DATA before it knows what became of the recipients. A server may answer 354 even when it refused them all; the client then has to send a lone dot and nothing else (RFC 2920 §3.1). This client sent the message. At best it is thrown away; a server that accepts it delivers a mail to nobody, and the client may count it as delivered.

It is certain: the refusals stand before the message. Why the recipients were refused is told by another finding.`,
  falseAlarms: [
    'A lone dot: that is right, and not raised.',
    'Where a recipient’s reply was not captured nothing is said.',
  ],
  causes: () => [
    'A client or library that looks at the reply to DATA alone: 354 means go on.',
    'A script that sends everything without reading a reply.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Keep the reply of each recipient; with none accepted answer 354 with a lone dot, or send RSET instead of DATA.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'Postfix itself answers such a DATA with 554 no valid recipients; reject_unauth_pipelining stops clients that do not read replies.',
      commands: ['postconf smtpd_data_restrictions'],
    },
  ],
  references: [rfc(2920, '3.1'), rfc(5321, '4.1.1.4'), postconf('smtpd_data_restrictions')],
});
