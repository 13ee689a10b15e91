import { FIND_IN_LOG } from '../refusal-remedies.ts';
import { forNow, type Refused, refusedAs } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'bounce-null-sender-rejected',
  title: 'The server refuses bounces',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: [],
  refusals: ['null-sender'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) => refusedAs(session, 'null-sender').map((detection) => ({ ...detection, severity: 'warning' })),
  message: (data) =>
    `The server refuses mail with an empty sender, a bounce or receipt,${forNow(data)} at ${data.verb}` +
    `${data.verb === 'RCPT' && data.path !== null ? ` (to ${data.path})` : ''}: ${data.words}`,
  explanation: `Bounces, delivery reports and receipts travel with an empty sender (MAIL FROM:<>), so that they cannot cause bounces of their own. Every server must take them (RFC 5321 §4.5.5, §6.1). One that refuses them hides from its users that their mail did not arrive; and servers that verify senders by asking (callouts) refuse mail from there.

The refusal is certain. A server may refuse bounces to an address that never sends mail, or bounces that lack its own mark (BATV); then it is meant to be so.`,
  falseAlarms: [
    'Backscatter: bounces of spam with a forged sender. A server that knows them apart (BATV, PRVS) is right to refuse those.',
    'A recipient that does not exist is refused as such (user-unknown), with whatever sender.',
  ],
  causes: () => [
    'The server’s owner refuses empty senders to keep backscatter out.',
    'A check of the sender’s address or login does not know the empty sender: it asks for a domain, an owner or a valid form.',
    'The client’s bounces go back to a forged sender, and the server knows that it never sent that mail.',
    'The relay takes mail for a fee or a login only from known senders.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'Let <> through the access maps of senders: no entry in check_sender_access may refuse smtpd_null_access_lookup_key (<>).',
      commands: [
        'postconf smtpd_null_access_lookup_key smtpd_sender_restrictions smtpd_recipient_restrictions',
        'postmap -q "<>" "$(postconf -h default_database_type):/etc/postfix/sender_access"',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'Conditions on senders in the ACLs must leave the empty one out: senders = !: before the rest.',
      commands: ['exim -bP acl_smtp_mail acl_smtp_rcpt', 'exim -bhc 192.0.2.10'],
    },
    {
      applies: 'the client’s side',
      text: 'Refuse bad mail during the dialogue instead of accepting and bouncing it: then there are no bounces to forged senders.',
      commands: ['postconf -e "smtpd_reject_unlisted_recipient = yes"'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(5321, '4.5.5'), rfc(5321, '6.1'), rfc(3464)],
});
