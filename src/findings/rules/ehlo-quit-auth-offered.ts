import { type EarlyLeave, harmlessWords, leavingWords, leftAfterEhlo, mechanismWords } from '../ehlo-quit.ts';
import {
  EXIM_CLIENT_LOGIN,
  MSMTP_CLIENT_LOGIN,
  POSTFIX_CHECK_CLIENT_SASL,
  POSTFIX_PLAINTEXT_IN_CLEAR,
  POSTFIX_PLAINTEXT_INSIDE_TLS,
  SASL_PACKAGES,
  SENDMAIL_CLIENT_LOGIN,
} from '../remedies.ts';
import { defineRule, NOTHING, postconf, postfixGuide, type Remedy, rfc } from '../rule.ts';
import { groups } from '../words.ts';

const MICROSOFT: ReadonlySet<string> = new Set(['NTLM', 'GSSAPI', 'GSS-SPNEGO']);
const TOKENS: ReadonlySet<string> = new Set(['XOAUTH2', 'OAUTHBEARER']);
const READABLE: ReadonlySet<string> = new Set(['PLAIN', 'LOGIN']);

const CAUSE = {
  plugins:
    'The client’s SASL library lacks the mechanisms on offer: their packages are not installed, or not where the client ' +
    'looks (a chroot). Postfix then logs “SASL authentication failure: No worthy mechs found” and defers with “no ' +
    'mechanism available” (dsn 4.7.0).',
  policy:
    'The client’s policy forbids the only mechanisms on offer: PLAIN and LOGIN send a readable password, and Postfix’s ' +
    'default smtp_sasl_security_options = noplaintext, noanonymous refuses both without TLS. Its log is the same as for ' +
    'missing mechanisms: “no mechanism available”.',
  policyAndPlugins:
    'Both together: the challenge mechanisms on offer are missing in the client, and its policy (Postfix: noplaintext) ' +
    'forbids PLAIN and LOGIN, which it has.',
  tlsOff:
    'STARTTLS is on offer and the client does not use it, while its policy (Postfix: noplaintext, the default; msmtp: ' +
    'auth on) forbids PLAIN and LOGIN without TLS. Turning TLS on in the client is then the whole cure.',
  filter:
    'A mechanism filter leaves nothing: smtp_sasl_mechanism_filter of Postfix, often written with plugin names (crammd5) ' +
    'where mechanism names (CRAM-MD5) are meant. Its log: “offered no supported AUTH mechanisms”.',
  microsoft:
    'Only Windows mechanisms are on offer (NTLM, GSSAPI), and the client has none of them, or no Kerberos ticket. The ' +
    'server has to offer one that the client can do, or the client needs that plugin.',
  tokens:
    'Only OAuth mechanisms are on offer (XOAUTH2, OAUTHBEARER), and the client has a password where a token is wanted.',
  noMechanism:
    'The server offers AUTH and names no mechanism: its SASL set-up is broken, and every client must give up.',
  tlsMissing:
    'The client requires TLS and the server did not offer STARTTLS here. Postfix logs “TLS is required, but was not ' +
    'offered by host” (dsn 4.7.4).',
  map:
    'The client cannot read its password map (its .db or .lmdb file is missing, or a proxy: map may not be read). Postfix ' +
    'then logs “local data error while talking to” (dsn 4.3.0), not “no mechanism available”.',
  feature:
    'The message needs something that is not on offer: SMTPUTF8 for a non-ASCII address, or REQUIRETLS. Postfix looks at ' +
    'these before it logs in.',
  size:
    'The message is larger than the SIZE on offer, and the client has no login for this server, so that AUTH did not ' +
    'matter to it. Postfix logs “message size … exceeds size limit”.',
  loop:
    'A loop: the server greets the client with the client’s own name, so the mail would come back to its sender. Postfix ' +
    'logs “host … greeted me with my own hostname” and leaves. Look at MX, relayhost, transport_maps and NAT before AUTH.',
  probe: 'A probe: a monitor, a scanner or a person looked at what is on offer and wanted no more.',
} as const;

/** The hypotheses, likeliest first, by what the server offered (the mechanisms tell most). */
function ranked(leave: EarlyLeave): string[] {
  const { mechanisms } = leave;
  const only = (set: ReadonlySet<string>) => mechanisms.every((mechanism) => set.has(mechanism));
  const order: string[] = [];
  if (leave.harmless !== null) order.push(CAUSE.probe);
  if (leave.loop) order.push(CAUSE.loop);
  if (leave.sizeLimit > 0 && leave.largestMessage > leave.sizeLimit) order.push(CAUSE.size);
  if (mechanisms.length === 0) order.push(CAUSE.noMechanism);
  else if (only(MICROSOFT)) order.push(CAUSE.microsoft, CAUSE.plugins, CAUSE.filter);
  else if (only(TOKENS)) order.push(CAUSE.tokens, CAUSE.plugins, CAUSE.filter);
  else if (!only(READABLE)) order.push(CAUSE.plugins, CAUSE.filter, CAUSE.policyAndPlugins);
  else if (leave.startTlsOffered) order.push(CAUSE.tlsOff, CAUSE.plugins, CAUSE.filter);
  else order.push(CAUSE.plugins, CAUSE.policy, CAUSE.filter);
  if (!leave.startTlsOffered) order.push(CAUSE.tlsMissing);
  order.push(CAUSE.map, CAUSE.feature);
  if (leave.sizeLimit > 0) order.push(CAUSE.size);
  order.push(CAUSE.probe);
  return [...new Set(order)];
}

const SERVER_OFFERS_MORE: Remedy = {
  applies: 'the server’s side',
  text: 'Offer a mechanism that every client has: PLAIN and LOGIN, inside TLS.',
  commands: [],
};

/** The one that most likely helps first; the rest stays, since the cause is not on the wire. */
function cures(leave: EarlyLeave | null): Remedy[] {
  const others = [POSTFIX_CHECK_CLIENT_SASL, EXIM_CLIENT_LOGIN, SENDMAIL_CLIENT_LOGIN, MSMTP_CLIENT_LOGIN];
  if (leave === null) return [...SASL_PACKAGES, POSTFIX_PLAINTEXT_INSIDE_TLS, POSTFIX_PLAINTEXT_IN_CLEAR, ...others];
  const { mechanisms } = leave;
  const readableOnly = mechanisms.length > 0 && mechanisms.every((mechanism) => READABLE.has(mechanism));
  if (mechanisms.every((mechanism) => MICROSOFT.has(mechanism) || TOKENS.has(mechanism))) {
    return [SERVER_OFFERS_MORE, ...others];
  }
  if (readableOnly && leave.startTlsOffered) return [POSTFIX_PLAINTEXT_INSIDE_TLS, ...SASL_PACKAGES, ...others];
  if (readableOnly) return [...SASL_PACKAGES, POSTFIX_PLAINTEXT_IN_CLEAR, ...others];
  return [...SASL_PACKAGES, ...(leave.startTlsOffered ? [POSTFIX_PLAINTEXT_INSIDE_TLS] : []), ...others];
}

export default defineRule<EarlyLeave>({
  id: 'ehlo-quit-auth-offered',
  title: 'The client left right after EHLO, though AUTH was on offer',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authOffered'],
  needs: { client: 'withhold', server: 'lower', start: 'lower' },
  explains: ['aborted', 'idle', 'incomplete'],
  detect(session, history) {
    if (session.transactions.length > 0 || session.authentication.length > 0) return NOTHING;
    const leave = leftAfterEhlo(session, history);
    if (leave === null || !leave.authOffered) return NOTHING;
    return [
      {
        evidence: leave.evidence,
        data: leave,
        ...(leave.harmless === null ? {} : { severity: 'notice' }),
        // With no mechanism on offer no client can log in.
        ...(leave.mechanisms.length === 0 ? { actor: 'server' } : {}),
      },
    ];
  },
  message: (leave) =>
    `After EHLO the client was offered ${mechanismWords(leave.mechanisms)} and ${leavingWords(leave)}, without a try to log in or to ` +
    `send mail${
      leave.sizeLimit > 0 && leave.largestMessage > leave.sizeLimit
        ? `; it has sent messages of ${groups(leave.largestMessage)} octets elsewhere, and the SIZE limit here is ${groups(leave.sizeLimit)}`
        : ''
    }${harmlessWords(leave)}`,
  explanation: `The server did everything right: it greeted, answered EHLO and offered logins. Nobody refused anything. The client read the offer, found nothing in it that it can or may use, and left. Its mail stays in its queue, and it comes back with the same result at every retry.

The decision is made inside the client, so its log tells the cause and the wire does not. What is on the wire ranks the causes: a challenge mechanism among those offered (CRAM-MD5, DIGEST-MD5, SCRAM) speaks against a mere “no passwords in clear” policy and for missing mechanisms; PLAIN and LOGIN alone fit both.

That the client left in this way is certain when the capture shows the connection’s start and all of the client’s bytes. Why it left is not: causes are ranked, never certain. A pause of milliseconds is a program’s decision; seconds are a person’s.

The log line of a connection that the server dropped before its greeting is another failure, although both may stand in one log for one relay.`,
  falseAlarms: [
    'A scanner or monitor that gives its name in EHLO: a notice.',
    'QUIT sent together with EHLO, before the reply could be read, as some monitors do: not raised.',
    'A person with telnet or openssl s_client, seen by pauses of seconds: a notice.',
    'A client that logged in on another connection at the same time: a notice.',
    'Bytes of the client missing from the capture between EHLO and QUIT: not raised.',
    'The server closed first, or said 421: another finding.',
  ],
  causes: (leave) => (leave === null ? Object.values(CAUSE) : ranked(leave)),
  remedies: cures,
  references: [
    rfc(4954, '3'),
    rfc(4954, '4'),
    postfixGuide('SASL_README'),
    postconf('smtp_sasl_security_options'),
    postconf('smtp_sasl_mechanism_filter'),
  ],
});
