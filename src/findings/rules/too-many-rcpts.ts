import { type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';
import { count } from '../words.ts';

interface Data extends Refused {
  /** Recipients of that mail which were accepted before. */
  readonly accepted: number;
}

export default defineRule<Data>({
  id: 'too-many-rcpts',
  title: 'The mail has more recipients than the server takes at a time',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['recipients'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  detect: (session) =>
    refusedWith(session, 'recipients', (refused, { request, transaction }) => ({
      ...refused,
      accepted:
        transaction?.recipients.filter(
          ({ command, code }) => command.index < request.index && code !== null && code < 300,
        ).length ?? 0,
    })).map((detection) => ({ ...detection, severity: 'notice' })),
  message: ({ accepted, times, words }) =>
    `The server takes no more than ${count(accepted, 'recipient')} of this mail at a time and puts off ${times === 1 ? 'one' : `${times} of them`}: ${words}`,
  explanation: `A server may limit the recipients of one mail, to no fewer than 100 (RFC 5321 §4.5.3.1.8). The client sends the mail to those that were accepted and the rest in another transaction; every mail server does so by itself. A program that hands over mail once and gives up loses the rest.

The refusal is certain. Some servers limit recipients to one at a time by design, so that each can have its own filter.`,
  falseAlarms: ['A client that goes on with the rest in the next transaction: nothing is lost.'],
  causes: () => [
    'The mail has more recipients than the server’s limit, or than it takes at once for recipients of different domains.',
    'The server takes one recipient a transaction, because each has its own filter.',
    'The limit of the server is set too low.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'Send fewer recipients a transaction (default 50).',
      commands: ['postconf -e "smtp_destination_recipient_limit = 20"', 'postfix reload'],
    },
    {
      applies: 'Exim as client',
      text: 'max_rcpt of the smtp transport.',
      commands: ['exim -bP transports | grep max_rcpt'],
    },
    {
      applies: 'a program that sends by itself (nodemailer and other libraries)',
      text: 'Hand the mail to a mail server of one’s own, or send it in groups of at most 100 recipients.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'The limit on recipients of one mail (default 1000).',
      commands: ['postconf smtpd_recipient_limit smtpd_recipient_overshoot_limit'],
    },
    {
      applies: 'Exim as server',
      text: 'recipients_max and recipients_max_reject.',
      commands: ['exim -bP recipients_max recipients_max_reject'],
    },
  ],
  references: [rfc(5321, '4.5.3.1.8'), rfc(5321, '4.5.3.1.10'), postconf('smtpd_recipient_limit')],
});
