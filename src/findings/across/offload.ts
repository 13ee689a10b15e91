/** `offload`: the capture shows packets as the kernel handed them to the network card, not as they were on the wire. */
import { defineCrossRule } from '../rule.ts';
import { count } from '../words.ts';
import { type CaptureQuality, crossFinding, type ToldFinding } from './collector.ts';
import type { PacketOddities } from './packet-oddities.ts';

interface Data {
  readonly capture: string;
  /** Payload bytes of the largest segment above the MSS; 0 for none. */
  readonly largest: number;
  readonly mss: number;
  readonly badChecksums: number;
  readonly sessions: number;
}

export const offload = defineCrossRule<Data>({
  id: 'offload',
  title: 'The capture was taken before the network card did its part',
  scope: 'capture',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ capture, largest, mss, badChecksums, sessions }) =>
    `${capture} shows ${[
      ...(largest === 0 ? [] : [`segments of up to ${count(largest, 'byte')} where ${mss} are allowed on the wire`]),
      ...(badChecksums === 0 ? [] : [`${count(badChecksums, 'packet')} with a wrong checksum, from one side only`]),
    ].join(
      ' and ',
    )} (${count(sessions, 'session')}): it was taken on a machine whose network card cuts segments and fills in ` +
    'checksums',
  explanation: `Modern network cards cut large segments into packets (segmentation offload), put received ones together, and compute checksums. A capture on such a machine shows packets before that or after it: larger than the MSS, with checksums that are still to be filled in. Nothing is wrong on the wire, and no packet is thrown away for it here.

What it means for reading: sizes and numbers of packets are not those of the wire, and a question of packet size (MTU) cannot be answered from this side.`,
  falseAlarms: ['Damage on the wire gives wrong checksums too, but on packets of both sides; then nothing is raised.'],
  causes: () => ['The capture was made on one of the two machines, whose network card has offloads switched on.'],
  remedies: () => [
    {
      applies: 'Linux, when true sizes matter',
      text: 'Switch the offloads off while capturing (it costs speed), or capture at a mirror port in between.',
      commands: [
        'ethtool -K eth0 tso off gso off gro off lro off tx off rx off',
        'ethtool -k eth0 | grep -E "offload|checksum"',
      ],
    },
    {
      applies: 'Wireshark and tcpdump',
      text: 'Do not let wrong checksums worry you: tcpdump does not check them with -K, Wireshark unless told to.',
      commands: ['tcpdump -K -n -r mail.pcap'],
    },
  ],
  references: [{ title: 'Wireshark: capture/offloading', url: 'https://wiki.wireshark.org/CaptureSetup/Offloading' }],
});

export function tellOffload(oddities: PacketOddities, captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name }, index) => {
    const seen = oddities.ofCapture(index);
    if (seen === null || seen.offloads === 0) return [];
    const { largest, mss, badChecksums, offloads } = seen;
    const data: Data = { capture: name, largest, mss, badChecksums, sessions: offloads };
    return [crossFinding(offload, { data, sessions: seen.offloaded })];
  });
}
