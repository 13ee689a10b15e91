import { bytesShow, packetShows } from '../evidence.ts';
import { otherSide, pathTrouble, type Side } from '../path-trouble.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { tlsScene } from '../tls-scene.ts';
import { LET_LARGE_PACKETS_THROUGH } from '../transport-remedies.ts';
import { duration, groups } from '../words.ts';

interface Data {
  readonly from: Side;
  readonly segmentBytes: number;
  readonly times: number;
  readonly seconds: number;
  readonly passedBytes: number;
}

const CAUSE = {
  icmp: 'A link on the path takes smaller packets only (PPPoE, VPN, IPsec, tunnel), and a firewall drops the ICMP message that would tell the sender.',
  overlay:
    'A container or virtual network with an MTU of 1500 runs over a link with less: Docker’s bridge, an overlay, a cloud VPN.',
  security: 'A firewall or security group blocks all of ICMP, out of caution.',
  device: 'A device on the path drops large packets by fault: jumbo frames on one side only, a broken tunnel.',
} as const;

export default defineRule<Data>({
  id: 'pmtu-blackhole',
  title: 'Large packets vanish on the way, small ones arrive',
  severity: 'error',
  confidence: 'likely',
  actor: 'network',
  triggers: ['transport'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['aborted', 'incomplete', 'idle', 'encrypted'],
  detect(session) {
    const hole = pathTrouble(session).blackHole;
    if (hole === null) return NOTHING;
    // A TLS hello that gets no answer has a finding of its own, with this among its causes.
    const scene = tlsScene(session);
    if (scene !== null && scene.firstFlight.server === null && scene.firstFlight.client !== null) return NOTHING;
    const { from, segmentBytes, times, seconds, firstFrame, offset, passedBytes } = hole;
    return [
      {
        evidence: [
          bytesShow(session, from, firstFrame, offset, segmentBytes, 'sent again, and never acknowledged'),
          ...(session.transport.closedFrame > 0
            ? [packetShows(session.transport.closedFrame, closer(session.transport.closing), 'the connection ends')]
            : []),
        ],
        data: { from, segmentBytes, times, seconds, passedBytes },
      },
    ];
  },
  message: ({ from, segmentBytes, times, seconds, passedBytes }) =>
    `The ${from} sent a full segment of ${groups(segmentBytes)} bytes ${times} times more in ${duration(seconds)} and the ${otherSide(from)} ` +
    `never acknowledged it, while pieces of up to ${groups(passedBytes)} bytes arrived`,
  explanation: `Commands and replies are small and get through; the first full-size packet of the message does not, nor does any repetition of it. So short mails arrive, and those above some 1400 bytes never do, at every try. Somewhere on the path packets of that size are too large, and the message that would say so (ICMP “fragmentation needed”, ICMPv6 “packet too big”) does not come back, or is not heeded (RFC 2923).

The client’s log speaks of a timeout or a lost connection “while sending message body” or “while sending end of data”, the server’s of a timeout after DATA.

It is likely, not certain: chance may lose one segment four times, and the receiver may have gone away in that very moment.`,
  falseAlarms: [
    'Path MTU discovery that works: the sender makes smaller segments, and these are acknowledged.',
    'A link that loses packets of all sizes: some full segments arrive then, and it is told as retransmission-storm.',
    'A capture on the receiver’s side does not show the packets that vanish, and nothing can be said.',
  ],
  causes: () => Object.values(CAUSE),
  remedies: () => LET_LARGE_PACKETS_THROUGH,
  references: [rfc(2923, '2.1'), rfc(4821), rfc(1191), rfc(8201)],
});

function closer(closing: string): Side {
  return closing.startsWith('client') ? 'client' : 'server';
}
