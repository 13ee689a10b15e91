/** `clock-jump`: the time of a packet lies before that of the packet before it. */
import { packetShows } from '../evidence.ts';
import { defineCrossRule } from '../rule.ts';
import { count, duration } from '../words.ts';
import { type CaptureQuality, crossFinding, type TimeBack, type ToldFinding } from './collector.ts';

interface Data extends Omit<TimeBack, 'frame'> {
  readonly capture: string;
}

export const clockJump = defineCrossRule<Data>({
  id: 'clock-jump',
  title: 'Time goes back in the capture',
  scope: 'capture',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ capture, count: times, largestUs }) =>
    `${capture}: time goes back ${count(times, 'time')}, by ${duration(largestUs / 1e6)} at most`,
  explanation: `Packets stand in the order in which they were written, and the time of one is more than a millisecond before that of the one before it. Durations and delays across such a place are wrong, and so may be the findings that lean on them (slow answers, timeouts, intervals). What was said, and in which order, is not concerned.`,
  falseAlarms: [
    'Packets of several interfaces in one file may be written a little out of order; up to 1 ms is passed over.',
  ],
  causes: () => [
    'The machine’s clock was set while the capture ran (a step by NTP, a virtual machine that was moved or woke up).',
    'Several captures were put one behind the other instead of being merged by time.',
    'Packets of several interfaces or processors were written out of order.',
  ],
  remedies: () => [
    {
      applies: 'a file that is there already',
      text: 'Put the packets in the order of their times, or merge captures by time.',
      commands: ['reordercap mail.pcap ordered.pcap', 'mergecap -w merged.pcap first.pcap second.pcap'],
    },
    {
      applies: 'the machine that captures',
      text: 'Let the clock be set slowly (slewed) while a capture runs, and look whether it was stepped.',
      commands: ['chronyc tracking', 'timedatectl timesync-status'],
    },
  ],
  references: [{ title: 'reordercap(1)', url: 'https://www.wireshark.org/docs/man-pages/reordercap.html' }],
});

export function tellClockJumps(captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name, timeBack }) => {
    if (timeBack == null || timeBack.count === 0) return [];
    return [
      crossFinding(clockJump, {
        data: { capture: name, count: timeBack.count, largestUs: timeBack.largestUs },
        sessions: [],
        evidence: [packetShows(timeBack.frame, 'client', 'earlier than the packet before it')],
      }),
    ];
  });
}
