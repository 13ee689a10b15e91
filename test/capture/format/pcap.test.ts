import { describe, expect, it } from 'vitest';
import type { PcapOptions } from '../../support/pcap-bytes.ts';
import { DEFAULT_TIME_US, pcapFile, pcapHeader, pcapRecord } from '../../support/pcap-bytes.ts';
import { scan } from './scanning.ts';

const HELLO = Buffer.from('hello');

describe.each([{ bigEndian: false }, { bigEndian: true }])('classic pcap, bigEndian: $bigEndian', (order) => {
  it('gives microseconds, lengths, link type and frame numbers', () => {
    const file = pcapFile([HELLO, { data: Buffer.from('cut'), originalLength: 1500, timeUs: 1_999_999 }], {
      ...order,
      linkType: 113,
    });
    const { seen, facts, error } = scan(file);
    expect(error).toBeNull();
    expect(seen).toEqual([
      {
        frame: 1,
        timeUs: DEFAULT_TIME_US,
        timeNanos: 0,
        timeDigits: 6,
        linkType: 113,
        originalLength: 5,
        hex: HELLO.toString('hex'),
      },
      {
        frame: 2,
        timeUs: 1_999_999,
        timeNanos: 0,
        timeDigits: 6,
        linkType: 113,
        originalLength: 1500,
        hex: Buffer.from('cut').toString('hex'),
      },
    ]);
    expect(facts).toEqual({
      format: 'pcap',
      compression: null,
      linkTypes: [113],
      packets: 2,
      bytes: file.length,
      cutShort: false,
      dropped: 0,
      warnings: [],
    });
  });

  it('gives nanoseconds apart from microseconds', () => {
    const { seen, facts } = scan(
      pcapFile([{ data: HELLO, timeUs: 1_700_000_000_999_999, timeNanos: 999 }], { ...order, nano: true }),
    );
    expect(facts.format).toBe('pcap-nanosecond');
    expect(seen[0]).toMatchObject({ timeUs: 1_700_000_000_999_999, timeNanos: 999, timeDigits: 9 });
  });

  it('reads seconds beyond 2038 and up to 2106', () => {
    const last = 0xffff_ffff * 1e6 + 999_999;
    expect(scan(pcapFile([{ data: HELLO, timeUs: last }], order)).seen[0]?.timeUs).toBe(last);
  });

  it('takes packets of no bytes', () => {
    const { seen, facts } = scan(pcapFile([Buffer.alloc(0), HELLO, Buffer.alloc(0)], order));
    expect(seen.map(({ hex }) => hex)).toEqual(['', HELLO.toString('hex'), '']);
    expect(facts).toMatchObject({ packets: 3, cutShort: false, warnings: [] });
  });

  it('passes over the longer record headers of a1b2cd34', () => {
    const { seen, facts } = scan(pcapFile([HELLO, HELLO], { ...order, magic: 0xa1b2cd34 }));
    expect(facts).toMatchObject({ format: 'pcap', packets: 2, cutShort: false });
    expect(seen.map(({ hex }) => hex)).toEqual([HELLO.toString('hex'), HELLO.toString('hex')]);
  });

  it('finds the captured length in the smaller field before version 2.4', () => {
    // Original length first, as libpcap 0.4 on some systems wrote them.
    const swapped = pcapRecord({ data: HELLO, capturedLength: 900, originalLength: 5 }, order);
    const { seen, facts } = scan(Buffer.concat([pcapHeader({ ...order, minor: 2 }), swapped, swapped]));
    expect(facts.packets).toBe(2);
    expect(seen[1]).toMatchObject({ originalLength: 900, hex: HELLO.toString('hex') });
  });

  it('refuses another major version, with its offset', () => {
    const { error } = scan(pcapFile([HELLO], { ...order, major: 3 }));
    expect(error).toMatchObject({ code: 'unsupported-version', offset: 4 });
    expect(error?.message).toMatch(/version 3\.4/);
  });

  it('takes what a frame check sequence adds off the link type', () => {
    expect(scan(pcapFile([HELLO], { ...order, linkType: 0x5400_0001 })).facts.linkTypes).toEqual([1]);
  });
});

describe('captured lengths of classic pcap', () => {
  const long = (bytes: number, options: PcapOptions) => scan(pcapFile([HELLO, Buffer.alloc(bytes), HELLO], options));

  it('may exceed the snapshot length, as long as a packet can be that long', () => {
    expect(long(70_000, { snaplen: 64 })).toMatchObject({ error: null, facts: { packets: 3, cutShort: false } });
    expect(long(262_144, { snaplen: 0 })).toMatchObject({ error: null, facts: { packets: 3 } });
  });

  it('may be as long as a large snapshot length says', () => {
    expect(long(300_000, { snaplen: 300_000 })).toMatchObject({ error: null, facts: { packets: 3 } });
  });

  it('are an error beyond both, at the offset of the record, and all before it counts', () => {
    const { seen, facts, error } = long(262_145, { snaplen: 65_535 });
    expect(error).toMatchObject({ code: 'bad-length', offset: 24 + 16 + 5 });
    expect(error?.message).toMatch(/record of frame 2 at byte offset 45 claims 262145 .* at most 262144/);
    expect(seen).toHaveLength(1);
    expect(facts).toMatchObject({ packets: 1, bytes: 45, cutShort: false });
  });

  it('are an error beyond 16 MiB whatever the snapshot length says', () => {
    const { error } = scan(pcapFile([{ data: HELLO, capturedLength: 16 * 1024 * 1024 + 1 }], { snaplen: 0xffff_ffff }));
    expect(error).toMatchObject({ code: 'bad-length', offset: 24 });
  });

  it('are judged before their bytes arrive', () => {
    const header = pcapRecord({ data: Buffer.alloc(0), capturedLength: 0xffff_ffff });
    expect(scan(Buffer.concat([pcapHeader(), header])).error).toMatchObject({ code: 'bad-length', offset: 24 });
  });
});
