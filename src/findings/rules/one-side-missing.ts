import { packetShows } from '../evidence.ts';
import { CAPTURE_WHOLE } from '../remedies.ts';
import { defineRule } from '../rule.ts';
import { count } from '../words.ts';

interface Data {
  readonly missing: 'client' | 'server';
  /** Bytes of the missing side that the other acknowledged; 0 when unknown. */
  readonly bytes: number;
}

export default defineRule<Data>({
  id: 'one-side-missing',
  title: 'Only one direction of the connection was captured',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  triggers: ['oneSided'],
  needs: { client: 'any', server: 'any' },
  explains: ['incomplete'],
  detect(session) {
    const { client, server } = session.transport;
    const missing = server.bytes < client.bytes ? 'server' : 'client';
    const half = session.transport[missing];
    const seen = missing === 'server' ? 'client' : 'server';
    return [
      {
        evidence: [packetShows(session.frames.first, seen, `only the ${seen}’s packets follow`)],
        data: { missing, bytes: Math.max(half.missingBytes, half.ackedBytes, 0) },
      },
    ];
  },
  message: ({ missing, bytes }) =>
    `Nothing that the ${missing} said was captured${bytes === 0 ? '' : `, though ${count(bytes, 'byte')} of it were acknowledged`}`,
  explanation: `The capture holds payload of one side alone, while that side acknowledges data of the other: it was sent, and did not pass the place of the capture or its filter. A dialogue with one voice cannot be judged: nothing is said about what was answered.`,
  falseAlarms: ['A tap or mirror port that carries one direction on purpose: read both files in one run.'],
  causes: () => [
    'A capture filter with a direction, such as `dst port 25`: it lets the answers out.',
    'Asymmetric routing: the answers take another way, or another interface.',
    'A mirror port or tap that carries one direction only.',
  ],
  remedies: () => [CAPTURE_WHOLE],
  references: [{ title: 'pcap-filter(7)', url: 'https://www.tcpdump.org/manpages/pcap-filter.7.html' }],
});
