/** `linktype`: packets of a link type that is not read. */
import { defineCrossRule } from '../rule.ts';
import { count, list } from '../words.ts';
import { type CaptureQuality, crossFinding, type ToldFinding, type UnreadLinkType } from './collector.ts';

/** Link types that the message names. */
const NAMED = 5;

interface Data {
  readonly capture: string;
  readonly packets: number;
  readonly unread: readonly UnreadLinkType[];
}

export const linktype = defineCrossRule<Data>({
  id: 'linktype',
  title: 'Packets of a link type that is not read',
  scope: 'capture',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  message: ({ capture, packets, unread }) => {
    const named = unread
      .slice(0, NAMED)
      .map(({ linkType, name, packets: of }) => `${name} (${linkType}): ${count(of, 'packet')}`);
    const more = unread.length > NAMED ? [`${count(unread.length - NAMED, 'other link type')}`] : [];
    return `${capture}: of ${count(packets, 'packet')} some were passed over, their link type is not read: ${list([...named, ...more])}`;
  },
  explanation: `A capture says what kind of network its packets come from, and they begin accordingly: Ethernet, loopback, raw IP and others. Packets of a kind that is not known here are passed over, whole sessions among them. Everything else in the capture was read.`,
  falseAlarms: ['Packets of another interface, without any mail in them (USB, Bluetooth, wireless management frames).'],
  causes: () => [
    'The capture was made on an unusual interface: a modem, wireless in monitor mode, USB.',
    'A tool wrote the wrong link type into the file.',
  ],
  remedies: () => [
    {
      applies: 'a new capture',
      text: 'Capture on the interface’s Ethernet or IP layer; -L lists what an interface can give.',
      commands: ['tcpdump -i eth0 -L', 'tcpdump -i eth0 -y EN10MB -s 0 -w mail.pcap "tcp port 25"'],
    },
    {
      applies: 'a file that is there already',
      text: 'See what it holds. When the link type in the file is wrong, editcap can set another one.',
      commands: ['capinfos -E mail.pcap', 'editcap -T rawip mail.pcap ip.pcap'],
    },
  ],
  references: [{ title: 'Link-layer header types', url: 'https://www.tcpdump.org/linktypes.html' }],
});

export function tellLinkTypes(captures: readonly CaptureQuality[]): ToldFinding[] {
  return captures.flatMap(({ name, packets, unread }) => {
    if (unread === undefined || unread.length === 0) return [];
    const sorted = [...unread].sort((a, b) => b.packets - a.packets);
    return [crossFinding(linktype, { data: { capture: name, packets, unread: sorted }, sessions: [] })];
  });
}
