import { CHECK_REVERSE_NAME, FIND_IN_LOG } from '../refusal-remedies.ts';
import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

interface Data extends Refused {
  readonly client: string;
  readonly name: string | null;
}

export default defineRule<Data>({
  id: 'rdns',
  title: 'The client’s address has no proper reverse name',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['rdns'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'rdns', (refused) => ({
      ...refused,
      client: session.client.address,
      name: session.hello?.name ?? null,
    })),
  message: (data) =>
    `The server refuses the mail${forNow(data)} because of the reverse name of the client’s address (here ${data.client}): ${data.words}${butNotAll(data)}`,
  explanation: `The server looked for the name of the client’s address (a PTR record), and for the address of that name. Mail servers are expected to have both, and both to agree; addresses without a name, or with a generic one such as 10-2-0-192.dynamic.example, are mostly machines that should not send mail themselves.

With 5.7.25 (RFC 7372) that is certain; by the server’s words it is likely. Only the provider who owns the address can set its name. Over IPv6 the IPv6 address needs one as well.`,
  falseAlarms: ['A 4xx that passes at the next try: the lookup failed for a moment.'],
  causes: () => [
    'The provider has set no name, or a generic one, for the address.',
    'The name does not lead back to the address: the A or AAAA record is missing or points elsewhere.',
    'The client now sends over IPv6, and only its IPv4 address has a name.',
    'The mail left through another address than meant: a second interface, a NAT, a new server.',
    'The server’s own resolver does not work.',
  ],
  remedies: (data) => [
    {
      applies: 'the client’s side',
      text:
        'In the provider’s panel, or by asking it: set the reverse name of the address to the server’s host name' +
        `${data?.name != null && /^[\w-]+(?:\.[\w-]+)+$/.test(data.name) ? ` (it calls itself ${data.name})` : ''}, and give that name the address.`,
      commands: [],
    },
    CHECK_REVERSE_NAME,
    {
      applies: 'Postfix as client',
      text: 'Use one name everywhere; where the IPv6 address cannot get a name, send over IPv4, or from the address that has one.',
      commands: [
        'postconf -e "myhostname = mail.example.net"',
        'postconf -e "smtp_address_preference = ipv4"',
        'postconf smtp_bind_address smtp_bind_address6 inet_protocols',
      ],
    },
    {
      applies: 'Postfix as server',
      text:
        'reject_unknown_client_hostname asks for both directions, reject_unknown_reverse_client_hostname only for a name: the ' +
        'second hits fewer honest servers.',
      commands: ['postconf smtpd_client_restrictions'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(7372, '3.3'), rfc(1912, '2.1'), postconf('reject_unknown_client_hostname')],
});
