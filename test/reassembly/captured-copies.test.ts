/** Packets that were sent once and captured twice, beside packets that were sent twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analysed, type Captured, sent, timestamps } from '../support/captured.ts';
import type { TcpPacketOptions } from '../support/packet-bytes.ts';

type Identity = (host: number, count: number, atUs: number) => TcpPacketOptions;

const HEADER =
  'From: a@client.example\r\nTo: b@mx.example\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n' +
  'Message-ID: <1@client.example>\r\nSubject: copies\r\n\r\n';
const MESSAGE = [HEADER, ...Array.from({ length: 39 }, (_, index) => `line ${index} ${'x'.repeat(900)}\r\n`)];

/**
 * A message, whose segments follow each other fast; the replies take a while. The pieces of it that are `lost` behind the
 * sender are sent again when its timer has run out.
 */
function conversation(identity: Identity, lost: readonly number[] = []): Captured[] {
  const seq = { client: 1_000, server: 5_000 };
  const counts = { client: 100, server: 900 };
  let atUs = 0;
  const packets: Captured[] = [];
  const send = (from: 'client' | 'server', flags: string, payload = '', afterUs = 20_000) => {
    atUs += afterUs;
    const options = identity(from === 'client' ? 1 : 2, counts[from]++, atUs);
    const ack = flags === 'S' ? 0 : seq[from === 'client' ? 'server' : 'client'];
    packets.push(sent({ from, atUs, flags, seq: seq[from], ack, payload, ...options }));
    seq[from] += payload.length + (/[SF]/.test(flags) ? 1 : 0);
  };
  send('client', 'S');
  send('server', 'SA');
  send('client', 'A');
  send('server', 'PA', '220 mx.example ESMTP\r\n');
  send('client', 'PA', 'HELO client.example\r\n');
  send('server', 'PA', '250 mx.example\r\n');
  send('client', 'PA', 'MAIL FROM:<a@client.example>\r\n');
  send('server', 'PA', '250 Ok\r\n');
  send('client', 'PA', 'RCPT TO:<b@mx.example>\r\n');
  send('server', 'PA', '250 Ok\r\n');
  send('client', 'PA', 'DATA\r\n');
  send('server', 'PA', '354 Go on\r\n');
  const starts: number[] = [];
  for (const line of MESSAGE) {
    starts.push(seq.client);
    send('client', 'A', line, 100);
  }
  const end = seq.client;
  for (const index of lost) {
    seq.client = starts[index] as number;
    send('client', 'A', MESSAGE[index], index === lost[0] ? 250_000 : 100);
  }
  seq.client = end;
  send('client', 'PA', '.\r\n', 100);
  send('server', 'PA', '250 Queued\r\n');
  send('client', 'FA');
  send('server', 'FA');
  send('client', 'A');
  return packets;
}

const BY_ID: Identity = (_host, count) => ({ ipId: count });
const BY_TIMESTAMP: Identity = (host, _count, atUs) => ({
  src: host === 1 ? '2001:db8::1' : '2001:db8::2',
  dst: host === 1 ? '2001:db8::2' : '2001:db8::1',
  options: timestamps(Math.floor(atUs / 1000), 1),
});

/** Neither an identification nor timestamps, as Linux sends what must not be fragmented, and Windows over IPv6. */
const WITHOUT: Identity = () => ({ ipId: 0 });
const WITHOUT_IPV6: Identity = (host) => ({
  src: host === 1 ? '2001:db8::1' : '2001:db8::2',
  dst: host === 1 ? '2001:db8::2' : '2001:db8::1',
});

/** Every packet again at another place, `laterUs` behind or before, in the order of time. */
function twice(packets: readonly Captured[], laterUs: number): Captured[] {
  return [...packets, ...packets.map((packet) => ({ ...packet, atUs: packet.atUs + laterUs }))].sort(
    (a, b) => a.atUs - b.atUs,
  );
}

/** Every packet again `hops` further on, whose clock shows `laterUs` more; negative where that place is nearer. */
function fartherOn(packets: readonly Captured[], laterUs: number, hops = 5): Captured[] {
  const there = packets.map((packet) => ({ bytes: withHops(packet.bytes, hops), atUs: packet.atUs + laterUs }));
  return [...packets, ...there].sort((a, b) => a.atUs - b.atUs);
}

function withHops(datagram: Buffer, hops: number): Buffer {
  const copy = Buffer.from(datagram);
  const at = (datagram[0] as number) >> 4 === 4 ? 8 : 7;
  copy[at] = (copy[at] as number) - hops;
  return copy;
}

const facts = (packets: readonly Captured[]) => {
  const { sessions } = analysed(packets, ({ session, findings }) => ({
    outcome: session.outcome,
    rules: findings.map(({ rule }) => rule),
    retransmissions: [session.transport.client.retransmissions, session.transport.server.retransmissions],
    duplicates: [session.transport.client.duplicates, session.transport.server.duplicates],
    handshake: [session.transport.synCount, session.transport.synAckCount],
    packets: session.frames.count,
  }));
  return sessions;
};

const COPIED = {
  outcome: 'delivered',
  rules: [],
  retransmissions: [0, 0],
  duplicates: [45, 6],
  handshake: [1, 1],
};

describe.each([
  ['IPv4, by the identification', BY_ID],
  ['IPv6, by the timestamps', BY_TIMESTAMP],
])('a capture that has every packet twice: %s', (_name, identity) => {
  const packets = conversation(identity);

  it.each([
    ['of two interfaces, side by side', 3],
    ['of a mirror port, while the next segments pass', 1_700],
    ['of both ends of a path, half a round trip apart', 15_000],
  ])('%s', (_case, laterUs) => {
    expect(facts(twice(packets, laterUs))).toEqual([{ ...COPIED, packets: 2 * packets.length }]);
  });

  it('one capture behind the other', () => {
    expect(facts([...packets, ...packets])).toEqual([{ ...COPIED, packets: 2 * packets.length }]);
  });
});

describe.each([
  ['IPv4 without identifications', WITHOUT],
  ['IPv6 without timestamps', WITHOUT_IPV6],
  ['IPv4 with identifications', BY_ID],
  ['IPv6 with timestamps', BY_TIMESTAMP],
])('a capture of both ends of a path in one file: %s', (_name, identity) => {
  const packets = conversation(identity);

  it.each([
    ['whose clocks agree', 4_000],
    ['the other end ahead', -4_000],
    ['the other end ahead by more than the replies take', -50_000],
    ['clocks so far apart that a SYN could have been sent again', 300_000],
    ['clocks further apart than the session lasts', 1_500_000],
    ['clocks further apart than that, the other way', -1_500_000],
  ])('%s', (_case, laterUs) => {
    expect(facts(fartherOn(packets, laterUs))).toEqual([{ ...COPIED, packets: 2 * packets.length }]);
  });

  it('what was sent again, and passed both, was sent again once', () => {
    const lossy = conversation(identity, [3, 4, 9, 17, 30]);
    for (const laterUs of [4_000, -4_000]) {
      const [session] = facts(fartherOn(lossy, laterUs));
      expect(session).toMatchObject({ retransmissions: [5, 0], duplicates: [50, 6], rules: ['retransmission-storm'] });
    }
  });

  it('what was lost between them, and sent again, was sent again once', () => {
    const lost = [3, 4, 9, 17, 30];
    const lossy = conversation(identity, lost);
    const isLost = (packet: Captured) => lost.some((index) => packet === lossy[12 + index]);
    for (const laterUs of [4_000, -4_000]) {
      const there = fartherOn(
        lossy.filter((packet) => !isLost(packet)),
        laterUs,
      );
      const all = [...there, ...lossy.filter(isLost)].sort((a, b) => a.atUs - b.atUs);
      expect(facts(all)).toMatchObject([{ retransmissions: [5, 0], duplicates: [45, 6] }]);
    }
  });

  it('begun in mid-session at both', () => {
    const rest = packets.slice(5);
    const [session] = facts(fartherOn(rest, 4_000));
    expect(session).toMatchObject({ retransmissions: [0, 0], duplicates: [44, 5] });
  });

  it('begun later at one of them', () => {
    const late = fartherOn(packets, 4_000).filter(({ bytes }, index) => index > 8 || !isFartherOn(bytes));
    const [session] = facts(late);
    expect(session?.retransmissions).toEqual([0, 0]);
  });
});

describe.each([
  ['IPv4 without identifications', WITHOUT],
  ['IPv4 with identifications', BY_ID],
  ['IPv6 with timestamps', BY_TIMESTAMP],
])('both ends of one network in one file, whose clocks differ: %s', (_name, identity) => {
  const packets = conversation(identity);

  it.each([300_000, 900_000, 1_500_000])('by %i µs', (laterUs) => {
    expect(facts(twice(packets, laterUs))).toEqual([{ ...COPIED, packets: 2 * packets.length }]);
  });
});

it.each([
  ['identifications', BY_ID],
  ['timestamps', BY_TIMESTAMP],
])(
  'both ends of one network, with clocks apart: by %s what was sent again, before and behind the copies, counts once',
  (_, identity) => {
    for (const lost of [3, 30]) {
      const [session] = facts(twice(conversation(identity, [lost]), 300_000));
      expect(session).toMatchObject({ retransmissions: [1, 0], rules: [] });
    }
  },
);

it('however far apart the clocks are, and whatever was lost behind both ends, what was sent again is counted once', () => {
  const identities = [WITHOUT, WITHOUT_IPV6, BY_ID, BY_TIMESTAMP];
  fc.assert(
    fc.property(
      fc.constantFrom(...identities),
      fc.uniqueArray(fc.nat(MESSAGE.length - 1), { maxLength: 12 }),
      fc.boolean(),
      fc.oneof(fc.integer({ min: -60_000, max: 60_000 }), fc.integer({ min: -1_500_000, max: 1_500_000 })),
      fc.constantFrom(0, 300),
      fc.constantFrom(-3, 1, 5, 20),
      (identity, lost, isLostBetween, laterUs, jitterUs, hops) => {
        const packets = conversation(identity, lost);
        const dropped = isLostBetween ? new Set(lost.map((index) => packets[12 + index])) : new Set();
        const there = packets
          .map((packet, index) => ({
            packet,
            bytes: withHops(packet.bytes, hops),
            atUs: packet.atUs + laterUs + ((index * 7_919) % (jitterUs + 1)),
          }))
          .filter(({ packet }) => !dropped.has(packet));
        const all = [...packets, ...there].sort((a, b) => a.atUs - b.atUs);
        expect(facts(all)).toMatchObject([
          { retransmissions: [lost.length, 0], duplicates: [there.length - 12, 6], handshake: [1, 1] },
        ]);
      },
    ),
    { numRuns: 300 },
  );
});

it('a mirror port that has both directions of each port, without anything that tells but the time', () => {
  const packets = conversation(WITHOUT);
  expect(facts(twice(packets, 1_700))).toEqual([{ ...COPIED, packets: 2 * packets.length }]);
});

describe('what was sent again is no copy where nothing is a second place', () => {
  const lost = Array.from({ length: 20 }, (_, index) => 2 * index);

  it.each([
    ['IPv4', WITHOUT],
    ['IPv6', WITHOUT_IPV6],
  ])('%s, with the same TTL', (_name, identity) => {
    expect(facts(conversation(identity, lost))).toMatchObject([
      { rules: ['retransmission-storm'], retransmissions: [20, 0], duplicates: [0, 0] },
    ]);
  });

  it('another way from then on', () => {
    const packets = conversation(WITHOUT_IPV6, lost);
    const turned = packets.map((packet, index) =>
      index < 12 + MESSAGE.length ? packet : { ...packet, bytes: withHops(packet.bytes, 2) },
    );
    expect(facts(turned)).toMatchObject([
      { rules: ['retransmission-storm'], retransmissions: [20, 0], duplicates: [0, 0] },
    ]);
  });

  it('another way each time', () => {
    const once = conversation(WITHOUT_IPV6, [0, 0, 0, 0, 0, 0]);
    const turned = once.map((packet, index) =>
      index < 12 + MESSAGE.length ? packet : { ...packet, bytes: withHops(packet.bytes, 1 + (index % 3)) },
    );
    expect(facts(turned)).toMatchObject([{ retransmissions: [6, 0], duplicates: [0, 0] }]);
  });
});

it('what was sent again is no copy: another identification', () => {
  const packets = conversation(BY_ID).flatMap((packet, index) =>
    index < 12 ? [packet] : [packet, { bytes: withId(packet.bytes, 60_000 + index), atUs: packet.atUs + 60 }],
  );
  expect(facts(packets)).toMatchObject([{ retransmissions: [41, 1], duplicates: [0, 0] }]);
});

it('a sender whose packets all have one identification is not believed', () => {
  const packets = conversation(() => ({ ipId: 7 }));
  const again = packets.map((packet) => ({ ...packet, atUs: packet.atUs + 200_000 }));
  const [session] = facts([...packets, ...again].sort((a, b) => a.atUs - b.atUs));
  expect(session?.retransmissions[0]).toBeGreaterThan(35);
});

it('a SYN that is sent again after a second is one', () => {
  const [syn] = conversation(BY_ID) as [Captured];
  const syns = [0, 1_000_000, 3_000_000].map((atUs) => ({ ...syn, atUs: syn.atUs + atUs }));
  expect(analysed(syns, ({ session }) => session.transport.synCount).sessions).toEqual([3]);
  expect(facts(twice(syns, 800))).toMatchObject([{ handshake: [3, 0], packets: 6 }]);
});

function withId(datagram: Buffer, ipId: number): Buffer {
  const copy = Buffer.from(datagram);
  copy.writeUInt16BE(ipId, 4);
  return copy;
}

function isFartherOn(datagram: Buffer): boolean {
  return datagram[(datagram[0] as number) >> 4 === 4 ? 8 : 7] !== 64;
}
