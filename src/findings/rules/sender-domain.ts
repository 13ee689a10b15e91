import { FIND_IN_LOG, SET_SENDER } from '../refusal-remedies.ts';
import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

interface Data extends Refused {
  readonly domain: string | null;
}

export default defineRule<Data>({
  id: 'sender-domain',
  title: 'The server cannot find the sender’s domain in DNS',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['sender-domain'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'sender-domain', (refused, { transaction }) => {
      const from = transaction?.from ?? '';
      return { ...refused, domain: from.includes('@') ? (from.split('@').at(-1) ?? null) : null };
    }),
  message: (data) =>
    `The server refuses the mail${forNow(data)} because it does not find the sender’s domain` +
    `${data.domain === null ? '' : ` ${data.domain}`} in DNS: ${data.words}${butNotAll(data)}`,
  explanation: `Before it takes a mail the server looks up the domain of the sender’s address. One that has neither a mail exchanger nor an address could never get a bounce, so the mail is refused: for good (5.1.8) when DNS says that there is no such domain, for now (4.1.8) when DNS did not answer, or because the server’s owner wants to be careful.

The refusal is certain. Whether the domain exists, a lookup from the server’s side tells.`,
  falseAlarms: [
    'A 4xx that passes at the next try: DNS was slow or out of reach for a moment, on either side.',
    'A spammer’s invented sender: the refusal is as it should be.',
  ],
  causes: () => [
    'The sender’s address has a local name that only the own network knows: root@host.localdomain, user@server.lan.',
    'The domain is mistyped in the program that sends.',
    'The domain has no MX and no address record, or was not renewed.',
    'DNS of the domain does not answer, or DNSSEC of it fails, at least from where the server is.',
    'The server’s resolver is at fault.',
  ],
  remedies: () => [
    {
      applies: 'anyone, to check the domain',
      text: 'One of them must give an answer; +trace shows where it ends.',
      commands: ['host -t MX example.net', 'host -t A example.net', 'dig +trace MX example.net'],
    },
    ...SET_SENDER,
    {
      applies: 'Postfix as server',
      text:
        'reject_unknown_sender_domain asks; it says 450 unless unknown_address_reject_code says otherwise. A resolver on the ' +
        'same machine answers best.',
      commands: ['postconf unknown_address_reject_code smtpd_sender_restrictions', 'grep nameserver /etc/resolv.conf'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(5321, '2.3.5'), rfc(3463, '3.2'), postconf('reject_unknown_sender_domain')],
});
