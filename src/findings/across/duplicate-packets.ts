/** `duplicate-packets`: packets stand twice in the capture, though they were on the wire once. */
import { defineCrossRule } from '../rule.ts';
import { count, groups } from '../words.ts';
import { type CaptureQuality, crossFinding, type ToldFinding } from './collector.ts';
import type { PacketOddities } from './packet-oddities.ts';

interface Data {
  readonly capture: string;
  readonly duplicates: number;
  readonly segments: number;
}

export const duplicatePackets = defineCrossRule<Data>({
  id: 'duplicate-packets',
  title: 'Packets stand twice in the capture',
  scope: 'capture',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ capture, duplicates, segments }) =>
    `${capture}: of ${count(segments, 'segment')} with payload in the sessions concerned, ${groups(duplicates)} ` +
    `${duplicates === 1 ? 'stands' : 'stand'} there twice`,
  explanation: `The same packets were captured twice: each passed the place of the capture twice, or the file joins captures of two places on its way. A copy is told from a segment that was sent again by what its sender gives once (the IP identification, or a TCP timestamp where there is none), or by the hops between the two places: one packet comes with two TTLs, at both of them in the same order. Duplicates are not counted as retransmissions, and change nothing in the dialogue.

Where neither an identification nor a timestamp nor a hop tells the two apart, and they are further apart than a sender waits, a copy is counted as sent again.`,
  falseAlarms: ['A network that really doubles packets (a loop, two bridges): then the other end sees them too.'],
  causes: () => [
    'The capture was made on all interfaces at once (-i any) on a bridge, router or container host, where each packet passes two of them.',
    'A mirror port copies both the incoming and the outgoing side of the same traffic.',
    'The captures of both ends, or of both sides of a firewall, were joined into one file (mergecap).',
  ],
  remedies: () => [
    {
      applies: 'tcpdump',
      text: 'Capture on one interface instead of any.',
      commands: ['tcpdump -i eth0 -s 0 -w mail.pcap "tcp port 25 or tcp port 587"'],
    },
    {
      applies: 'a mirror port',
      text: 'Mirror one direction of each port (rx), or one port only.',
      commands: [],
    },
    {
      applies: 'a file that is there already',
      text: 'editcap removes packets that are the same as one of the last few.',
      commands: ['editcap -w 0.001 mail.pcap once.pcap'],
    },
    {
      applies: 'captures of two places in one file',
      text: 'Read each by itself: what the two show differently is lost or changed between them.',
      commands: ['smtpscope client.pcap', 'smtpscope server.pcap'],
    },
  ],
  references: [{ title: 'editcap(1)', url: 'https://www.wireshark.org/docs/man-pages/editcap.html' }],
});

export function tellDuplicatePackets(oddities: PacketOddities, captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name }, index) => {
    const seen = oddities.ofCapture(index);
    if (seen === null || seen.duplicates === 0) return [];
    const data: Data = { capture: name, duplicates: seen.duplicates, segments: seen.segments };
    return [crossFinding(duplicatePackets, { data, sessions: seen.doubled })];
  });
}
