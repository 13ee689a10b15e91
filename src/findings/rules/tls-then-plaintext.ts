import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { type ClearText, knownVerb, tlsScene } from '../tls-scene.ts';
import { quote } from '../words.ts';

interface Data {
  readonly from: ClearText['from'];
  readonly where: ClearText['where'];
  readonly decrypted: boolean;
  readonly words: string;
}

const CAUSE = {
  inspection:
    'A device that takes TLS off (an inspecting firewall, a load balancer, a mail gateway) wrote this capture, or forwards what it ' +
    'decrypted with the STARTTLS in front.',
  terminator: 'A proxy beside the server ends TLS there, and the capture was made between the two.',
  serverFails:
    'The server agreed and could not begin: it reports its failure in clear (421, 454, 554), or a proxy in front had agreed in its name.',
  clientIgnores:
    'The client ignores that it had asked for TLS: a script or a library that sends STARTTLS and goes on as before.',
  stripped:
    'Something on the path answers 220 to STARTTLS in the server’s name and does no TLS: an attack, or a mail shield.',
  closed: 'One side ended TLS (close_notify) and went on in clear, which SMTP does not provide for.',
} as const;

export default defineRule<Data>({
  id: 'tls-then-plaintext',
  title: 'SMTP in clear where TLS had been agreed to',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  triggers: ['tls'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['aborted', 'incomplete', 'idle'],
  explainsFrom: 'warning',
  detect(session) {
    const scene = tlsScene(session);
    if (scene === null || scene.clear === null) return NOTHING;
    const { turns, from, where, decrypted } = scene.clear;
    const first = turns.find((turn) => turn.from === (from === 'server' ? 'server' : 'client'));
    if (first === undefined) return NOTHING;
    const { reply } = scene.encryption;
    return [
      {
        evidence: [
          ...(reply === null ? [] : [turnShows(reply, 'agrees to TLS')]),
          turnShows(first, where === 'inside' ? 'text in place of a record' : 'in clear all the same'),
        ],
        data: { from, where, decrypted, words: first.kind === 'reply' ? quote(session, first) : knownVerb(first) },
        ...(decrypted ? { severity: 'notice' } : {}),
        ...(where === 'answer' ? { actor: 'server' } : decrypted ? { actor: 'network' } : {}),
      },
    ];
  },
  message({ from, where, decrypted, words }) {
    if (decrypted && where === 'instead') {
      return 'STARTTLS was agreed to, and all that follows is in clear: something decrypted it before this capture';
    }
    if (decrypted) return 'TLS began, and then both sides went on in clear: something decrypted it before this capture';
    if (where === 'answer') return `The server agreed to TLS and answered the client’s TLS hello in clear: ${words}`;
    if (where === 'inside') return `The ${from} went on in clear after TLS had begun`;
    return `STARTTLS was agreed to, and the ${from === 'both' ? 'client' : from} went on in clear${words === '' ? '' : ` with ${words}`}`;
  },
  explanation: `The server said 220 to STARTTLS, or TLS had begun; from then on every byte belongs to TLS. Here SMTP follows in clear. When all of it is in clear, both ways and in good order, the traffic was decrypted before it was captured: by an inspecting firewall, a proxy, or a tool that writes decrypted captures. Then it is a notice, and the dialogue is read on as if nothing were.

When only one side does so, the two misunderstand each other, or somebody on the path answered the STARTTLS himself: a warning. What was sent then went over the wire readable, though the sender believed it protected.

The text stands in the capture, so it is certain.`,
  falseAlarms: [
    'Commands that were on their way before the 220 arrived are starttls-command-injection.',
    'A capture that a TLS inspecting device made: a notice.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.decrypted) return [CAUSE.inspection, CAUSE.terminator];
    if (data.where === 'answer') return [CAUSE.serverFails, CAUSE.stripped];
    if (data.where === 'inside') return [CAUSE.closed, CAUSE.inspection];
    return [CAUSE.clientIgnores, CAUSE.inspection, CAUSE.stripped];
  },
  remedies: () => [
    {
      applies: 'the capture',
      text: 'Capture on the other side of the device, or at the client itself, to see what really went over the network.',
      commands: ['tcpdump -i eth0 -s 0 -w client.pcap "tcp port 25 or tcp port 587"'],
    },
    {
      applies: 'Postfix as server',
      text: 'The log says why TLS could not begin after the 220.',
      commands: ['grep -E "SSL_accept error|TLS library problem|cannot load" /var/log/mail.log | tail -n 20'],
    },
    {
      applies: 'a TLS inspecting firewall or mail shield',
      text: 'Except this connection from inspection; mail servers have filters of their own.',
      commands: [],
    },
    {
      applies: 'the author of a client',
      text: 'After 220 begin TLS at once, and give up the connection when that fails: RFC 3207 knows no way back to clear text.',
      commands: [],
    },
  ],
  references: [rfc(3207, '4'), rfc(3207, '6')],
});
