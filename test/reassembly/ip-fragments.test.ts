import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpFragments } from '../../src/reassembly/ip-fragments.ts';
import { type FragmentLimits, REASSEMBLY_LIMITS } from '../../src/reassembly/limits.ts';
import { decodeFrame, decodeTransport, FrameView, IP_FRAGMENT, TCP, watchPorts } from '../../src/wire/frame.ts';
import { type Ipv6Extension, ipFragments, tcpPacket } from '../support/packet-bytes.ts';

const RAW = 101;
const LETTERS = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(8), 'latin1');
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' };

const NO_EVENTS = {
  fragments: 0,
  reassembled: 0,
  timedOut: 0,
  evicted: 0,
  duplicates: 0,
  overlaps: 0,
  malformed: 0,
  cut: 0,
  open: 0,
};

/** Feeds IP datagrams to one `IpFragments`, and keeps the payloads of the segments that came out. */
class Feed {
  readonly fragments: IpFragments;
  readonly view = new FrameView(watchPorts([25]));
  readonly payloads: string[] = [];

  constructor(limits: Partial<FragmentLimits> = {}) {
    this.fragments = new IpFragments({ ...REASSEMBLY_LIMITS, ...limits });
  }

  add(ip: Buffer, timeUs = 0, captured = ip.length): void {
    // The source uses its buffer again for the next packet: nothing of it may be kept.
    const lent = Buffer.from(ip.subarray(0, captured));
    const { view } = this;
    expect(decodeFrame(lent, 0, captured, RAW, ip.length, view)).toBe(IP_FRAGMENT);
    const whole = this.fragments.add(lent, view, timeUs);
    lent.fill(0xee);
    if (whole === null) return;
    expect(decodeTransport(whole, 0, whole.length, view)).toBe(TCP);
    expect(view.payloadLength).toBe(view.payloadEnd - view.payloadStart);
    this.payloads.push(whole.toString('latin1', view.payloadStart, view.payloadEnd));
  }

  get events(): Partial<typeof NO_EVENTS> {
    const { fragments: _, ...counters } = this.fragments.counters;
    return Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0));
  }
}

function fed(pieces: readonly Buffer[]): Feed {
  const feed = new Feed();
  for (const piece of pieces) feed.add(piece);
  return feed;
}

/** A piece by hand: 20 bytes of IPv4 header, then `data` at `offset`. */
function piece(offset: number, data: Buffer | string, more: boolean, ipId = 7): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const header = Buffer.from('450000000000000040060000 c0000201c6336402'.replace(' ', ''), 'hex');
  const ip = Buffer.concat([header, bytes]);
  ip.writeUInt16BE(ip.length, 2);
  ip.writeUInt16BE(ipId, 4);
  ip.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
  return ip;
}

/** A TCP header towards port 25: 20 bytes, then 4 of payload, so that the next piece begins at 24. */
const HEAD = tcpPacket({ payload: '0123' }).subarray(20);

describe('datagrams in order', () => {
  it('IPv4: the segment with all its fields', () => {
    const segment = { seq: 100, ack: 200, flags: 'PA', window: 300, ttl: 61, ipId: 9, payload: LETTERS };
    const feed = fed(ipFragments(tcpPacket(segment), 64));
    expect(feed.payloads).toEqual([LETTERS.toString()]);
    expect(feed.view).toMatchObject({
      ipVersion: 4,
      source3: 0xc0000201 | 0,
      destination3: 0xc6336402 | 0,
      sourcePort: 40000,
      destinationPort: 25,
      seq: 100,
      ack: 200,
      flags: 0x18,
      window: 300,
      ttl: 61,
      ipId: 9,
      payloadLength: 208,
    });
    expect(feed.events).toEqual({ reassembled: 1 });
    expect(feed.fragments.counters.fragments).toBe(4);
    expect(feed.fragments.bytesHeld).toBe(0);
  });

  it('IPv6', () => {
    const feed = fed(ipFragments(tcpPacket({ ...V6, seq: 5, payload: LETTERS }), 48));
    expect(feed.payloads).toEqual([LETTERS.toString()]);
    expect(feed.view).toMatchObject({ ipVersion: 6, source0: 0x20010db8, destination3: 2, seq: 5, ipId: -1 });
  });

  it('IPv6, with an extension header in the part that was cut up', () => {
    const extension: Ipv6Extension = { type: 60, bytes: Buffer.from('0000010400000000', 'hex') };
    const feed = fed(ipFragments(tcpPacket({ ...V6, payload: LETTERS, extensions: [extension] }), 48));
    expect(feed.payloads).toEqual([LETTERS.toString()]);
  });

  it('the first piece says the hop limit, whichever comes last', () => {
    const pieces = ipFragments(tcpPacket({ payload: LETTERS, ttl: 61 }), 128).map((ip) => Buffer.from(ip));
    (pieces[1] as Buffer)[8] = 3;
    expect(fed(pieces).view.ttl).toBe(61);
    expect(fed(pieces.toReversed()).view.ttl).toBe(61);
  });

  it('a second first piece changes nothing', () => {
    const [first, second] = ipFragments(tcpPacket({ payload: LETTERS, ttl: 61 }), 128) as [Buffer, Buffer];
    const again = Buffer.from(first);
    again[8] = 3;
    const feed = fed([first, again, second]);
    expect(feed.view.ttl).toBe(61);
    expect(feed.events).toEqual({ reassembled: 1, duplicates: 1 });
  });

  it('IPv6: the first piece says the protocol, whatever others say', () => {
    const [first, second] = ipFragments(tcpPacket({ ...V6, payload: LETTERS }), 128) as [Buffer, Buffer];
    second[40] = 60;
    expect(fed([first, second]).payloads).toEqual([LETTERS.toString()]);
    expect(fed([second, first]).payloads).toEqual([LETTERS.toString()]);
  });

  it('several at once, between the same hosts and others', () => {
    const datagrams = [
      { ipId: 1, payload: LETTERS.subarray(0, 50) },
      { ipId: 2, payload: LETTERS.subarray(1, 51) },
      { ipId: 1, src: '192.0.2.77', payload: LETTERS.subarray(2, 52) },
      { ipId: 1, dst: '192.0.2.77', payload: LETTERS.subarray(3, 53) },
      { ...V6, payload: LETTERS.subarray(4, 54) },
    ];
    const pieces = datagrams.map((datagram) => ipFragments(tcpPacket(datagram), 40));
    const feed = new Feed();
    for (const index of [0, 1]) for (const ofOne of pieces) feed.add(ofOne[index] as Buffer);
    expect(feed.payloads).toEqual(datagrams.map(({ payload }) => payload.toString()));
  });

  it('the longest that there can be, and nothing longer', () => {
    const longest = tcpPacket({ payload: Buffer.alloc(65535 - 40, 'x') });
    const feed = fed(ipFragments(longest, 1480));
    expect(feed.payloads[0]?.length).toBe(65495);
    feed.add(piece(65528, '12345678', false));
    expect(feed.events).toEqual({ reassembled: 1, malformed: 1 });
  });
});

describe('any order, with duplicates', () => {
  it('gives the same payload, once', () => {
    const shape = fc.record({
      isV6: fc.boolean(),
      payload: fc.uint8Array({ minLength: 9, maxLength: 400 }),
      pieceBytes: fc.integer({ min: 1, max: 12 }).map((n) => n * 8),
    });
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), fc.nat(10), ({ isV6, payload, pieceBytes }, dice, copies) => {
        const next = () => dice.next().value as number;
        const packet = tcpPacket({ ...(isV6 ? V6 : {}), payload: Buffer.from(payload) });
        const pieces = ipFragments(packet, pieceBytes);
        fc.pre(pieces.length > 1);
        for (let copy = 0; copy < copies; copy++) pieces.push(pieces[next() % pieces.length] as Buffer);
        const shuffled = pieces
          .map((ip) => ({ ip, at: next() }))
          .sort((a, b) => a.at - b.at)
          .map(({ ip }) => ip);
        const feed = fed(shuffled);
        expect(feed.payloads).toEqual([Buffer.from(payload).toString('latin1')]);
        expect(feed.events).toEqual({ reassembled: 1, ...(copies > 0 ? { duplicates: copies } : {}) });
        expect(feed.fragments.bytesHeld).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('pieces that overlap at will, but agree, give the same payload', () => {
    const range = fc.tuple(fc.nat(28), fc.integer({ min: 1, max: 28 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
        const segment = tcpPacket({ payload: LETTERS.subarray(0, 205) }).subarray(20);
        const feed = new Feed();
        const seen = new Set<number>();
        const add = (first: number, last: number): void => {
          const end = Math.min(last * 8, segment.length);
          feed.add(piece(first * 8, segment.subarray(first * 8, end), end < segment.length));
        };
        for (const [first, blocks] of ranges) {
          add(first, first + blocks);
          for (let block = first; block < Math.min(first + blocks, 29); block++) seen.add(block);
        }
        expect(feed.payloads.length > 0).toBe(seen.size === 29);
        for (let block = 0; block < 29; block++) add(block, block + 1);
        expect(feed.payloads).toEqual([LETTERS.toString('latin1', 0, 205)]);
        expect(feed.events.malformed).toBeUndefined();
        expect(feed.fragments.bytesHeld).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('overlap: the first bytes win', () => {
  //          24      32      40      48
  //   1      |aaaaaaaaaaaaaaa|                 first
  //   2              |bbbbbbbbbbbbbbb|         second, the later half of it new
  it('a piece that begins inside another', () => {
    const feed = fed([piece(0, HEAD, true), piece(24, 'a'.repeat(16), true), piece(32, 'b'.repeat(16), false)]);
    expect(feed.payloads).toEqual([`0123${'a'.repeat(16)}${'b'.repeat(8)}`]);
    expect(feed.events).toEqual({ reassembled: 1, overlaps: 1 });
  });

  //   1              |aaaaaaaaaaaaaaa|
  //   2      |bbbbbbbbbbbbbbb|                 the earlier half of it new
  it('a piece that ends inside another', () => {
    const feed = fed([piece(0, HEAD, true), piece(32, 'a'.repeat(16), false), piece(24, 'b'.repeat(16), true)]);
    expect(feed.payloads).toEqual([`0123${'b'.repeat(8)}${'a'.repeat(16)}`]);
    expect(feed.events).toEqual({ reassembled: 1, overlaps: 1 });
  });

  //   1              |aaaaaaa|       |ccccccc|
  //   2      |bbbbbbbbbbbbbbbbbbbbbbb|         new on both sides, and it closes the hole
  it('a piece around another', () => {
    const feed = fed([
      piece(32, 'a'.repeat(8), true),
      piece(48, 'c'.repeat(8), false),
      piece(24, 'b'.repeat(24), true),
      piece(0, HEAD, true),
    ]);
    expect(feed.payloads).toEqual([`0123${'b'.repeat(8)}${'a'.repeat(8)}${'b'.repeat(8)}${'c'.repeat(8)}`]);
    expect(feed.events).toEqual({ reassembled: 1, overlaps: 1 });
  });

  it('a piece inside another: equal is a duplicate, different an overlap', () => {
    const feed = fed([piece(24, 'a'.repeat(24), false), piece(32, 'a'.repeat(8), true)]);
    expect(feed.events).toEqual({ duplicates: 1, open: 1 });
    feed.add(piece(32, 'aaaaaaab', true));
    expect(feed.events).toEqual({ duplicates: 1, overlaps: 1, open: 1 });
    feed.add(piece(0, HEAD, true));
    expect(feed.payloads).toEqual([`0123${'a'.repeat(24)}`]);
  });

  it('pieces that touch do not overlap', () => {
    const feed = fed([piece(32, 'b'.repeat(8), true), piece(24, 'a'.repeat(8), true), piece(40, 'c'.repeat(8), false)]);
    expect(feed.events).toEqual({ open: 1 });
  });
});

describe('pieces that cannot be', () => {
  it('not a multiple of 8, and not the last', () => {
    expect(fed([piece(24, 'a'.repeat(9), true)]).events).toEqual({ malformed: 1 });
  });

  it('empty', () => {
    expect(fed([piece(24, '', false)]).events).toEqual({ malformed: 1 });
  });

  it('behind the end, or another end', () => {
    const feed = fed([piece(0, HEAD, true), piece(32, 'a'.repeat(8), false)]);
    feed.add(piece(40, 'b'.repeat(8), true));
    feed.add(piece(24, 'b'.repeat(8), false));
    feed.add(piece(32, 'b'.repeat(16), false));
    expect(feed.events).toEqual({ malformed: 3, open: 1 });
    feed.add(piece(24, 'c'.repeat(8), true));
    expect(feed.payloads).toEqual([`0123${'c'.repeat(8)}${'a'.repeat(8)}`]);
  });

  it('an end before bytes that are already there', () => {
    expect(fed([piece(40, 'a'.repeat(8), true), piece(24, 'b'.repeat(8), false)]).events).toEqual({
      malformed: 1,
      open: 1,
    });
  });
});

describe('pieces cut by the snapshot length', () => {
  it('end their datagram, whose other pieces are not kept', () => {
    const pieces = ipFragments(tcpPacket({ payload: LETTERS }), 96) as [Buffer, Buffer, Buffer];
    const feed = new Feed();
    feed.add(pieces[0]);
    feed.add(pieces[1], 0, 100);
    feed.add(pieces[2]);
    feed.add(pieces[0]);
    expect(feed.payloads).toEqual([]);
    expect(feed.events).toEqual({ cut: 1 });
    expect(feed.fragments.bytesHeld).toBe(0);
  });
});

describe('a first piece cut before its ports', () => {
  it('is a cut piece, not one of unwatched ports', () => {
    const [first] = ipFragments(tcpPacket({ payload: LETTERS }), 96) as [Buffer];
    const feed = new Feed();
    feed.add(first, 0, 22);
    expect(feed.events).toEqual({ cut: 1 });
  });
});

describe('ports that nobody watches', () => {
  const unwatched = ipFragments(tcpPacket({ dport: 443, payload: LETTERS }), 96) as [Buffer, Buffer, Buffer];

  it('the first piece shows them: nothing is kept from then on', () => {
    const feed = fed(unwatched);
    expect(feed.payloads).toEqual([]);
    expect(feed.events).toEqual({});
    expect(feed.fragments.bytesHeld).toBe(0);
  });

  it('pieces that came before it are thrown away', () => {
    const feed = fed([unwatched[2], unwatched[1]]);
    expect(feed.events).toEqual({ open: 1 });
    feed.add(unwatched[0]);
    expect(feed.events).toEqual({});
    expect(feed.fragments.bytesHeld).toBe(0);
  });

  it('the same identification used again by a datagram of interest', () => {
    const feed = fed(unwatched);
    for (const ip of ipFragments(tcpPacket({ payload: LETTERS }), 96)) feed.add(ip, 1000);
    expect(feed.payloads).toEqual([LETTERS.toString()]);
  });

  it('are forgotten after the timeout', () => {
    const feed = fed(unwatched);
    const pieces = ipFragments(tcpPacket({ payload: LETTERS }), 96);
    for (const ip of pieces.toReversed()) feed.add(ip, 30_000_001);
    expect(feed.payloads).toEqual([LETTERS.toString()]);
  });
});

describe('time', () => {
  const [first, second] = ipFragments(tcpPacket({ payload: LETTERS }), 128) as [Buffer, Buffer];

  it('a datagram may take 30 s and no more', () => {
    const inTime = new Feed();
    inTime.add(first, 5_000_000);
    inTime.add(second, 35_000_000);
    expect(inTime.events).toEqual({ reassembled: 1 });

    const late = new Feed();
    late.add(first, 5_000_000);
    late.add(second, 35_000_001);
    expect(late.payloads).toEqual([]);
    expect(late.events).toEqual({ timedOut: 1, open: 1 });
  });

  it('a clock that jumps back ends it as well', () => {
    const feed = new Feed();
    feed.add(first, 100_000_000);
    feed.add(second, 5_000_000);
    expect(feed.events).toEqual({ timedOut: 1, open: 1 });
  });

  it('no time at all: they find each other', () => {
    const feed = new Feed();
    feed.add(first, Number.NaN);
    feed.add(second, Number.NaN);
    expect(feed.payloads).toEqual([LETTERS.toString()]);
  });

  it('a second copy of a finished datagram is no new one', () => {
    const feed = new Feed();
    for (const ip of [first, second, second, first, second]) feed.add(ip, 1000);
    expect(feed.payloads.length).toBe(1);
    expect(feed.events).toEqual({ reassembled: 1, duplicates: 3 });
  });

  it('the same identification, a while later, is a new one', () => {
    const feed = new Feed();
    for (const ip of [first, second]) feed.add(ip, 0);
    for (const ip of ipFragments(tcpPacket({ payload: 'Z'.repeat(208) }), 128)) feed.add(ip, 1_000_001);
    expect(feed.payloads).toEqual([LETTERS.toString(), 'Z'.repeat(208)]);
  });
});

describe('limits', () => {
  it('datagrams: the oldest goes', () => {
    const feed = new Feed({ fragmentDatagrams: 3 });
    const pieces = [1, 2, 3, 4].map((ipId) => ipFragments(tcpPacket({ ipId, payload: LETTERS }), 128));
    for (const ofOne of pieces) feed.add(ofOne[0] as Buffer);
    expect(feed.events).toEqual({ evicted: 1, open: 3 });
    for (const ofOne of pieces.slice(1)) feed.add(ofOne[1] as Buffer);
    expect(feed.events).toEqual({ evicted: 1, reassembled: 3 });
  });

  it('bytes: the oldest go until there is room', () => {
    const feed = new Feed({ fragmentBytes: 100_000 });
    for (let ipId = 0; ipId < 50; ipId++) {
      feed.add(piece(0, Buffer.concat([HEAD, Buffer.alloc(16_000)]), true, ipId));
      expect(feed.fragments.bytesHeld).toBeLessThanOrEqual(100_000);
    }
    const { evicted, open } = feed.fragments.counters;
    expect(open).toBeGreaterThanOrEqual(4);
    expect(evicted + open).toBe(50);
  });

  it('what is remembered of finished and unwanted datagrams is bounded too', () => {
    const feed = new Feed({ fragmentDatagrams: 2 });
    const [start] = ipFragments(tcpPacket({ dport: 443, payload: LETTERS }), 128) as [Buffer];
    for (let ipId = 0; ipId < 4; ipId++) {
      start.writeUInt16BE(ipId, 4);
      feed.add(start);
    }
    // Of the four, the last two are known to be unwanted.
    for (let ipId = 0; ipId < 4; ipId++) feed.add(piece(24, 'a'.repeat(8), true, ipId));
    expect(feed.events).toEqual({ open: 2 });
  });

  it('any pieces at all stay within them, and what is held returns to zero', () => {
    const limits = { fragmentDatagrams: 4, fragmentBytes: 20_000, fragmentUs: 100 };
    const anyPiece = fc.tuple(fc.nat(8191), fc.nat(60), fc.boolean(), fc.nat(6), fc.nat(90));
    fc.assert(
      fc.property(fc.array(anyPiece, { maxLength: 60 }), (pieces) => {
        const fragments = new IpFragments(limits);
        const view = new FrameView(watchPorts([25]));
        let timeUs = 0;
        const add = (ip: Buffer): void => {
          // At offset 0 and without further pieces it is no fragment.
          if (decodeFrame(ip, 0, ip.length, RAW, ip.length, view) === IP_FRAGMENT) fragments.add(ip, view, timeUs);
          expect(fragments.bytesHeld).toBeLessThanOrEqual(limits.fragmentBytes);
          expect(fragments.counters.open).toBeLessThanOrEqual(limits.fragmentDatagrams);
        };
        for (const [block, length, more, ipId, later] of pieces) {
          timeUs += later;
          add(piece(block * 8, LETTERS.subarray(0, length), more, ipId));
        }
        timeUs += 1000;
        add(piece(24, LETTERS.subarray(0, 9), true));
        expect(fragments.bytesHeld).toBe(0);
      }),
    );
  });
});
