import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { openTransfer } from '../transfer.ts';
import { LOGS_OF_BOTH_ENDS } from '../transport-remedies.ts';
import { duration, groups } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly seconds: number;
  readonly by: 'client' | 'server';
  readonly how: 'closed' | 'reset';
  /** The RST was compared with the other packets of its sender; false where nothing could be compared, or none came. */
  readonly compared: boolean;
}

const CAUSE = {
  clientDied: 'The program that sends crashed, was killed, or hit its own time limit in the middle of the message.',
  clientChanged: 'The user broke off, closed the mail program or lost the network.',
  filter:
    'A content filter, virus scanner or intrusion prevention in front of the server cut the connection for what it saw.',
  serverDied: 'The server’s process died over the message: a crash, a restart, no memory, a full disk.',
  limit: 'A limit of the server or of a proxy was reached: size, rate or time of one connection.',
  proxy: 'A proxy or load balancer between the two ended the connection when one of its own timers ran out.',
} as const;

export default defineRule<Data>({
  id: 'lost-connection-in-data',
  title: 'The connection ended in the middle of a message',
  severity: 'error',
  confidence: 'certain',
  actor: null,
  triggers: ['unended'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted', 'incomplete'],
  detect(session) {
    const transfer = openTransfer(session);
    if (transfer === null || transfer.verdict !== 'lost' || transfer.closedBy === null) return NOTHING;
    const { last, closedBy, isReset, seconds } = transfer;
    const { ttl, rstTtl } = session.transport[closedBy];
    return [
      {
        evidence: [
          turnShows(last, last.from === 'client' ? 'as much of the message as came' : 'the message may come'),
          ...closeShows(session, `the ${closedBy} ${isReset ? 'resets' : 'closes'} the connection`),
        ],
        data: {
          bytes: last.from === 'client' ? transfer.bytes : 0,
          seconds,
          by: closedBy,
          how: isReset ? 'reset' : 'closed',
          compared: isReset && ttl >= 0 && rstTtl >= 0,
        },
        actor: closedBy,
      },
    ];
  },
  message: ({ bytes, seconds, by, how, compared }) =>
    `The ${by} ${how} the connection ${bytes === 0 ? 'before the first byte of the message' : `after ${groups(bytes)} octets of the message`}, ` +
    `without its end${seconds >= 1 ? ` (${duration(seconds)} behind the last byte)` : ''}` +
    `${compared ? '; the reset fits the sender’s other packets' : ''}`,
  explanation: `Without its end the message does not count: the server throws away what it has, and the client, if it still lives, tries again later. Nothing is delivered and nothing is doubled. Postfix as server logs “lost connection after DATA (… bytes)”, Sendmail “lost input channel”, Exim “unexpected disconnection”.

Who ended it is certain, as far as the capture tells: a FIN or RST under that side’s address. A reset whose distance, counting or timing does not fit its alleged sender is told as rst-injected instead.`,
  falseAlarms: [
    'A server that closes once more was sent than it takes is told as size-mid-data; a refusal in the middle of the message by its own words.',
    'A capture that ends in mid-message: not raised.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.by === 'client') return [CAUSE.clientDied, CAUSE.clientChanged, CAUSE.proxy];
    return data.how === 'reset'
      ? [CAUSE.filter, CAUSE.serverDied, CAUSE.limit, CAUSE.proxy]
      : [CAUSE.limit, CAUSE.filter, CAUSE.serverDied, CAUSE.proxy];
  },
  remedies: () => [
    ...LOGS_OF_BOTH_ENDS,
    {
      applies: 'the server, when its process may have died',
      text: 'Look for crashes, out-of-memory kills and full disks at that time.',
      commands: ['journalctl -k --since "1 hour ago" | grep -iE "oom|segfault"', 'df -h /var/spool'],
    },
    {
      applies: 'a firewall or content filter on the path',
      text: 'Look for a dropped or reset connection of these two addresses in its log, and try with another message: if only one breaks, it is the content.',
      commands: [],
    },
  ],
  references: [rfc(5321, '4.1.1.4'), rfc(5321, '3.8'), rfc(9293, '3.5.2')],
});
