/** `offload`: the capture shows packets as the kernel handed them to the network card, not as they were on the wire. */
import { defineCrossRule } from '../rule.ts';
import { count } from '../words.ts';
import { type CaptureQuality, crossFinding, type ToldFinding } from './collector.ts';
import type { PacketOddities } from './packet-oddities.ts';

interface Data {
  readonly capture: string;
  /** Payload bytes of the largest segment above the MSS. */
  readonly largest: number;
  readonly mss: number;
  readonly sessions: number;
}

export const offload = defineCrossRule<Data>({
  id: 'offload',
  title: 'The capture was taken before the network card did its part',
  scope: 'capture',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ capture, largest, mss, sessions }) =>
    `${capture} shows segments of up to ${count(largest, 'byte')} where ${mss} are allowed on the wire ` +
    `(${count(sessions, 'session')}): it was taken on a machine whose network card cuts and joins segments`,
  explanation: `Modern network cards cut large segments into packets (segmentation offload) and put received ones together. A capture on such a machine shows packets before that or after it: larger than the MSS. Nothing is wrong on the wire, and no packet is thrown away for it here.

What it means for reading: sizes and numbers of packets are not those of the wire, and a question of packet size (MTU) cannot be answered from this side.`,
  falseAlarms: [
    'Containers and virtual machines of one host hand each other large segments that nobody cuts: there is no card.',
  ],
  causes: () => ['The capture was made on one of the two machines, whose network card has offloads switched on.'],
  remedies: () => [
    {
      applies: 'Linux, when true sizes matter',
      text: 'Switch the offloads off while capturing (it costs speed), or capture at a mirror port in between.',
      commands: ['ethtool -K eth0 tso off gso off gro off lro off', 'ethtool -k eth0 | grep offload'],
    },
  ],
  references: [{ title: 'Wireshark: capture/offloading', url: 'https://wiki.wireshark.org/CaptureSetup/Offloading' }],
});

export function tellOffload(oddities: PacketOddities, captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name }, index) => {
    const seen = oddities.ofCapture(index);
    if (seen === null || seen.offloads === 0) return [];
    const { largest, mss, offloads } = seen;
    const data: Data = { capture: name, largest, mss, sessions: offloads };
    return [crossFinding(offload, { data, sessions: seen.offloaded })];
  });
}
