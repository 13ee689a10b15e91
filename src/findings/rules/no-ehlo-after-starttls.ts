import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly words: string;
}

const HELLO: ReadonlySet<string> = new Set(['EHLO', 'HELO', 'LHLO']);

export default defineRule<Data>({
  id: 'no-ehlo-after-starttls',
  title: 'The client did not say EHLO again after STARTTLS',
  severity: 'error',
  confidence: 'certain',
  actor: 'developer',
  triggers: ['startTlsCommand'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['rejected', 'aborted', 'authentication-failed', 'deferred'],
  detect(session) {
    const { encryption, turns } = session;
    if (encryption === null || !encryption.decrypted || encryption.reply === null) return NOTHING;
    const agreed = encryption.reply;
    if (agreed.code !== 220) return NOTHING;
    const first = turns.find((turn) => turn.index > agreed.index && turn.from === 'client' && turn.kind === 'command');
    if (first === undefined || first.verb === null || HELLO.has(first.verb) || first.verb === 'QUIT') return NOTHING;
    // Sent before the 220 arrived: that is an injection, or a client that does not wait, and another rule’s.
    if (first.acked >= 0 && first.acked < agreed.offset + agreed.bytes) return NOTHING;
    const reply = replyTo(session, first);
    if (reply === null || reply.code < 400) return NOTHING;
    return [
      {
        evidence: [
          turnShows(agreed, 'TLS is agreed to'),
          turnShows(first, 'the first command after it'),
          turnShows(reply, 'is refused'),
        ],
        data: { verb: first.verb, words: quote(session, reply) },
      },
    ];
  },
  message: ({ verb, words }) =>
    `After STARTTLS the client’s first command was ${verb}, not EHLO, and the server refused it: ${words}`,
  explanation: `TLS begins the session anew: the server forgets the EHLO that came before it, and the client must forget what was offered (RFC 3207 §4.2). So the first command inside TLS has to be EHLO. This client went straight on, and the server refused.

It can be seen only because the session is readable behind STARTTLS: a device on the path decrypts it, or TLS never began. It is certain.`,
  falseAlarms: ['A session that stays encrypted: nothing can be seen, and nothing is raised.'],
  causes: () => [
    'The SMTP library of the client, or a script of one’s own, does not repeat EHLO after STARTTLS.',
    'The library does it only when it is told to (Python’s smtplib and many others do it by themselves, raw sockets do not).',
  ],
  remedies: () => [
    {
      applies: 'the program',
      text: 'After the TLS handshake say EHLO again, and take the offer of AUTH, SIZE and PIPELINING from that reply.',
      commands: [],
    },
    {
      applies: 'anyone, to see the right order',
      text: 'swaks shows each command inside TLS with a tilde before the arrow.',
      commands: ['swaks --server mail.example.net:587 --tls --quit-after EHLO'],
    },
  ],
  references: [rfc(3207, '4.2'), rfc(5321, '4.1.4')],
});
