import { otherRefusals } from '../other-refusals.ts';
import { knownCause, knownRemedy } from '../refusal-meanings.ts';
import { butNotAll, type Refused, whatWasRefused } from '../refused.ts';
import { defineRule, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'rejected-other',
  title: 'The server refused for good, in its own words',
  severity: 'error',
  confidence: 'certain',
  actor: null,
  triggers: [],
  refusals: ['other'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect: (session) => otherRefusals(session, 5),
  message: (data) => `The server refused ${whatWasRefused(data)}: ${data.words}${butNotAll(data)}`,
  explanation: `A 5xx reply is final: trying the same again gives the same answer. The client returns the mail to its sender with the server’s words in it. The words are the best source there is; the enhanced status code, where there is one, says what kind of reason it is: 5.1.x an address, 5.2.x a mailbox, 5.3.x the server, 5.4.x the network or routing, 5.5.x the protocol, 5.6.x the content, 5.7.x policy or security (RFC 3463).

The refusal is certain. When it cost only some of the recipients, or a later try in the same session succeeded, it is a notice.`,
  falseAlarms: ['Address checks that ask for a recipient and leave: the refusal is the answer they wanted.'],
  causes: (data) => [
    ...(data === null ? [] : knownCause(data.words)),
    ...(data === null || data.verb === 'RCPT'
      ? ['The recipient does not exist there, or may not be written to from outside.']
      : []),
    ...(data === null || data.verb === 'MAIL'
      ? ['The sender’s address is not accepted: its domain, its owner or its form.']
      : []),
    ...(data === null || data.verb === 'message' || data.verb === 'BDAT'
      ? ['The content is not accepted: a spam or virus filter, the size, a signature or header that is missing.']
      : []),
    'A policy of the server about the client: its address, its name, its reputation.',
  ],
  remedies: (data) => [
    ...(data === null ? [] : knownRemedy(data.words)),
    {
      applies: 'the sender',
      text: 'Read the server’s words and the enhanced status code; a web address in them leads to the explanation.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'Find the same reply in the log, with the queue id and the time.',
      commands: ['grep "status=bounced" /var/log/mail.log | tail -n 20'],
    },
    {
      applies: 'Postfix as server',
      text: 'Find which restriction refused, by the client’s address and the second.',
      commands: ['grep "reject:" /var/log/mail.log | tail -n 20', 'postconf -n | grep restrictions'],
    },
  ],
  references: [rfc(5321, '4.2.1'), rfc(3463)],
});
