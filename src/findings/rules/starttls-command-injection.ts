import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { knownVerb, tlsScene } from '../tls-scene.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly verbs: readonly string[];
  readonly answered: boolean;
  /** In one packet with STARTTLS. */
  readonly samePacket: boolean;
}

const CAUSE = {
  test: 'A test for the flaw: a scanner or an administrator sends harmless commands (RSET, NOOP, VRFY) to see whether they are answered.',
  attack:
    'Somebody on the path adds commands to the client’s stream, for the server to take them for part of the protected session: ' +
    'a mail or a login of the attacker’s own, in the client’s name.',
  client: 'A client that pipelines behind STARTTLS, where RFC 3207 forbids it: a faulty library or script.',
} as const;

export default defineRule<Data>({
  id: 'starttls-command-injection',
  title: 'Commands sent behind STARTTLS, before TLS began',
  severity: 'critical',
  confidence: 'likely',
  actor: null,
  triggers: ['startTlsCommand'],
  needs: { client: 'withhold', server: 'any' },
  explains: [],
  detect(session) {
    const scene = tlsScene(session);
    if (scene === null || scene.smuggled.length === 0) return NOTHING;
    const { smuggled, smuggledAnswers, encryption } = scene;
    const answered = smuggledAnswers.length > 0;
    return [
      {
        evidence: [
          ...(encryption.command === null ? [] : [turnShows(encryption.command, 'asks for TLS')]),
          ...smuggled.slice(0, 4).map((turn) => turnShows(turn, 'in clear behind it')),
          ...smuggledAnswers.slice(0, 2).map((turn) => turnShows(turn, 'the server answers it')),
        ],
        data: {
          bytes: smuggled.reduce((sum, turn) => sum + turn.bytes, 0),
          verbs: [...new Set(smuggled.map(knownVerb).filter((verb) => verb !== ''))].slice(0, 5),
          answered,
          samePacket: smuggled[0]?.frame === encryption.command?.frame,
        },
        ...(answered ? { confidence: 'certain', actor: 'server' } : {}),
      },
    ];
  },
  message: ({ bytes, verbs, answered, samePacket }) =>
    `${count(bytes, 'byte')} of plain text (${verbs.length === 0 ? 'no known command' : list(verbs)}) followed STARTTLS` +
    `${samePacket ? ' in the same packet' : ''}, before TLS began` +
    `${answered ? ', and the server answered them' : '; whether the server took them cannot be seen'}`,
  explanation: `Behind STARTTLS a client has to be silent until the server has answered and TLS is up. Here commands followed in clear. A server must throw away what it had received before TLS; one that keeps it in its buffer runs it as if it had come through TLS (CVE-2011-0411 and its kin, again found in fifteen programs in 2021). Somebody on the path can so put commands of his own into the session of a client that believes it is protected: mail in its name, or its login sent to the attacker.

The bytes stand in the capture. Whether the server ran them is only to be seen when it answers them in clear: then it is certain. Otherwise it is likely an attempt or a test.`,
  falseAlarms: [
    'A client that pipelines by mistake sends the same bytes, without any attacker: the client is then at fault, and the mail is at risk all the same.',
    'EHLO and STARTTLS in one packet, in front of the greeting (Exim’s PIPECONNECT), put nothing behind STARTTLS and are not raised.',
    'Where the client’s bytes are not complete in the capture nothing is said.',
  ],
  causes: (data) =>
    data?.answered === true ? [CAUSE.attack, CAUSE.test, CAUSE.client] : [CAUSE.test, CAUSE.client, CAUSE.attack],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'Mended in 2.8, 2.7.3, 2.6.9, 2.5.12 and 2.4.16 (2011): anything still in use is older than that only by neglect.',
      commands: ['postconf mail_version'],
    },
    {
      applies: 'Exim, Dovecot, Cyrus, qmail with TLS patches, courier and others as server',
      text: 'Update: each of them had the flaw at some time (Dovecot’s submission service until 2.3.14.1, CVE-2021-33515).',
      commands: ['dovecot --version', 'exim -bV | head -n 1'],
    },
    {
      applies: 'everybody',
      text: 'Use TLS from the first byte on port 465 for submission: there is no STARTTLS to be abused (RFC 8314).',
      commands: [],
    },
    {
      applies: 'the author of a client',
      text: 'Send nothing behind STARTTLS until the 220 is there, then begin TLS, then say EHLO again.',
      commands: [],
    },
  ],
  references: [
    rfc(3207, '4.2'),
    rfc(3207, '6'),
    { title: 'CVE-2011-0411', url: 'https://nvd.nist.gov/vuln/detail/CVE-2011-0411' },
    { title: 'CVE-2021-33515', url: 'https://nvd.nist.gov/vuln/detail/CVE-2021-33515' },
    { title: 'Postfix: plaintext command injection', url: 'https://www.postfix.org/CVE-2011-0411.html' },
    { title: 'NO STARTTLS', url: 'https://nostarttls.secvuln.info/' },
  ],
});
