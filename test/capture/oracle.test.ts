import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { collectingSink, PcapngWriter, pcapFile, pcapngFile } from '../support/pcap-bytes.ts';
import { needs, needsSharedCaptures } from '../support/requirements.ts';

/** What Wireshark's tools make of the same captures. */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smtpscope-oracle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ETHERNET = Buffer.from(`${'02'.repeat(12)}88b5${'00'.repeat(50)}`, 'hex');
const PACKETS = [0, 1, 2, 3].map((i) => ({
  data: ETHERNET.subarray(0, 60 + i),
  originalLength: 60 + 100 * i,
  timeUs: 1_704_164_645_678_901 + i * 999_999,
  timeNanos: i * 333,
}));

const blocks = (bigEndian: boolean): Buffer => {
  const ng = new PcapngWriter({ bigEndian });
  return Buffer.concat([
    ng.section(),
    ng.block(0xbad, Buffer.alloc(100, 1)),
    ng.interface({ tsresol: 9 }),
    ng.interface({ tsresol: 0x80 | 20, tsoffset: 1_700_000_000n }),
    ng.interface({ tsresol: 3, snaplen: 60 }),
    ng.interface({ tsresol: 7, tsoffset: 1_000_000n }),
    ...PACKETS.flatMap(({ data }, i) => [
      ng.enhanced({ data, interfaceId: i, ticks: BigInt(1_234_567_890_123 + i) }),
      ng.old({ data, interfaceId: i, ticks: BigInt(1_934_567_890_123 + i), drops: i }),
      ng.block(0x40000bad, Buffer.alloc(40)),
      ng.block(4, Buffer.alloc(4)),
      ng.block(9, Buffer.from(`__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=hello, hi\n`)),
    ]),
    ng.statistics({ options: [[5, ng.u64(3n)]] }),
  ]);
};

const FILES: Record<string, Buffer> = {
  pcap: pcapFile(PACKETS),
  'pcap, big-endian': pcapFile(PACKETS, { bigEndian: true }),
  'pcap, nanosecond': pcapFile(PACKETS, { nano: true }),
  'pcap, nanosecond, big-endian': pcapFile(PACKETS, { nano: true, bigEndian: true }),
  'pcap of packets longer than its snapshot length': pcapFile(PACKETS, { snaplen: 40 }),
  'pcap of a1b2cd34': pcapFile(PACKETS, { magic: 0xa1b2cd34 }),
  pcapng: pcapngFile({ packets: PACKETS }),
  'pcapng, two sections and byte orders': pcapngFile(
    { packets: PACKETS },
    { bigEndian: true, interfaces: [{}, { linkType: 101 }], packets: PACKETS },
  ),
  'pcapng, many blocks and clocks': blocks(false),
  'pcapng, many blocks and clocks, big-endian': blocks(true),
};

describe.each(Object.entries(FILES))('%s', (name, bytes) => {
  it('gives the packets, times and lengths that tshark gives', async (context) => {
    needs(context, 'tshark');
    const path = join(folder, 'capture');
    writeFileSync(path, bytes);
    const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.protocols'];
    const args = ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    const { stdout, status, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const sink = collectingSink();
    const facts = await readCapture(path, sink);
    const ours = sink.seen.map(({ frame, timeUs, timeNanos, hex, originalLength }) => {
      const seconds = Math.floor(timeUs / 1e6);
      const fraction = String((timeUs - seconds * 1e6) * 1000 + timeNanos).padStart(9, '0');
      return [frame, `${seconds}.${fraction}`, hex.length / 2, originalLength].join('\t');
    });
    // What is not Ethernet has a frame number and holds no packet: custom blocks, journal entries.
    const theirs = stdout.split('\n').filter((line) => line.includes('\teth:'));
    expect(ours, name).toEqual(theirs.map((line) => line.slice(0, line.indexOf('\teth:'))));
    expect(facts.packets).toBe(ours.length);
  });

  it('cut in its last record, has as many packets for capinfos', async (context) => {
    needs(context, 'tshark');
    const path = join(folder, 'cut');
    writeFileSync(path, bytes.subarray(0, -2));
    const { stdout } = spawnSync('capinfos', ['-T', '-r', '-M', '-c', path], { encoding: 'utf8' });
    const facts = await readCapture(path, collectingSink());
    expect(facts.cutShort).toBe(true);
    expect(String(facts.packets)).toBe(stdout.trim().split('\t').at(-1));
  });
});

interface Manifest {
  captures: { file: string; expect?: { packets: number | null; fileType?: string | null } }[];
}

describe('captures that others made', () => {
  it('have as many packets as capinfos counts, and where it counts none a clear error says why', async (context) => {
    const stress = join(needsSharedCaptures(context), 'stress');
    const manifest = JSON.parse(readFileSync(join(stress, 'MANIFEST.json'), 'utf8')) as Manifest;
    const wrong: string[] = [];
    for (const { file, expect: expected } of manifest.captures) {
      const count = expected?.packets ?? null;
      try {
        const { packets } = await readCapture(join(stress, file), { packet() {} });
        if (count !== null && packets !== count) wrong.push(`${file}: ${packets} packets, not ${count}`);
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        const unread = count === null || expected?.fileType === 'erf';
        if (!unread) wrong.push(`${file}: ${error.message}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(manifest.captures.length).toBeGreaterThan(50);
  });
});
