import { SET_SENDER } from '../refusal-remedies.ts';
import { butNotAll, type Refused, refusedWith } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

interface Data extends Refused {
  /** It is the sender's domain that takes no mail. */
  readonly ofSender: boolean;
  readonly domain: string | null;
}

export default defineRule<Data>({
  id: 'null-mx',
  title: 'The domain says in DNS that it takes no mail',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['null-mx'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect: (session) =>
    refusedWith(session, 'null-mx', (refused, { transaction, path, reply, verb }) => {
      const ofSender =
        verb === 'MAIL' || reply.enhancedCode?.endsWith('.7.27') === true || /\bsender\b/i.test(reply.text);
      const address = ofSender ? (transaction?.from ?? null) : path;
      return { ...refused, ofSender, domain: address?.includes('@') ? (address.split('@').at(-1) ?? null) : null };
    }).map((detection) => ({ ...detection, severity: detection.data.cost === 'part' ? 'notice' : 'error' })),
  message: (data) =>
    `${data.ofSender ? 'The sender’s domain' : 'The recipient’s domain'}${data.domain === null ? '' : ` ${data.domain}`} ` +
    `takes no mail at all, and the server refuses for it: ${data.words}${butNotAll(data)}`,
  explanation: `A domain with a single MX record that names only a dot says: here is no mail (RFC 7505). No try will ever succeed for a recipient there. A sender at such a domain could never get an answer or a bounce, so servers refuse it as well.

The refusal is certain. A 556 without further words is taken for the same.`,
  falseAlarms: [
    'A domain whose DNS was changed an hour ago: resolvers keep the old record for as long as its TTL says.',
  ],
  causes: (data) =>
    data?.ofSender === true
      ? [
          'The program sends with an address of a domain that is used for web pages only.',
          'The sender’s domain got a null MX by mistake, often by a DNS provider’s default.',
        ]
      : [
          'The address is mistyped: many misspelt and parked domains have a null MX.',
          'The domain takes no mail: it is a subdomain or a web name, and mail belongs to another one.',
          'The null MX is a mistake in DNS.',
        ],
  remedies: (data) => [
    {
      applies: 'anyone, to check the domain',
      text: 'A null MX is printed as “mail is handled by 0 .”.',
      commands: ['host -t MX example.net', 'dig +short MX example.net'],
    },
    {
      applies: 'the owner of the domain',
      text: 'To take mail: remove the record “MX 0 .” and name a mail server.',
      commands: [],
    },
    ...(data === null || data.ofSender ? SET_SENDER : []),
  ],
  references: [rfc(7505), rfc(7504)],
});
