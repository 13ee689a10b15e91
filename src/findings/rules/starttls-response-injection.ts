import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { tlsScene } from '../tls-scene.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly words: string;
  readonly samePacket: boolean;
}

const CAUSE = {
  attack:
    'Somebody on the path adds replies behind the server’s 220, for the client to take them for answers from inside TLS: a false ' +
    '250 to its EHLO, with offers that lead its login astray.',
  test: 'A test server that checks clients for this flaw.',
  proxy: 'A proxy or load balancer in front of the server answers twice, for itself and for the server behind it.',
} as const;

export default defineRule<Data>({
  id: 'starttls-response-injection',
  title: 'Replies sent behind the 220 to STARTTLS, before TLS began',
  severity: 'critical',
  confidence: 'certain',
  actor: null,
  triggers: ['startTlsCommand'],
  needs: { client: 'any', server: 'withhold' },
  explains: [],
  detect(session) {
    const scene = tlsScene(session);
    const first = scene?.injected[0];
    if (scene === null || first === undefined) return NOTHING;
    const { reply } = scene.encryption;
    return [
      {
        evidence: [
          ...(reply === null ? [] : [turnShows(reply, 'agrees to TLS')]),
          ...scene.injected.slice(0, 4).map((turn) => turnShows(turn, 'in clear behind it, asked for by nothing')),
        ],
        data: {
          bytes: scene.injected.reduce((sum, turn) => sum + turn.bytes, 0),
          words: quote(session, first),
          samePacket: first.frame === reply?.frame,
        },
      },
    ];
  },
  message: ({ bytes, words, samePacket }) =>
    `${count(bytes, 'byte')} of plain text followed the server’s 220 to STARTTLS${samePacket ? ' in the same packet' : ''}, ` +
    `before TLS began: ${words}`,
  explanation: `The server’s last words in clear are its 220 to STARTTLS; the next byte belongs to TLS. Here more text followed, which nobody had asked for. A client must throw it away. One that keeps it in its buffer takes it for the answer to its first command inside TLS: an attacker on the path can so give it false answers in a session that looks protected (CVE-2021-38371 in Exim, CVE-2020-14954 in Mutt, and many mail programs in 2021).

The text stands in the capture behind the 220 and answers no command, so it is certain. Who put it there is not to be seen: the server itself, or something on the path in its name.`,
  falseAlarms: [
    'Answers to commands that the client sent behind STARTTLS belong to starttls-command-injection.',
    'A session in which no TLS follows at all is another finding, tls-then-plaintext.',
    'Where the server’s bytes are not complete in the capture nothing is said.',
  ],
  causes: () => [CAUSE.attack, CAUSE.proxy, CAUSE.test],
  remedies: () => [
    {
      applies: 'Exim as client',
      text: 'Update to 4.95 or later (CVE-2021-38371 is in 4.94.2 and before).',
      commands: ['exim -bV | head -n 1'],
    },
    {
      applies: 'mail programs and libraries',
      text: 'Update: what was received before TLS has to be thrown away when TLS begins.',
      commands: [],
    },
    {
      applies: 'everybody',
      text: 'Use TLS from the first byte on port 465 for submission (RFC 8314).',
      commands: [],
    },
    {
      applies: 'the server’s side',
      text: 'Capture at the server itself: if the text is not in what it sends, something on the path adds it.',
      commands: ['tcpdump -i eth0 -s 0 -w server.pcap "tcp port 25 or tcp port 587"'],
    },
  ],
  references: [
    rfc(3207, '4.2'),
    rfc(3207, '6'),
    { title: 'CVE-2021-38371', url: 'https://nvd.nist.gov/vuln/detail/CVE-2021-38371' },
    { title: 'CVE-2020-14954', url: 'https://nvd.nist.gov/vuln/detail/CVE-2020-14954' },
    { title: 'NO STARTTLS', url: 'https://nostarttls.secvuln.info/' },
  ],
});
