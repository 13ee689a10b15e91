import { butNotAll, forNow, type Refused, refusedAs } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'dkim',
  title: 'The server refuses the mail because of DKIM',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['dkim'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) => refusedAs(session, 'dkim'),
  message: (data) =>
    `The server refuses the mail${forNow(data)} because its DKIM signature is missing or does not hold: ${data.words}${butNotAll(data)}`,
  explanation: `A DKIM signature covers the body and some header fields of a mail, and is checked with a key in DNS of the signing domain. The server found no signature that holds, none that it accepts, or none for the domain in From, and refused.

With 5.7.20, 5.7.21 or 5.7.22 (RFC 7372) that is certain; by the server’s words it is likely. What breaks signatures on the way often shows in the same capture: lines over 998 octets, bare LF, octets over 127 where the server does not offer 8BITMIME.`,
  falseAlarms: ['A mailing list that changes subject or body breaks every signature: the mail may be genuine.'],
  causes: (data) => [
    ...(data?.enhancedCode?.endsWith('.7.20') === true || data === null ? ['The mail is not signed at all.'] : []),
    'The public key is missing in DNS, was cut in the TXT record, or belongs to another selector or a former key.',
    'The mail was changed after it was signed: a footer, a filter, a conversion of 8-bit text, lines cut at 998 octets.',
    ...(data?.enhancedCode?.endsWith('.7.20') === true || data === null ? [] : ['The mail is not signed at all.']),
    'The signature is of another domain than the address in From.',
    'The clock of the signing machine is wrong, or the signature has expired.',
  ],
  remedies: () => [
    {
      applies: 'the sender’s side, to check the key',
      text: 'The selector and domain stand in the signature as s= and d=; the key must be a single TXT record there.',
      commands: ['host -t TXT mail._domainkey.example.net'],
    },
    {
      applies: 'Postfix on Debian and Ubuntu',
      text: 'Sign with OpenDKIM (or Rspamd), as the last thing that touches the mail.',
      commands: [
        'apt-get install opendkim opendkim-tools',
        'opendkim-testkey -d example.net -s mail -vvv',
        'postconf smtpd_milters non_smtpd_milters milter_default_action',
      ],
    },
    {
      applies: 'Postfix on RHEL, Fedora and their kin',
      text: 'OpenDKIM comes from EPEL.',
      commands: ['dnf install opendkim opendkim-tools', 'opendkim-testkey -d example.net -s mail -vvv'],
    },
    {
      applies: 'Exim',
      text: 'dkim_domain, dkim_selector and dkim_private_key of the smtp transport (Debian: the macros DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY).',
      commands: ['exim -bP transports | grep dkim_'],
    },
    {
      applies: 'nodemailer',
      text: 'Set dkim with domainName, keySelector and privateKey in the transport, or sign at the relay.',
      commands: [],
    },
  ],
  references: [rfc(6376), rfc(7372, '3.1')],
});
