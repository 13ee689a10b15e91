import { packetShows, turnShows } from '../evidence.ts';
import { flightUntil, wordsFor } from '../flights.ts';
import { type ForeignReset, otherSide, pathTrouble } from '../path-trouble.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { duration } from '../words.ts';

interface Data {
  readonly from: ForeignReset['from'];
  readonly sign: ForeignReset['sign'];
  readonly ttl: number;
  readonly rstTtl: number;
  readonly seconds: number;
  /** What the other side had said last. */
  readonly trigger: string | null;
}

const CAUSE = {
  ips: 'An intrusion prevention or content filter on the path did not like what it saw, and reset the connection in both names.',
  firewall: 'A firewall ended the connection: a rule that matched late, a time limit, a table that was flushed.',
  provider: 'A provider’s mail filter, which does so for mail that leaves on port 25.',
  censor: 'A filter of a state or a company that breaks connections by keyword or name.',
  balancer: 'A load balancer or NAT answers in the name of a server behind it, from another distance.',
} as const;

export default defineRule<Data>({
  id: 'rst-injected',
  title: 'The reset does not come from where it says',
  severity: 'error',
  confidence: 'likely',
  actor: 'network',
  triggers: ['transport'],
  needs: { client: 'any', server: 'any' },
  explains: ['aborted', 'incomplete', 'idle', 'encrypted'],
  detect(session) {
    const reset = pathTrouble(session).foreignReset;
    if (reset === null) return NOTHING;
    const { from, sign, ttl, rstTtl, frame, secondsAfter, trigger } = reset;
    const flight = trigger === null || trigger.from === 'server' ? [] : flightUntil(session, trigger);
    return [
      {
        evidence: [
          ...(trigger === null ? [] : [turnShows(flight[0] ?? trigger, `what the ${otherSide(from)} had said last`)]),
          packetShows(frame, from, noteOf(reset)),
        ],
        data: {
          from,
          sign,
          ttl,
          rstTtl,
          seconds: secondsAfter,
          trigger: flight.length === 0 ? null : wordsFor(flight),
        },
      },
    ];
  },
  message: ({ from, sign, ttl, rstTtl, seconds, trigger }) =>
    `The connection was reset in the ${from}’s name${seconds >= 0 ? `, ${duration(seconds)} after ${trigger ?? `the ${otherSide(from)}’s last words`}` : ''}; ` +
    (sign === 'ttl'
      ? `the reset arrived with TTL ${rstTtl}, where the ${from}’s packets have ${ttl}`
      : sign === 'id'
        ? `the reset has an IP identification, where the ${from}’s packets have none`
        : `that is sooner than the ${from} could have seen it`),
  explanation: `A reset ends a connection at once, and anybody on the path can make one in the name of either end. What gives it away: it arrives with another TTL than the packets of its alleged sender, since it started elsewhere; it counts its IP identification in another way; or it comes sooner than that sender could know what it reacts to. What was said just before is often the reason.

It is likely: the difference was measured, but a load balancer that answers from another machine, or a route that changed at this moment, can make one too. One hop more or less is therefore not counted.`,
  falseAlarms: [
    'A reset behind QUIT: many clients and servers end that way, and it is not raised.',
    'A TTL that differs by one: a route change, or a load balancer with several nodes.',
    'A firewall that answers SYNs for the server (SYN proxy) gives the first packet another TTL than the rest.',
  ],
  causes: (data) =>
    data?.from === 'server'
      ? [CAUSE.ips, CAUSE.firewall, CAUSE.balancer, CAUSE.provider, CAUSE.censor]
      : [CAUSE.ips, CAUSE.firewall, CAUSE.provider, CAUSE.censor, CAUSE.balancer],
  remedies: () => [
    {
      applies: 'anyone, to be sure',
      text: 'Capture at both ends at the same time. A reset that one end receives and the other never sent was made between them.',
      commands: ['tcpdump -n -v -i eth0 "tcp port 25 and tcp[tcpflags] & tcp-rst != 0"'],
    },
    {
      applies: 'anyone, to find the place',
      text: 'The TTL counts hops: a path of TTL-limited packets to the same port shows who stands that far away.',
      commands: ['traceroute -n -T -p 25 mx.example', 'mtr -n --tcp --port 25 --report mx.example'],
    },
    {
      applies: 'the administrator of the firewall or filter',
      text: 'Look for these two addresses and this minute in its log; then exempt mail traffic, or encrypt it (STARTTLS) so that its content is nobody’s business.',
      commands: [],
    },
  ],
  references: [rfc(9293, '3.5.3'), rfc(5961, '3'), rfc(3360), rfc(6864, '4.1')],
});

function noteOf({ sign, ttl, rstTtl }: ForeignReset): string {
  if (sign === 'ttl') return `RST with TTL ${rstTtl}, not ${ttl}`;
  return sign === 'id' ? 'RST with an IP identification of another kind' : 'RST before its sender could know';
}
