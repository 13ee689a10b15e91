import { USE_STARTTLS } from '../remedies.ts';
import { defineRule, postconf, rfc } from '../rule.ts';
import { refusedStartTls, type StartTlsRefusal, startTlsRefusalWords } from '../starttls-refusal.ts';
import { SERVER_CERTIFICATE } from '../tls-remedies.ts';

const CAUSE = {
  notOffered:
    'The server has no TLS: STARTTLS was not in its offer, and the client sent it all the same (a setting “always STARTTLS”, or ' +
    'a library that does not look at the offer).',
  noHello: 'The client sent STARTTLS before EHLO, or after HELO, and the server wants EHLO first (503).',
  argument: 'STARTTLS takes no parameter, and the client sent one (501).',
  second: 'TLS was in use already: a second STARTTLS is out of order (503, 554).',
  transaction: 'STARTTLS came inside a mail transaction or after AUTH, where the server does not take it (503).',
  masked:
    'A device on the path inspects SMTP and writes over the command, so that the server sees one that it does not know (500).',
  switchedOff:
    'The server’s offer and its settings differ: TLS is switched off for this client or service, or a proxy in front offers what ' +
    'the server behind does not do.',
} as const;

export default defineRule<StartTlsRefusal>({
  id: 'starttls-5xx',
  title: 'The server refused STARTTLS',
  severity: 'error',
  confidence: 'certain',
  actor: null,
  triggers: ['startTlsCommand'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'aborted', 'incomplete', 'idle'],
  detect(session) {
    return refusedStartTls(session, 5).map((found) => ({
      ...found,
      actor: found.data.offered && !found.data.argument && !found.data.second ? 'server' : 'client',
    }));
  },
  message: (data) => `${startTlsRefusalWords(data)}${data.offered ? '' : ' (STARTTLS was not in its offer)'}`,
  explanation: `The client asked for TLS and the server refused for good: it does not know the command (500, 502), does not take it at this point (503), or found a parameter where none belongs (501). What the client does then depends on its settings: it goes on in clear, or it gives up.

The reply stands in the capture, so the refusal is certain. Where STARTTLS was not in the server’s offer the client had no reason to ask; where it was, the server contradicts itself. Where the mail was delivered all the same it is a notice.`,
  falseAlarms: [
    'A test program that tries STARTTLS on every server: a refusal is the answer that it asked for.',
    'A client that tries STARTTLS once and then sends in clear to a server without TLS: a notice.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.argument) return [CAUSE.argument, CAUSE.masked];
    if (data.second) return [CAUSE.second, CAUSE.transaction];
    if (data.code === 503) return [CAUSE.noHello, CAUSE.transaction, CAUSE.second, CAUSE.notOffered];
    return data.offered
      ? [CAUSE.switchedOff, CAUSE.masked, CAUSE.transaction]
      : [CAUSE.notOffered, CAUSE.masked, CAUSE.noHello];
  },
  remedies: (data) => [
    ...(data?.offered === true
      ? []
      : [
          {
            applies: 'the client’s side',
            text: 'Use another port that has TLS (465 or 587), or TLS only when it is offered; towards a relay of your own, have TLS switched on there.',
            commands: [],
          },
          ...USE_STARTTLS,
        ]),
    ...SERVER_CERTIFICATE,
  ],
  references: [rfc(3207, '4'), postconf('smtpd_tls_security_level'), postconf('smtp_tls_security_level')],
});
