import { type GreetingRefusal, greetingCauses, greetingRemedies, refusedGreeting } from '../greeting-refusal.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

export default defineRule<GreetingRefusal>({
  id: 'greeting-4xx',
  title: 'The server turned the client away for now, in its greeting',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['greetingRefused'],
  needs: { client: 'any', server: 'lower' },
  explains: ['deferred', 'aborted', 'no-greeting'],
  detect: (session) => refusedGreeting(session, 4),
  message: ({ words }) => `The server’s first words turn the client away for now: ${words}`,
  explanation: `Instead of 220 the server’s first reply was a 4xx: not now, come back later. A client keeps its mail, tries the next mail exchanger and returns. A passing limit heals by itself; one that comes at every try does not, and the mail is bounced when its time in the queue is over.

The refusal is certain; the reason is taken from the server’s own words, which are a hint.`,
  falseAlarms: ['A server that is being restarted says 421 for a moment; the next try succeeds.'],
  causes: greetingCauses,
  remedies: greetingRemedies,
  references: [rfc(5321, '3.1'), rfc(5321, '4.2.1'), postconf('smtpd_client_connection_count_limit')],
});
