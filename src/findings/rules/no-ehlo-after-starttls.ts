import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { missingHello } from '../second-hello.ts';
import { quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly words: string;
}

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
    const found = missingHello(session);
    if (found === null) return NOTHING;
    const { agreed, command, refusal } = found;
    return [
      {
        evidence: [
          turnShows(agreed, 'TLS is agreed to'),
          turnShows(command, 'the first command after it'),
          turnShows(refusal, 'is refused'),
        ],
        data: { verb: command.verb ?? '', words: quote(session, refusal) },
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
    'The library leaves it to the program, and the program does not know.',
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
