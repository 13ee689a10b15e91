import { defineRule, postconf, rfc } from '../rule.ts';
import { refusedStartTls, type StartTlsRefusal, startTlsRefusalWords } from '../starttls-refusal.ts';
import { SERVER_CERTIFICATE } from '../tls-remedies.ts';

const CAUSE = {
  key:
    'The server’s certificate or key cannot be used: the file is missing, unreadable for the mail server, expired from disk by a ' +
    'failed renewal, or the key does not fit the certificate. Postfix says “TLS not available due to local problem”.',
  engine: 'The server’s TLS could not start: a wrong cipher or protocol setting, or a library of the wrong version.',
  load: 'The server has no room for it at the moment: too many TLS sessions, no random numbers, no memory.',
  policy:
    'The server does not do TLS with this client, by its address (Exim: tls_advertise_hosts; Sendmail: Srv_Features).',
} as const;

export default defineRule<StartTlsRefusal>({
  id: 'starttls-454',
  title: 'The server could not start TLS just now',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['startTlsCommand'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'aborted', 'incomplete', 'idle'],
  detect: (session) => refusedStartTls(session, 4),
  message: startTlsRefusalWords,
  explanation: `The client asked for TLS and the server answered with a temporary refusal, 454 as a rule: it offers STARTTLS, yet something of its own is not in order. The standard lets the client choose: it may go on in clear, which is what opportunistic clients do, or wait, which is what those do that require TLS. Their mail then stays in the queue until the server is mended.

The reply stands in the capture, so the refusal is certain; what is wrong inside the server stands in the server’s log. Where the mail was delivered all the same it is a notice.`,
  falseAlarms: [
    'A server that answers 454 for seconds while it reloads its certificate.',
    'A second STARTTLS inside of TLS is refused with reason.',
  ],
  causes: (data) =>
    data !== null && /load|busy|many|later/i.test(data.words)
      ? [CAUSE.load, CAUSE.key, CAUSE.engine, CAUSE.policy]
      : [CAUSE.key, CAUSE.engine, CAUSE.load, CAUSE.policy],
  remedies: () => [
    ...SERVER_CERTIFICATE,
    {
      applies: 'Postfix as client, until the server is mended',
      text:
        'Mail to that one destination may go in clear if you decide so: an entry with “may” or “none” in smtp_tls_policy_maps. ' +
        'With “may” Postfix goes on in clear by itself.',
      commands: ['postconf smtp_tls_security_level smtp_tls_policy_maps'],
    },
  ],
  references: [rfc(3207, '4'), postconf('smtpd_tls_chain_files'), postconf('smtp_tls_policy_maps')],
});
