import { type EarlyLeave, harmlessWords, leavingWords, leftAfterEhlo } from '../ehlo-quit.ts';
import { MSMTP_CLIENT_LOGIN, USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data extends EarlyLeave {
  /** The same client has logged in on another server or port before. */
  readonly logsInElsewhere: boolean;
}

const NO_AUTH_BEFORE_TLS =
  'The server offers AUTH only inside TLS (Postfix: smtpd_tls_auth_only = yes), and the client does not use STARTTLS.';
const AUTH_OFF =
  'AUTH is switched off at the server (Postfix: smtpd_sasl_auth_enable = no, or auth among smtpd_discard_ehlo_keywords), ' +
  'or the client talks to the wrong server or port: mail from servers goes to 25, mail from users to 587 or 465.';
const TLS_MISSING =
  'The client requires TLS and the server did not offer STARTTLS here, or a firewall took it out of the reply. Postfix ' +
  'logs “TLS is required, but was not offered by host” (dsn 4.7.4).';
const FEATURE =
  'The message needs something that is not on offer: SMTPUTF8, REQUIRETLS, or a larger SIZE than the server takes.';
const LOOP =
  'A loop: the server greets the client with the client’s own name. Postfix logs “host … greeted me with my own hostname”.';
const PROBE = 'A probe: a monitor, a scanner or a person looked whether the server answers.';

export default defineRule<Data>({
  id: 'ehlo-quit-no-auth',
  title: 'The client left right after EHLO; AUTH was not on offer',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  triggers: ['noMail'],
  needs: { client: 'withhold', server: 'lower', start: 'lower' },
  explains: ['aborted', 'idle', 'incomplete'],
  detect(session, history) {
    if (session.transactions.length > 0 || session.authentication.length > 0) return NOTHING;
    const leave = leftAfterEhlo(session, history);
    if (leave === null || leave.authOffered) return NOTHING;
    const login = history.lastLogin(session.client.address);
    const logsInElsewhere =
      login !== null && (login.server.address !== session.server.address || login.server.port !== session.server.port);
    const isError = leave.harmless === null && (session.server.port === 587 || logsInElsewhere);
    return [
      {
        evidence: leave.evidence,
        data: { ...leave, logsInElsewhere },
        ...(isError ? { severity: 'error', actor: leave.startTlsOffered ? 'client' : 'server' } : {}),
      },
    ];
  },
  message: (data) =>
    `The client’s EHLO was answered without AUTH on offer${data.startTlsOffered ? ' (STARTTLS was)' : ''}, and the client ` +
    `${leavingWords(data)} without sending mail${
      data.logsInElsewhere ? '; it logs in on another server' : ''
    }${harmlessWords(data)}`,
  explanation: `The client looked at the reply to EHLO and left. Where a login is expected, on port 587 or from a client that logs in elsewhere, the missing AUTH is the likeliest reason: mail does not go out. On port 25 between servers AUTH is not expected, and a client that only looks is usually a monitor; there it is a notice.

That the client left is certain. Why it left is not on the wire.`,
  falseAlarms: [
    'Monitors and scanners that say EHLO and QUIT: a notice.',
    'A person with telnet, seen by pauses of seconds: a notice.',
    'QUIT sent before the reply could be read: not raised.',
  ],
  causes(data) {
    if (data === null) return [NO_AUTH_BEFORE_TLS, AUTH_OFF, TLS_MISSING, FEATURE, LOOP, PROBE];
    const order = data.startTlsOffered ? [NO_AUTH_BEFORE_TLS, AUTH_OFF] : [AUTH_OFF, TLS_MISSING];
    const wanted = data.port === 587 || data.logsInElsewhere;
    const loop = data.loop ? [LOOP] : [];
    if (data.harmless !== null || !wanted) return [...loop, PROBE, ...order, FEATURE];
    return [...loop, ...order, FEATURE, PROBE];
  },
  remedies: () => [
    ...USE_STARTTLS,
    MSMTP_CLIENT_LOGIN,
    {
      applies: 'Postfix as server on port 587',
      text: 'The submission service of master.cf needs SASL and TLS; ask it what it offers, before and after STARTTLS.',
      commands: [
        'postconf -P "submission/inet/smtpd_sasl_auth_enable = yes" "submission/inet/smtpd_tls_security_level = encrypt"',
        'postfix reload',
        'openssl s_client -quiet -starttls smtp -connect localhost:587',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'auth_advertise_hosts must include the client; a usual setting offers AUTH once TLS is there.',
      commands: ['exim -bP auth_advertise_hosts'],
    },
  ],
  references: [rfc(4954, '3'), rfc(3207, '4'), rfc(6409), postconf('smtpd_tls_auth_only')],
});
