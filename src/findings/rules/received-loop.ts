import { turnShows } from '../evidence.ts';
import { receivedFields } from '../header-form.ts';
import { isMailDialogue } from '../known-commands.ts';
import { type Detection, defineRule, postconf, rfc } from '../rule.ts';
import { refusedFor } from '../syntax-refusals.ts';
import { quote } from '../words.ts';

interface Data {
  /** Received fields of the message; 0 when it was refused before it was sent. */
  readonly fields: number;
  readonly words: string | null;
}

/** More servers than any mail passes in order. */
const MANY = 25;

export default defineRule<Data>({
  id: 'received-loop',
  title: 'The mail goes in a circle',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['message'],
  refusals: ['other'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered'],
  detect(session) {
    const refused = refusedFor(session, 'received-loop');
    const found: Detection<Data>[] = refused.map(({ request, reply, transaction }) => ({
      evidence: [turnShows(request, 'is refused'), turnShows(reply, 'for being in a loop')],
      data: {
        fields: transaction?.message == null ? 0 : receivedFields(transaction.message),
        words: quote(session, reply),
      },
    }));
    if (!isMailDialogue(session)) return found;
    for (let i = 0; i < session.transactions.length; i++) {
      const transaction = session.transactions[i];
      const message = transaction?.message ?? null;
      const carrier = message?.turns[0];
      if (message === null || carrier === undefined || refused.some((one) => one.transaction === transaction)) continue;
      const fields = receivedFields(message);
      if (fields < MANY) continue;
      found.push({
        evidence: [turnShows(carrier, `${fields} Received fields`)],
        data: { fields, words: null },
        confidence: 'likely',
      });
    }
    return found;
  },
  message: ({ fields, words }) =>
    words === null
      ? `The message has ${fields} Received fields: it seems to go in a circle`
      : `The server refuses the message because it goes in a circle${fields > 0 ? ` (${fields} Received fields)` : ''}: ${words}`,
  explanation: `Each server adds a Received field. A mail that has passed dozens of servers most likely passes the same ones again and again, because two of them hand it to each other. Servers refuse it from a limit on: Exim from 30 fields, Postfix from 50, others from 25 to 100 (RFC 5321 §6.3 asks for 100 at least).

Refused for it (5.4.6, or words such as too many hops) it is certain; 25 fields and more without a refusal make it likely.`,
  falseAlarms: [
    'A mailing list or archive behind many filters, each of which adds one or two fields.',
    'A message that is passed on again by hand with all its old fields.',
  ],
  causes: () => [
    'A server has the domain neither among those that it keeps mailboxes for nor a route for it, and its MX leads back to itself.',
    'Two addresses forward to each other, or an automatic reply meets another one.',
    'A backup exchanger and the main server each believe that the other one has the mailbox.',
    'A filter in the cloud hands the mail to the server, whose outgoing route leads through the filter again.',
  ],
  remedies: () => [
    {
      applies: 'whoever reads the header',
      text: 'Read the Received fields from the bottom: the names that repeat are the circle.',
      commands: ['grep -A 2 "^Received:" message.eml'],
    },
    {
      applies: 'Postfix',
      text: 'The domain has to stand in exactly one of the lists of domains; relay_domains needs a transport to the next server. hopcount_limit is the limit (50).',
      commands: [
        'postconf mydestination virtual_mailbox_domains virtual_alias_domains relay_domains transport_maps hopcount_limit',
        'postmap -q example.net $(postconf -h transport_maps)',
      ],
    },
    {
      applies: 'Exim',
      text: 'Ask for the route; received_headers_max is the limit (30).',
      commands: ['exim -bt user@example.net', 'exim -bP received_headers_max'],
    },
    {
      applies: 'DNS',
      text: 'See where the MX of the domain leads.',
      commands: ['dig +short MX example.net'],
    },
  ],
  references: [rfc(5321, '6.3'), rfc(3463, '3.5'), postconf('hopcount_limit')],
});
