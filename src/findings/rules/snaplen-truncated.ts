import { packetShows, turnShows } from '../evidence.ts';
import { CAPTURE_WHOLE } from '../remedies.ts';
import { defineRule, NOTHING } from '../rule.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly client: number;
  readonly server: number;
}

export default defineRule<Data>({
  id: 'snaplen-truncated',
  title: 'Packets were captured shorter than they were',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  triggers: ['truncated'],
  needs: { client: 'any', server: 'any' },
  explains: ['incomplete'],
  detect(session) {
    const { client, server } = session.transport;
    const data: Data = { client: client.truncatedBytes, server: server.truncatedBytes };
    if (data.client + data.server === 0) return NOTHING;
    const gap = session.turns.find((turn) => turn.kind === 'gap' && data[turn.from] > 0);
    const direction = data.client > 0 ? 'client' : 'server';
    return [
      {
        evidence: [
          gap === undefined
            ? packetShows(session.frames.first, direction, 'packets of this connection are cut')
            : turnShows(gap, 'cut by the snapshot length'),
        ],
        data,
      },
    ];
  },
  message: ({ client, server }) =>
    `The capture kept only the beginning of packets: ${list([
      ...(client === 0 ? [] : [`${count(client, 'byte')} of the client’s side`]),
      ...(server === 0 ? [] : [`${count(server, 'byte')} of the server’s side`]),
    ])} were cut off`,
  explanation: `The capture was made with a snapshot length that is smaller than the packets, so the end of long ones is missing: message text first of all, and long lines of commands or replies. What is missing stands in the transcript as a gap. Nothing is wrong with the mail because of it.`,
  falseAlarms: ['A capture that is cut on purpose, to keep message texts out of it: expected.'],
  causes: () => [
    'tcpdump or another tool was told to keep only the first bytes of each packet (-s 68, -s 96), or is so old that it does by default.',
    'The file was shortened afterwards (editcap -s).',
  ],
  remedies: () => [CAPTURE_WHOLE],
  references: [{ title: 'tcpdump(1), option -s', url: 'https://www.tcpdump.org/manpages/tcpdump.1.html' }],
});
