import { reachOfSession } from '../addresses.ts';
import { offeredBefore } from '../auth-refusals.ts';
import { turnShows } from '../evidence.ts';
import { USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { list } from '../words.ts';

interface Data {
  readonly mechanism: string;
  /** Challenge mechanisms on offer. */
  readonly better: readonly string[];
  /** The client had tried one of them, and was refused. */
  readonly afterRefusal: boolean;
}

/** The password itself does not go over the wire. NTLM and Kerberos need a domain that the client may not have. */
const CHALLENGE = /^(?:CRAM-|DIGEST-|SCRAM-)/;

export default defineRule<Data>({
  id: 'auth-mech-downgrade-choice',
  title: 'The client sent its password readable though a challenge mechanism was on offer',
  severity: 'notice',
  confidence: 'likely',
  actor: 'client',
  triggers: ['credentialsInClear'],
  needs: { client: 'any', server: 'withhold' },
  explains: [],
  detect(session) {
    if (reachOfSession(session) === 'loopback') return NOTHING;
    for (const attempt of session.authentication) {
      const { mechanism, command, exposed } = attempt;
      if (exposed === null || (mechanism !== 'PLAIN' && mechanism !== 'LOGIN')) continue;
      const better = offeredBefore(session, command)?.filter((name) => CHALLENGE.test(name)) ?? [];
      if (better.length === 0) continue;
      const offer = session.offers.findLast(({ reply }) => reply.index < command.index);
      const afterRefusal = session.authentication.some(
        (other) =>
          other.command.index < command.index && other.outcome === 'rejected' && CHALLENGE.test(other.mechanism),
      );
      return [
        {
          evidence: [
            ...(offer === undefined ? [] : [turnShows(offer.reply, `${list(better)} on offer`)]),
            turnShows(exposed, `${mechanism} credentials`),
          ],
          data: { mechanism, better: [...new Set(better)], afterRefusal },
        },
      ];
    }
    return NOTHING;
  },
  message: ({ mechanism, better, afterRefusal }) =>
    `The client used ${mechanism} without TLS though ${list(better, 'or')} would not have shown the password` +
    `${afterRefusal ? '; it had tried a challenge mechanism before and was refused' : ''}`,
  explanation: `On a connection without TLS the password goes over the wire readable with PLAIN and LOGIN, and not with CRAM-MD5, DIGEST-MD5 or SCRAM. Both sides could have done better here. The real answer is TLS, inside which PLAIN is fine; a challenge mechanism in clear still lets a listener guess the password offline, and hides nothing of the mail.

It is likely, not certain, that the client could do one of those on offer: it may lack the plugin, or its user may have fixed the mechanism.`,
  falseAlarms: [
    'A client that knows that the server’s password store cannot verify challenge mechanisms.',
    'Inside TLS PLAIN is the usual choice and nothing is raised.',
  ],
  causes: () => [
    'The mechanism is fixed in the client’s settings, or its order of preference begins with PLAIN or LOGIN.',
    'The client lacks the challenge mechanism: a library that knows PLAIN and LOGIN alone, or a SASL plugin that is not installed.',
    'The challenge mechanism was refused before, and the client fell back.',
  ],
  remedies: () => [
    ...USE_STARTTLS,
    {
      applies: 'Postfix as client',
      text:
        'noplaintext (in the default of smtp_sasl_security_options) forbids PLAIN and LOGIN without TLS; leave it there and ' +
        'allow them inside TLS.',
      commands: [
        'postconf -e "smtp_sasl_security_options = noplaintext, noanonymous" "smtp_sasl_tls_security_options = noanonymous"',
        'postfix reload',
      ],
    },
    {
      applies: 'msmtp',
      text: '`auth on` never takes PLAIN or LOGIN without TLS; `auth plain` and `auth login` do.',
      commands: ['grep -n "^auth" ~/.msmtprc /etc/msmtprc'],
    },
  ],
  references: [rfc(4954, '4'), rfc(4954, '9'), rfc(5802), postconf('smtp_sasl_security_options')],
});
