/** `ts-userland`: the times of a live capture were taken in user space. */
import { defineCrossRule } from '../rule.ts';
import { type CaptureQuality, crossFinding, type ToldFinding } from './collector.ts';

interface Data {
  readonly capture: string;
}

export const tsUserland = defineCrossRule<Data>({
  id: 'ts-userland',
  title: 'Times were taken in user space',
  scope: 'capture',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ capture }) =>
    `${capture} was watched live, and its packets got their times when this program received them, some milliseconds late`,
  explanation: `A capture by tcpdump or dumpcap carries the times that the kernel took when each packet arrived. Watched live, the packets come to this program in groups and get their times here. The order is right; single times are late by some milliseconds, more on a busy machine. Delays of a few milliseconds (round trips, the time a server thinks) are not to be trusted; what takes seconds is.`,
  falseAlarms: ['None: it says how the times came about, not that anything is wrong.'],
  causes: () => ['The package cap, by which interfaces are watched, hands packets on without their times.'],
  remedies: () => [
    {
      applies: 'exact times',
      text: 'Write the packets with tcpdump and read the file, or read its output while it runs.',
      commands: [
        'tcpdump -i eth0 -s 0 -w mail.pcap "tcp port 25 or tcp port 587"',
        'tcpdump -i eth0 -s 0 -U -w - "tcp port 25 or tcp port 587" | smtpscope -',
      ],
    },
  ],
  references: [{ title: 'pcap-tstamp(7)', url: 'https://www.tcpdump.org/manpages/pcap-tstamp.7.html' }],
});

export function tellUserlandTimes(captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name, userlandTimes }) =>
    userlandTimes === true ? [crossFinding(tsUserland, { data: { capture: name }, sessions: [] })] : [],
  );
}
