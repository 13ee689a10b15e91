import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

interface Data extends Refused {
  /** The words name DMARC; else the code or other words speak of mail that is not authenticated. */
  readonly named: boolean;
}

export default defineRule<Data>({
  id: 'dmarc',
  title: 'The server refuses the mail because it is not authenticated (DMARC)',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['dmarc'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'dmarc', (refused, { reply }) => ({ ...refused, named: /DMARC/i.test(reply.text) })),
  message: (data) =>
    `The server refuses the mail${forNow(data)} because ${
      data.named
        ? 'the domain in From is not backed by SPF or DKIM, and its DMARC policy matters here'
        : 'neither SPF nor DKIM speaks for the domain in From'
    }: ${data.words}${butNotAll(data)}`,
  explanation: `DMARC asks that the domain in the From field, the one people see, passes SPF or DKIM under its own name. The domain’s record at _dmarc says what is to be done with mail that does not: p=reject asks for a refusal. Large providers now refuse unauthenticated mail even without such a record.

That the words name DMARC is certain. 5.7.26 alone says that several checks of the sender failed (RFC 7372), which is likely to be the same.`,
  falseAlarms: [
    'Mail through a mailing list or a forwarder fails although it is genuine: the list must rewrite From or keep the signature whole.',
    'A forged From: then the refusal is as it should be.',
  ],
  causes: () => [
    'The mail is sent for a domain by a server or service that neither its SPF record nor a DKIM key of it covers.',
    'SPF and DKIM pass, for another domain than the one in From: the service’s own bounce domain and signature.',
    'A forwarder or mailing list broke the signature and is not in the SPF record.',
    'The domain has p=reject although not all of its mail is signed yet.',
  ],
  remedies: () => [
    {
      applies: 'the owner of the domain in From',
      text: 'Read the three records; sign with DKIM under this very domain (d=), which also outlives forwarding.',
      commands: [
        'host -t TXT _dmarc.example.net',
        'host -t TXT example.net | grep spf1',
        'host -t TXT mail._domainkey.example.net',
      ],
    },
    {
      applies: 'the owner of the domain, while it is being set up',
      text: 'p=none with a rua address collects reports and asks nobody to refuse.',
      commands: [],
    },
    {
      applies: 'Postfix on Debian and Ubuntu',
      text: 'Sign outgoing mail with OpenDKIM or Rspamd.',
      commands: ['apt-get install opendkim opendkim-tools', 'postconf smtpd_milters non_smtpd_milters'],
    },
    {
      applies: 'a mailing list (Mailman 3)',
      text: 'In the list’s settings: DMARC mitigation action “Replace From: with list address”.',
      commands: [],
    },
  ],
  references: [rfc(7489), rfc(7372, '3.4')],
});
