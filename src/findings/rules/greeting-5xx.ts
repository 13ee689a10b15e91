import { type GreetingRefusal, greetingCauses, greetingRemedies, refusedGreeting } from '../greeting-refusal.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

export default defineRule<GreetingRefusal>({
  id: 'greeting-5xx',
  title: 'The server refused the client in its greeting',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['greetingRefused'],
  needs: { client: 'any', server: 'lower' },
  explains: ['rejected', 'aborted', 'no-greeting'],
  detect: (session) => refusedGreeting(session, 5),
  message: ({ words }) => `The server’s first words refuse the client: ${words}`,
  explanation: `Instead of 220 the server’s first reply was a 5xx: no service for this client, and no use in trying again. 554 is a refusal of this client, 521 means that the host takes no mail at all (RFC 7504). All the client may do then is to say QUIT. Postfix takes it for a passing failure (smtp_skip_5xx_greeting) and tries the next mail exchanger.

The refusal is certain; the reason is taken from the server’s own words, which are a hint.`,
  falseAlarms: ['A host that deliberately takes no mail, with another mail exchanger beside it: the mail goes there.'],
  causes: greetingCauses,
  remedies: greetingRemedies,
  references: [rfc(5321, '3.1'), rfc(7504), postconf('smtp_skip_5xx_greeting')],
});
