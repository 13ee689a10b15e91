import type { HalfFacts, RetransmissionKinds } from '../../reassembly/transport-facts.ts';
import { bytesShow, packetShows } from '../evidence.ts';
import { otherSide, pathTrouble, type Side } from '../path-trouble.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { tlsScene } from '../tls-scene.ts';
import { FIND_THE_LOSS } from '../transport-remedies.ts';
import { count, duration, groups } from '../words.ts';

interface Data {
  readonly from: Side;
  readonly resent: number;
  readonly kinds: RetransmissionKinds | null;
  readonly segments: number;
  /** The segment that was sent again most often, so often; 0 where no single one stands out. */
  readonly inARow: number;
  readonly seconds: number;
  readonly arrived: boolean;
}

const ENOUGH_SEGMENTS = 20;
const SHARE = 0.05;
const TIMEOUTS = 5;
const SIDES: readonly Side[] = ['client', 'server'];

const CAUSE = {
  loss: 'A link between the capture point and the receiver loses packets: overload, radio, a bad cable or transceiver, a rate limit.',
  gone: 'The receiver is gone: its machine, its network or its entry in a firewall’s table vanished without a word.',
  oneWay: 'The acknowledgements get lost on the way back, not the data.',
  firewall: 'A firewall or intrusion prevention drops what follows, without a reset.',
  duplex: 'A duplex or speed mismatch at a switch port: one side shouts while the other listens.',
} as const;

export default defineRule<Data>({
  id: 'retransmission-storm',
  title: 'Many packets had to be sent again',
  severity: 'warning',
  confidence: 'likely',
  actor: 'network',
  triggers: ['transport'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['aborted', 'incomplete'],
  detect(session) {
    const { client, server } = session.transport;
    if (client.retransmissions + server.retransmissions < 2) return NOTHING;
    const hole = pathTrouble(session).blackHole;
    const scene = tlsScene(session);
    const found: Detection<Data>[] = [];
    for (const from of SIDES) {
      const half = session.transport[from];
      if (hole?.from === from || !isStorm(half)) continue;
      // A TLS hello that gets no answer has a finding of its own.
      if (from === 'client' && scene !== null && scene.firstFlight.client !== null && scene.firstFlight.server === null)
        continue;
      const most = half.mostRepeated;
      found.push({
        evidence: [
          most === null
            ? packetShows(0, from, `${count(half.retransmissions, 'segment')} sent again`)
            : bytesShow(
                session,
                from,
                most.firstFrame,
                most.offset,
                most.length,
                `sent again ${count(most.times, 'time')}`,
              ),
        ],
        data: {
          from,
          resent: half.retransmissions,
          kinds: half.retransmissionKinds,
          segments: half.dataSegments,
          inARow: most !== null && most.times >= TIMEOUTS ? most.times : 0,
          seconds: most?.seconds ?? 0,
          arrived: most?.acknowledged ?? true,
        },
      });
    }
    return found;
  },
  message: ({ from, resent, kinds, segments, inARow, seconds, arrived }) =>
    inARow > 0
      ? `The ${from} had to send one segment ${groups(inARow)} times more in ${duration(seconds)}, and the ${otherSide(from)} ` +
        `${arrived ? 'acknowledged it at last' : 'never acknowledged it'}`
      : `${count(resent, 'segment')} of the ${from} had to be sent again, for ${groups(segments)} that brought something new ` +
        `(${Math.round((resent / Math.max(1, segments)) * 100)} %)${kindWords(kinds)}`,
  explanation: `TCP sends again what is not acknowledged in time, so that nothing is lost; but each time it also slows down, and after several in a row it waits for many seconds. Up to one packet in a hundred is usual on a long path; over one in twenty makes transfers crawl and runs into the timeouts of mail servers.

What was sent again stands twice in this capture, so the first copy was lost behind the capture point, on the way to the receiver, or its acknowledgement was lost on the way back.

It is likely: the repetitions were counted, and copies that the capture itself made are left out where they can be told; a sender may also repeat what was only late.`,
  falseAlarms: [
    'A capture in which each packet stands twice (all interfaces, a mirror port of both directions, both ends in one file): copies are told by their identification, their timestamp or their hops, and are not counted.',
    'Segments of full size that never arrive, while small ones do, are told as pmtu-blackhole.',
    'Keep-alives and probes of a shut window are not counted.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    // The data came through: its acknowledgements did not.
    if (data.kinds !== null && data.kinds.needless * 2 > data.resent) {
      return [CAUSE.oneWay, CAUSE.loss, CAUSE.duplex, CAUSE.firewall];
    }
    return data.inARow > 0 && !data.arrived
      ? [CAUSE.gone, CAUSE.firewall, CAUSE.oneWay, CAUSE.loss]
      : [CAUSE.loss, CAUSE.oneWay, CAUSE.duplex, CAUSE.firewall];
  },
  remedies: () => FIND_THE_LOSS,
  references: [rfc(6298, '5'), rfc(5681, '3.2'), rfc(6864, '4')],
});

/** Why they were sent again, where the capture tells it. */
function kindWords(kinds: RetransmissionKinds | null): string {
  const told = (times: number, why: string) => (times > 0 ? [`${groups(times)} ${why}`] : []);
  const words =
    kinds === null
      ? []
      : [
          ...told(kinds.timeout, 'by timeout'),
          ...told(kinds.fast, 'because the other side asked'),
          ...told(kinds.needless, 'that had been acknowledged'),
        ];
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

function isStorm({ dataSegments, retransmissions, mostRepeated }: HalfFacts): boolean {
  if (mostRepeated !== null && mostRepeated.times >= TIMEOUTS) return true;
  return dataSegments >= ENOUGH_SEGMENTS && retransmissions > SHARE * dataSegments;
}
