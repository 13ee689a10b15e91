import { packetShows } from '../evidence.ts';
import { otherSide, type Side, STALLED_SECONDS } from '../path-trouble.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';

interface Data {
  /** Whose window was shut. */
  readonly by: Side;
  readonly seconds: number;
  readonly times: number;
  readonly isOpen: boolean;
}

const SERIOUS_SECONDS = 60;
const SIDES: readonly Side[] = ['client', 'server'];

const CAUSE = {
  filter: 'The server’s program hands the message to a filter as it comes, and the filter is slow or stuck.',
  disk: 'Its disk or network storage is slow or full, and writing takes that long.',
  load: 'The machine has too little memory or processor time for what it has to do.',
  stuck: 'The program hangs: it holds the connection and reads no more.',
  client: 'The client does not read what the server says: it is busy or hangs, and the replies fill its buffer.',
} as const;

export default defineRule<Data>({
  id: 'zero-window-stall',
  title: 'One side took nothing for a while: its receive window was 0',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['transport'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['aborted', 'incomplete', 'idle'],
  detect(session) {
    const { client, server } = session.transport;
    if (client.zeroWindow === null && server.zeroWindow === null) return NOTHING;
    const found: Detection<Data>[] = [];
    for (const by of SIDES) {
      const stall = session.transport[by].zeroWindow;
      if (stall === null || !(stall.longestSeconds >= STALLED_SECONDS)) continue;
      found.push({
        evidence: [packetShows(stall.frame, by, 'announces a receive window of 0')],
        data: { by, seconds: stall.longestSeconds, times: stall.times, isOpen: stall.isOpen },
        actor: by,
        ...(stall.longestSeconds >= SERIOUS_SECONDS ? { severity: 'error' } : {}),
      });
    }
    return found;
  },
  message: ({ by, seconds, times, isOpen }) =>
    `The ${by} could take nothing more for ${duration(seconds)}: its receive window was 0` +
    `${isOpen ? ' to the end' : ''}${times > 1 ? ` (${count(times, 'time')} in all)` : ''}, and the ${otherSide(by)} had to wait`,
  explanation: `A receiver says in each packet how much it can still take. A window of 0 means that its buffer is full, since its own program does not read; the other side must wait and ask now and then (RFC 9293 §3.8.6.1). The network is not at fault here: packets arrive and are answered.

The window is on the wire and certain. An error from 60 s on, since clients and servers then begin to give up.`,
  falseAlarms: [
    'A full buffer for some milliseconds up to seconds is how TCP slows a fast sender down, and is not raised.',
    'Where the start was not captured the scale of windows is not known; 0 is 0 on every scale.',
  ],
  causes: (data) =>
    data === null
      ? Object.values(CAUSE)
      : data.by === 'client'
        ? [CAUSE.client, CAUSE.load]
        : [CAUSE.filter, CAUSE.disk, CAUSE.stuck, CAUSE.load],
  remedies: () => [
    {
      applies: 'the side that took nothing (Linux)',
      text: 'See which process does not read (Recv-Q is what waits for it) and what that process waits for.',
      commands: ['ss -tnp "( sport = :25 or dport = :25 )"', 'vmstat 1 5', 'df -h /var/spool'],
    },
    {
      applies: 'Postfix as server',
      text: 'A filter before the queue gets the message while it comes in; smtpd_proxy_options = speed_adjust takes the whole message first.',
      commands: ['postconf smtpd_proxy_filter smtpd_proxy_options smtpd_milters'],
    },
    {
      applies: 'FreeBSD',
      text: 'The same question there.',
      commands: ['netstat -an -p tcp | grep "[.]25 "', 'gstat -b'],
    },
  ],
  references: [rfc(9293, '3.8.6.1'), rfc(1122, '4.2.2.17')],
});
