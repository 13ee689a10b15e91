import { FIND_IN_LOG } from '../refusal-remedies.ts';
import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

interface Data extends Refused {
  readonly from: string | null;
  readonly client: string;
}

/** RFC 7208 §2.6.7, in the words of pyspf, Mail::SPF and others. */
const BROKEN =
  /\bpermerror\b|\bpermanent error\b|\btoo many (?:\w+ )?lookups\b|\bmultiple SPF records\b|\btwo or more type TXT spf records\b/i;

function reasonOf({ from, client, words }: Data): string {
  const sender = from === null || from === '' ? null : from;
  if (BROKEN.test(words)) return `the SPF record ${sender === null ? '' : `of ${sender} `}cannot be evaluated`;
  return `SPF does not allow ${client} to send ${sender === null ? 'it' : `for ${sender}`}`;
}

export default defineRule<Data>({
  id: 'spf',
  title: 'The server refuses the mail because of SPF',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['spf'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'spf', (refused, { transaction }) => ({
      ...refused,
      from: transaction?.from ?? null,
      client: session.client.address,
    })),
  message: (data) =>
    `The server refuses the mail${forNow(data)} because ${reasonOf(data)}: ${data.words}${butNotAll(data)}`,
  explanation: `The domain of the sender’s address (or, for a bounce, the EHLO name) publishes in an SPF record which addresses may send for it. The server looked it up and found that this client’s address is not among them, or could not evaluate the record.

With 5.7.23 or 4.7.24 (RFC 7372) that is certain; by the server’s words it is likely. The address that counts is the one that the server sees: behind NAT it is another than in the capture.`,
  falseAlarms: [
    'A forwarder that keeps the original sender is never in the record of that sender’s domain: the mail may be genuine.',
    'A forged sender: then the refusal is as it should be.',
  ],
  causes: (data) => [
    ...(data !== null && BROKEN.test(data.words)
      ? [
          'The record cannot be evaluated, and is to be mended: more than ten lookups in it, two SPF records, an include that does not exist.',
        ]
      : []),
    'The record does not name this server: a new address, IPv6 beside IPv4, a new provider or newsletter service.',
    'The mail is forwarded with its sender unchanged.',
    ...(data === null || data.code < 500
      ? [
          'The record cannot be evaluated: two SPF records, more than ten lookups in it, an include that does not exist, slow DNS.',
        ]
      : []),
    'The client sends directly although the domain allows only its relay.',
    ...(data !== null && data.code >= 500 && !BROKEN.test(data.words)
      ? [
          'The record cannot be evaluated: two SPF records, more than ten lookups in it, an include that does not exist.',
        ]
      : []),
  ],
  remedies: () => [
    {
      applies: 'the owner of the sender’s domain',
      text:
        'Add the server to the one TXT record that begins with v=spf1, for example v=spf1 mx ip4:192.0.2.10 ip6:2001:db8::10 -all. ' +
        'At most ten lookups.',
      commands: ['host -t TXT example.net | grep spf1'],
    },
    {
      applies: 'Postfix on Debian 12 and Ubuntu, as forwarder (postsrsd 1; version 2 uses a socketmap instead)',
      text: 'Rewrite the sender of forwarded mail (SRS) with postsrsd.',
      commands: [
        'apt-get install postsrsd',
        'postconf -e "sender_canonical_maps = tcp:localhost:10001" "sender_canonical_classes = envelope_sender"',
        'postconf -e "recipient_canonical_maps = tcp:localhost:10002" "recipient_canonical_classes = envelope_recipient, header_recipient"',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as forwarder',
      text: 'Exim from 4.95 on has SRS built in where it is compiled with SUPPORT_SRS; the router and transport are in its manual.',
      commands: ['exim -bV | grep -i SRS'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(7208), rfc(7372, '3.2')],
});
