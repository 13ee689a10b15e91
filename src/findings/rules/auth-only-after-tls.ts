import { authBeforeTls } from '../auth-before-tls.ts';
import { turnShows } from '../evidence.ts';
import { MSMTP_CLIENT_LOGIN, USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly mechanism: string;
  readonly words: string;
  /** AUTH stands in the reply to EHLO inside TLS. */
  readonly seenLater: boolean;
}

export default defineRule<Data>({
  id: 'auth-only-after-tls',
  title: 'The client logged in without TLS where AUTH is offered only inside it',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'withhold' },
  explains: ['authentication-failed', 'rejected', 'aborted'],
  detect(session) {
    for (const attempt of session.authentication) {
      const found = authBeforeTls(session, attempt);
      if (found === null || attempt.reply === null) continue;
      const { offer, later } = found;
      return [
        {
          evidence: [
            turnShows(offer.reply, 'STARTTLS is on offer, AUTH is not'),
            turnShows(attempt.command, 'AUTH all the same'),
            turnShows(attempt.reply, 'is refused'),
            ...(later === null ? [] : [turnShows(later.reply, 'inside TLS AUTH is on offer')]),
          ],
          data: { mechanism: attempt.mechanism, words: quote(session, attempt.reply), seenLater: later !== null },
        },
      ];
    }
    return NOTHING;
  },
  message: ({ mechanism, words, seenLater }) =>
    `The client sent AUTH${mechanism === '' ? '' : ` ${mechanism}`} in clear though the server offered only STARTTLS, and was refused: ${words}` +
    `${seenLater ? '; inside TLS the server offers AUTH' : ''}`,
  explanation: `A server that cares for passwords lists AUTH only in its second reply to EHLO, the one inside TLS (RFC 4954 §4 asks for it where passwords go readable). This client went ahead in clear: it has TLS switched off, or did not say EHLO again and used what it believes every server can do. The password has nothing to do with it, and was perhaps sent readable all the same: credentials-in-clear tells.

It is certain: the offer, the AUTH and the refusal stand in the capture.`,
  falseAlarms: [
    'A server that offers AUTH in clear and refuses the login for the password: that is auth-535.',
    'A reply to EHLO of which lines are missing in the capture: not raised.',
  ],
  causes: () => [
    'TLS is off in the client, or only used where it believes to need it (an account set to “no encryption”).',
    'The client sends AUTH without reading what EHLO offered: a device, a script, an old library.',
    'The client is meant for port 465, where TLS comes first, and was set to 587 or 25.',
  ],
  remedies: () => [
    ...USE_STARTTLS,
    MSMTP_CLIENT_LOGIN,
    {
      applies: 'anyone, to see the offer inside TLS',
      text: 'The second reply to EHLO lists AUTH.',
      commands: ['swaks --server mail.example.net:587 --tls --quit-after EHLO'],
    },
  ],
  references: [rfc(4954, '4'), rfc(3207, '4.2'), rfc(8314, '3'), postconf('smtpd_tls_auth_only')],
});
