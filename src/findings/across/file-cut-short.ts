/** `file-cut-short`: the last record of a capture is incomplete, or the compressed data that it comes in. */
import { defineCrossRule } from '../rule.ts';
import { count } from '../words.ts';
import { type Collector, crossFinding, EVERY_SESSION, MOST_SESSIONS } from './collector.ts';

interface Data {
  readonly capture: string;
  readonly packets: number;
  readonly open: number;
}

export const fileCutShort = defineCrossRule<Data>({
  id: 'file-cut-short',
  title: 'The capture is cut short',
  scope: 'capture',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  message: ({ capture, packets, open }) =>
    `${capture} ends too early; ${count(packets, 'packet')} before its end were read` +
    `${open === 0 ? '' : `, and ${count(open, 'session')} ${open === 1 ? 'was' : 'were'} still open`}`,
  explanation: `The file’s last record says that it is longer than what is left of the file, or the compressed data that the capture comes in breaks off. Everything before that was read and is complete. Sessions that were open then have no end in this capture, which says nothing about how they ended.`,
  falseAlarms: ['A file that is still being written by a running capture: read it again when the capture has stopped.'],
  causes: () => [
    'The capture was still running, or was killed, when the file was copied.',
    'The disk was full, or a download or an upload broke off.',
  ],
  remedies: () => [
    {
      applies: 'tcpdump',
      text: 'Stop the capture with Ctrl-C (SIGINT) and wait until it has written its counters; -U writes each packet at once.',
      commands: ['tcpdump -U -i eth0 -s 0 -w mail.pcap "tcp port 25"'],
    },
    {
      applies: 'a copied file',
      text: 'Compare sizes or checksums with the original, and copy it again.',
      commands: ['sha256sum mail.pcap'],
    },
  ],
  references: [{ title: 'pcap-savefile(5)', url: 'https://www.tcpdump.org/manpages/pcap-savefile.5.html' }],
});

export function collectFileCutShort(): Collector {
  /** Sessions that were open when their capture ended, by capture. */
  const open = new Map<number, { ids: number[]; sessions: number }>();
  return {
    on: EVERY_SESSION,
    see(session) {
      if (session.endCaptured || session.transport.closing !== 'none') return;
      const last = session.turns.at(-1)?.capture ?? session.capture;
      let entry = open.get(last);
      if (entry === undefined) {
        entry = { ids: [], sessions: 0 };
        open.set(last, entry);
      }
      entry.sessions++;
      if (entry.ids.length < MOST_SESSIONS) entry.ids.push(session.id);
    },
    finish: (captures) =>
      captures.flatMap(({ name, packets, cutShort }, index) => {
        if (!cutShort) return [];
        const entry = open.get(index);
        const data: Data = { capture: name, packets, open: entry?.sessions ?? 0 };
        return [crossFinding(fileCutShort, { data, sessions: entry?.ids ?? [] })];
      }),
  };
}
