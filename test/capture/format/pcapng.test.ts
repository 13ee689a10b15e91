import { describe, expect, it } from 'vitest';
import type { PcapngOption } from '../../support/pcap-bytes.ts';
import { DEFAULT_TIME_US, PcapngWriter, pcapngFile } from '../../support/pcap-bytes.ts';
import { scan } from './scanning.ts';

const HELLO = Buffer.from('hello'); // not a multiple of four: padded
const HELLO_HEX = HELLO.toString('hex');

describe.each([{ bigEndian: false }, { bigEndian: true }])('pcapng, bigEndian: $bigEndian', (order) => {
  const ng = new PcapngWriter(order);
  const counter = (code: number, count: bigint): PcapngOption => [code, ng.u64(count)];

  it('reads enhanced packet blocks', () => {
    const file = Buffer.concat([
      ng.section(),
      ng.interface({ linkType: 276 }),
      ng.enhanced({ data: HELLO, originalLength: 1500, timeUs: 1_700_000_000_000_001 }),
      ng.enhanced(Buffer.alloc(0)),
    ]);
    const { seen, facts, error } = scan(file);
    expect(error).toBeNull();
    expect(seen).toEqual([
      {
        frame: 1,
        timeUs: 1_700_000_000_000_001,
        timeNanos: 0,
        timeDigits: 6,
        linkType: 276,
        originalLength: 1500,
        hex: HELLO_HEX,
      },
      { frame: 2, timeUs: DEFAULT_TIME_US, timeNanos: 0, timeDigits: 6, linkType: 276, originalLength: 0, hex: '' },
    ]);
    expect(facts).toEqual({
      format: 'pcapng',
      compression: null,
      linkTypes: [276],
      packets: 2,
      bytes: file.length,
      cutShort: false,
      dropped: 0,
      warnings: [],
    });
  });

  it('reads simple packet blocks: no time, the snapshot length of the first interface', () => {
    const file = Buffer.concat([
      ng.section(),
      ng.interface({ snaplen: 5 }),
      ng.interface({ linkType: 101 }),
      ng.enhanced({ data: HELLO, interfaceId: 1, ticks: 5n }),
      ng.simple({ data: HELLO, originalLength: 900 }),
      ng.simple(Buffer.from('hi')),
    ]);
    const { seen, error } = scan(file);
    expect(error).toBeNull();
    const none = { timeUs: Number.NaN, timeNanos: 0, timeDigits: 6, linkType: 1 };
    expect(seen.slice(1)).toEqual([
      { frame: 2, ...none, originalLength: 900, hex: HELLO_HEX },
      { frame: 3, ...none, originalLength: 2, hex: Buffer.from('hi').toString('hex') },
    ]);
  });

  it('reads a simple packet block whole where the snapshot length is 0', () => {
    const file = Buffer.concat([ng.section(), ng.interface({ snaplen: 0 }), ng.simple(HELLO)]);
    expect(scan(file).seen[0]).toMatchObject({ originalLength: 5, hex: HELLO_HEX });
  });

  it('reads old packet blocks, and adds their drops up', () => {
    const file = Buffer.concat([
      ng.section(),
      ng.interface(),
      ng.interface({ linkType: 101, tsresol: 9 }),
      ng.old({ data: HELLO, interfaceId: 1, drops: 3, ticks: 1_700_000_000_000_000_007n }),
      ng.old({ data: HELLO, interfaceId: 1, drops: 4 }),
      ng.old({ data: HELLO, interfaceId: 0, drops: 0xffff }), // not known
    ]);
    const { seen, facts } = scan(file);
    expect(seen[0]).toMatchObject({ timeUs: 1_700_000_000_000_000, timeNanos: 7, timeDigits: 9, linkType: 101 });
    expect(facts).toMatchObject({ packets: 3, dropped: 7, linkTypes: [1, 101] });
  });

  it('gives each packet the link type and clock of its own interface', () => {
    const file = Buffer.concat([
      ng.section(),
      ng.interface({ tsresol: 9, tsoffset: 1_000_000_000n }),
      ng.interface({ linkType: 228, tsresol: 0x80 | 10, options: [[2, Buffer.from('eth0')]] }),
      ng.enhanced({ data: HELLO, interfaceId: 1, ticks: 512n }),
      ng.enhanced({ data: HELLO, interfaceId: 0, ticks: 1_001n }),
    ]);
    const { seen } = scan(file);
    expect(seen[0]).toMatchObject({ timeUs: 500_000, timeNanos: 0, timeDigits: 6, linkType: 228 });
    expect(seen[1]).toMatchObject({ timeUs: 1_000_000_000_000_001, timeNanos: 1, timeDigits: 9, linkType: 1 });
  });

  it('counts drops once, by the last statistics or by the packets', () => {
    const dropped = (...blocks: Buffer[]) =>
      scan(Buffer.concat([ng.section(), ng.interface(), ng.interface(), ...blocks])).facts.dropped;
    const statistics = (interfaceId: number, ...options: PcapngOption[]) => ng.statistics({ interfaceId, options });
    expect(dropped(statistics(0, counter(5, 7n)))).toBe(7);
    expect(dropped(statistics(0, counter(4, 100n), counter(5, 7n), counter(7, 2n)))).toBe(9);
    expect(dropped(statistics(0, counter(5, 7n)), statistics(0, counter(5, 9n)))).toBe(9);
    expect(dropped(statistics(0, counter(5, 7n)), statistics(1, counter(5, 9n)))).toBe(16);
    expect(dropped(statistics(0, counter(5, 2n ** 64n - 1n)))).toBe(0);
    expect(dropped(statistics(0))).toBe(0);
    const lossy = ng.enhanced({ data: HELLO, options: [[1, Buffer.from('a comment')], counter(4, 5n)] });
    expect(dropped(lossy, lossy)).toBe(10);
    expect(dropped(lossy, lossy, statistics(0, counter(5, 12n)))).toBe(12);
  });

  it('passes over blocks it does not know, of any length', () => {
    const unknown = [4, 9, 0x0a, 0xbad, 0x4000_0bad, 0x8000_0001, 0xffff_ffff].map((type, i) =>
      ng.block(type, Buffer.alloc(i * 100, 0x0a)),
    );
    const file = Buffer.concat([
      ng.section(),
      ...unknown,
      ng.interface(),
      ...unknown.flatMap((block) => [block, ng.enhanced(HELLO)]),
      ng.block(0xbad, Buffer.alloc(3_000_000, 6)),
      ng.enhanced(HELLO),
    ]);
    expect(scan(file)).toMatchObject({ error: null, facts: { packets: 8, cutShort: false, bytes: file.length } });
    expect(scan(file, 1000)).toMatchObject({ error: null, facts: { packets: 8, cutShort: false, bytes: file.length } });
  });

  it('numbers frames as Wireshark does, which counts some blocks that hold no packet', () => {
    const passed = [4, 0xbad, 0x4000_0bad, 10, 9, 0x204].map((type) => ng.block(type, Buffer.alloc(56)));
    const file = Buffer.concat([ng.section(), ng.interface(), ng.enhanced(HELLO), ...passed, ng.enhanced(HELLO)]);
    for (const { seen, facts } of [scan(file), scan(file, 1), scan(file, 30)]) {
      expect(seen.map(({ frame }) => frame)).toEqual([1, 6]);
      expect(facts.packets).toBe(2);
    }
  });

  it('refuses another major version and accepts any minor one', () => {
    expect(scan(Buffer.concat([ng.section({ major: 2 }), ng.interface()])).error).toMatchObject({
      code: 'unsupported-version',
      offset: 0,
    });
    expect(scan(Buffer.concat([ng.section({ minor: 2 }), ng.interface(), ng.enhanced(HELLO)])).facts.packets).toBe(1);
  });

  it('refuses what no section header or no interface stands before', () => {
    expect(scan(Buffer.concat([ng.section(), ng.enhanced(HELLO)])).error).toMatchObject({
      code: 'bad-block',
      offset: 28,
    });
    expect(scan(Buffer.concat([ng.section(), ng.simple(HELLO)])).error).toMatchObject({
      code: 'bad-block',
      offset: 28,
    });
    const second = ng.enhanced({ data: HELLO, interfaceId: 1 });
    const { error, seen } = scan(Buffer.concat([ng.section(), ng.interface(), ng.enhanced(HELLO), second]));
    expect(error?.message).toMatch(/names interface 1, but its section has described 1 /);
    expect(seen).toHaveLength(1);
  });

  it('refuses lengths that cannot be, at the offset of the block, and gives all before it', () => {
    const before = Buffer.concat([ng.section(), ng.interface(), ng.enhanced(HELLO)]);
    const bad = (block: Buffer) => {
      const result = scan(Buffer.concat([before, block, ng.enhanced(HELLO)]));
      expect(result.seen).toHaveLength(1);
      return result.error;
    };
    const body = Buffer.alloc(28);
    for (const first of [0, 4, 8, 11, 13, 39, 42, 64 * 1024 * 1024 + 4]) {
      expect(bad(ng.block(6, body, { first })), `length ${first}`).toMatchObject({
        code: 'bad-length',
        offset: before.length,
      });
    }
    for (const type of [6, 2, 3, 1, 5, 0xbad]) {
      expect(bad(ng.block(type, body, { last: 12 })), `type ${type}`).toMatchObject({ code: 'bad-length' });
    }
    const shortest: [type: number, bodyBytes: number][] = [
      [6, 20],
      [2, 20],
      [3, 4],
      [1, 8],
      [5, 12],
    ];
    for (const [type, bodyBytes] of shortest) {
      expect(bad(ng.block(type, Buffer.alloc(bodyBytes - 4))), `type ${type}`).toMatchObject({ code: 'bad-length' });
    }
    expect(bad(ng.enhanced({ data: HELLO, capturedLength: 9 }))).toMatchObject({ code: 'bad-length' });
    expect(bad(ng.old({ data: HELLO, capturedLength: 0xffff_ffff }))).toMatchObject({ code: 'bad-length' });
    expect(bad(ng.simple({ data: HELLO, originalLength: 9 }))).toMatchObject({ code: 'bad-length' });
    expect(bad(ng.enhanced(Buffer.alloc(262_145)))).toMatchObject({ code: 'bad-length' });
  });

  it('warns once of options that run past their block, and of times that are none', () => {
    const broken = ng.block(1, Buffer.concat([Buffer.from('0001000000000000', 'hex'), Buffer.alloc(4, 0xee)]));
    const never = ng.enhanced({ data: HELLO, ticks: 2n ** 64n - 1n });
    const { facts, seen } = scan(Buffer.concat([ng.section(), broken, broken, never, ng.enhanced(HELLO), never]));
    expect(facts.warnings).toEqual([
      expect.stringMatching(/options of the block at byte offset 28/),
      expect.stringMatching(/time of frame 1 \(byte offset 76\)/),
    ]);
    expect(seen.map(({ timeUs }) => timeUs)).toEqual([Number.NaN, DEFAULT_TIME_US, Number.NaN]);
  });
});

describe('pcapng of several sections', () => {
  it('changes byte order and forgets interfaces with each', () => {
    const file = pcapngFile(
      { interfaces: [{ linkType: 1 }, { linkType: 101 }], packets: [{ data: HELLO, interfaceId: 1 }] },
      { bigEndian: true, interfaces: [{ linkType: 113 }], packets: [HELLO] },
      { interfaces: [], packets: [] },
      { interfaces: [{ linkType: 1 }], packets: [HELLO] },
    );
    const { seen, facts, error } = scan(file);
    expect(error).toBeNull();
    expect(seen.map(({ frame, linkType }) => [frame, linkType])).toEqual([
      [1, 101],
      [2, 113],
      [3, 1],
    ]);
    expect(facts.linkTypes).toEqual([1, 101, 113]);
    const forgotten = Buffer.concat([file, pcapngFile({ packets: [{ data: HELLO, interfaceId: 1 }] })]);
    expect(scan(forgotten).error).toMatchObject({ code: 'bad-block' });
  });

  it('adds up the drops of all of them', () => {
    const ng = new PcapngWriter();
    const section = Buffer.concat([ng.section(), ng.interface(), ng.statistics({ options: [[5, ng.u64(4n)]] })]);
    expect(scan(Buffer.concat([section, section])).facts.dropped).toBe(8);
  });

  it('refuses a section header without its byte-order magic', () => {
    const ng = new PcapngWriter();
    const broken = ng.section();
    broken.writeUInt32LE(0x1a2b3c4e, 8);
    expect(scan(broken).error).toMatchObject({ code: 'bad-block', offset: 0 });
    const { error, seen } = scan(Buffer.concat([pcapngFile({ packets: [HELLO] }), broken]));
    expect(error).toMatchObject({ code: 'bad-block', offset: 28 + 20 + 40 });
    expect(seen).toHaveLength(1);
  });

  it('stops at more interfaces than any capture has', () => {
    const ng = new PcapngWriter();
    const many = Buffer.concat(new Array<Buffer>(65_536).fill(ng.interface()));
    expect(scan(Buffer.concat([ng.section(), many, ng.enhanced(HELLO)])).facts.packets).toBe(1);
    expect(scan(Buffer.concat([ng.section(), many, ng.interface()])).error).toMatchObject({
      code: 'limit',
      offset: 28 + 65_536 * 20,
    });
  });
});
