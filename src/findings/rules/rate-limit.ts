import { MEND_REPUTATION, REPUTATION_CAUSE, SEND_SLOWER, SPEAKS_OF_REPUTATION } from '../refusal-remedies.ts';
import { forNow, type Refused, refusedAs, whatWasRefused } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'rate-limit',
  title: 'The server limits how much or how fast it takes mail',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  triggers: [],
  refusals: ['rate-limit'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedAs(session, 'rate-limit').map((detection) => ({ ...detection, severity: 'warning', confidence: 'likely' })),
  message: (data) =>
    `The server refuses ${whatWasRefused(data)}${forNow(data)} because of a limit on rate or number: ${data.words}`,
  explanation: `The server counts connections, messages or recipients, by client or by recipient, and puts off what goes beyond. The mail waits in the client’s queue and is tried again; when the client sends more than the limit lets through day by day, the queue only grows.

That it is a limit is read from the server’s words, so it is likely, not certain: some servers use such words for clients that they do not trust, whatever the rate.`,
  falseAlarms: [
    '“Try again later” alone is no rate limit and is not raised here.',
    'A limit on one mailbox that gets too much mail: others of the same client pass.',
  ],
  causes: (data) => [
    ...(data !== null && speaksOfReputation(data) ? [REPUTATION_CAUSE] : []),
    'The client opens more connections at a time, or sends more mail, than the server takes from it: a newsletter, a burst after an outage.',
    'The client’s address is new to the server, which takes little from strangers at first.',
    ...(data !== null && speaksOfReputation(data) ? [] : [REPUTATION_CAUSE]),
    'One recipient gets too much mail at once, from a monitoring loop for example.',
  ],
  remedies: (data) => [
    ...(data !== null && speaksOfReputation(data) ? MEND_REPUTATION : []),
    ...SEND_SLOWER,
    ...(data === null ? MEND_REPUTATION : []),
    {
      applies: 'Postfix as server',
      text: 'The limits on clients; clients of one’s own network are best excepted.',
      commands: [
        'postconf smtpd_client_connection_count_limit smtpd_client_connection_rate_limit smtpd_client_message_rate_limit smtpd_client_recipient_rate_limit smtpd_client_event_limit_exceptions anvil_rate_time_unit',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'The ratelimit condition in an ACL, smtp_accept_max_per_host and smtp_accept_max_per_connection.',
      commands: ['exim -bP smtp_accept_max_per_host smtp_accept_max_per_connection'],
    },
  ],
  references: [
    rfc(5321, '4.5.4.1'),
    postconf('default_destination_rate_delay'),
    postconf('smtpd_client_message_rate_limit'),
  ],
});

function speaksOfReputation({ words }: Refused): boolean {
  return SPEAKS_OF_REPUTATION.test(words);
}
