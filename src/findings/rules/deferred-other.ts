import { otherRefusals } from '../other-refusals.ts';
import { knownCause, knownRemedy } from '../refusal-meanings.ts';
import { butNotAll, type Refused, whatWasRefused } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'deferred-other',
  title: 'The server refused for now, in its own words',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  triggers: [],
  refusals: ['other'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) => otherRefusals(session, 4),
  message: (data) => `The server refused ${whatWasRefused(data)} for now: ${data.words}${butNotAll(data)}`,
  explanation: `A 4xx reply means: not now, try again later. The client keeps the mail and comes back, after minutes at first and then less often, for some days. Most of these pass by themselves. One that is given at every try does not, and the mail is returned in the end; then the server’s words say what to change.

The refusal is certain. When it cost only some of the recipients, or a later try in the same session succeeded, it is a notice.`,
  falseAlarms: ['Greylisting refuses every first try on purpose; the next one, some minutes later, is accepted.'],
  causes: (data) => [
    ...(data === null ? [] : knownCause(data.words)),
    'The server puts strangers off at first (greylisting) or limits how much it takes in a time, and does not say so.',
    'The server cannot look something up, or has a trouble of its own: disk, filter, database.',
    ...(data === null || data.verb === 'RCPT' ? ['The mailbox is full or not available at the moment.'] : []),
    ...(data === null || data.verb === 'message' ? ['A filter could not look at the message.'] : []),
  ],
  remedies: (data) => [
    ...(data === null ? [] : knownRemedy(data.words)),
    {
      applies: 'the sender',
      text: 'Wait for the next try; do not send the same mail again by hand. When it repeats for hours, follow the server’s words.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'See what waits and why, and when the next try is due.',
      commands: ['postqueue -p', 'postconf minimal_backoff_time maximal_backoff_time maximal_queue_lifetime'],
    },
    {
      applies: 'Postfix as server',
      text: 'Find which check deferred, by the client’s address and the second.',
      commands: ['grep -E "reject: .* 4[0-9][0-9] " /var/log/mail.log | tail -n 20'],
    },
  ],
  references: [rfc(5321, '4.2.1'), rfc(5321, '4.5.4.1'), rfc(3463), postconf('minimal_backoff_time')],
});
