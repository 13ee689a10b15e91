import type { Session } from '../../smtp/session.ts';
import { packetShows, turnShows } from '../evidence.ts';
import { CAPTURE_WHOLE } from '../remedies.ts';
import { defineRule, type Evidence, NOTHING } from '../rule.ts';
import { count, list } from '../words.ts';

interface Data {
  /** Bytes that were on the wire and are not in the capture, those cut by the snapshot length not counted. */
  readonly client: number;
  readonly server: number;
}

export default defineRule<Data>({
  id: 'gap',
  title: 'Bytes of the dialogue were not captured',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  triggers: ['gap'],
  needs: { client: 'any', server: 'any' },
  explains: ['incomplete'],
  detect(session) {
    const data: Data = { client: lost(session, 'client'), server: lost(session, 'server') };
    return data.client + data.server === 0 ? NOTHING : [{ evidence: evidenceOf(session, data), data }];
  },
  message: ({ client, server }) =>
    `${list([
      ...(client === 0 ? [] : [`${count(client, 'byte')} of the client’s side`]),
      ...(server === 0 ? [] : [`${count(server, 'byte')} of the server’s side`]),
    ])} were on the wire and were not captured`,
  explanation: `The other side acknowledged these bytes, or later bytes imply them, so they were sent and received; only the capture lacks them. Each hole stands in the transcript as a line of its own, nothing is glued across it, and the dialogue is taken up again at the next plausible line.

Whatever leans on bytes beyond a hole is less sure, and says so, or is withheld.`,
  falseAlarms: ['None for the hole itself; it says nothing about the mail, which may have arrived in perfect order.'],
  causes: () => [
    'The capturing machine was too slow or its buffer too small, and packets were dropped (the end of tcpdump’s output counts them).',
    'The mirror port or tap lost packets, or some of them took another path.',
  ],
  remedies: () => [
    CAPTURE_WHOLE,
    {
      applies: 'busy links',
      text: 'Let dumpcap write to a file with a large buffer, and analyse afterwards.',
      commands: ['dumpcap -q -i eth0 -s 262144 -B 64 -f "tcp port 25 or tcp port 587" -w mail.pcapng'],
    },
  ],
  references: [{ title: 'tcpdump(1)', url: 'https://www.tcpdump.org/manpages/tcpdump.1.html' }],
});

/** A side of which nothing at all was captured has its own finding. */
function lost(session: Session, direction: 'client' | 'server'): number {
  const half = session.transport[direction];
  return half.bytes === 0 && half.missingBytes > 0 && session.transport[other(direction)].bytes > 0
    ? 0
    : Math.max(0, half.missingBytes - half.truncatedBytes);
}

function other(direction: 'client' | 'server'): 'client' | 'server' {
  return direction === 'client' ? 'server' : 'client';
}

function evidenceOf(session: Session, data: Data): Evidence[] {
  const gaps = session.turns.filter((turn) => turn.kind === 'gap' && data[turn.from] > 0);
  if (gaps.length > 0) return gaps.slice(0, 5).map((turn) => turnShows(turn, `${count(turn.bytes, 'byte')} missing`));
  return [
    packetShows(session.frames.first, data.client > 0 ? 'client' : 'server', 'bytes of this connection are missing'),
  ];
}
