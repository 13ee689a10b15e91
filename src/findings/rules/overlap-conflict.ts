import { bytesShow } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count } from '../words.ts';

interface Data {
  readonly client: number;
  readonly server: number;
  readonly bytes: number;
}

export default defineRule<Data>({
  id: 'overlap-conflict',
  title: 'The same bytes of a stream were seen twice, and differ',
  severity: 'warning',
  confidence: 'certain',
  actor: 'network',
  triggers: ['conflict'],
  needs: { client: 'any', server: 'any' },
  explains: [],
  detect(session) {
    const { client, server } = session.transport;
    if (client.conflictCount + server.conflictCount === 0) return NOTHING;
    const evidence = (['client', 'server'] as const).flatMap((direction) =>
      session.transport[direction].conflicts
        .slice(0, 5)
        .map(({ frame, offset, length }) =>
          bytesShow(session, direction, frame, offset, length, 'sent again with other bytes'),
        ),
    );
    return [
      {
        evidence,
        data: {
          client: client.conflictCount,
          server: server.conflictCount,
          bytes: [...client.conflicts, ...server.conflicts].reduce((sum, { length }) => sum + length, 0),
        },
      },
    ];
  },
  message: ({ client, server, bytes }) =>
    `${count(client + server, 'range')} of the stream (${count(bytes, 'byte')}) came twice with different content; the first ` +
    `is shown (${[...(client > 0 ? ['the client’s side'] : []), ...(server > 0 ? ['the server’s side'] : [])].join(' and ')})`,
  explanation: `TCP repeats lost bytes unchanged. When the same place of a stream carries two different contents, somebody else wrote one of them, or software is broken. Receivers differ in which copy they keep, so what this program shows (the first) need not be what the other end read. It is a known way to slip past an inspecting device, and a known trace of injected packets.

That the bytes differ is certain; that it was done on purpose is not.`,
  falseAlarms: [
    'Keep-alives, whose one byte is not meant to be read, are not counted.',
    'A damaged packet with a wrong checksum that was repeated correctly: the checksum of both tells.',
    'Two connections with the same ports mixed up in a capture without SYN packets.',
  ],
  causes: () => [
    'A damaged packet that the receiver dropped and the sender repeated.',
    'A device on the path that rewrites the dialogue (a firewall that masks commands, a mail proxy) and is inconsistent.',
    'Injected packets: an attack, or a test of one.',
  ],
  remedies: () => [
    {
      applies: 'Wireshark',
      text: 'Look at both copies: turn checksum checks on, and compare TTL and IP identification of the two packets.',
      commands: [
        'tshark -r mail.pcap -o tcp.check_checksum:TRUE -Y "tcp.analysis.retransmission || tcp.checksum.status == 0"',
      ],
    },
    {
      applies: 'the network',
      text: 'Capture at both ends: bytes that differ between the two captures were changed on the way.',
      commands: [],
    },
  ],
  references: [rfc(9293, '3.10.7')],
});
