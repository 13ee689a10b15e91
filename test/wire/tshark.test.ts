/** tshark reads the same packets, and has to see the same fields; it also checks the checksums of the builder. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IpFragments } from '../../src/reassembly/ip-fragments.ts';
import { formatAddress } from '../../src/wire/addresses.ts';
import {
  decodeFrame,
  decodeTransport,
  FrameView,
  ICMP_ERROR,
  IP_FRAGMENT,
  TCP,
  watchAllPorts,
} from '../../src/wire/frame.ts';
import { readTcpOptions, TcpOptions } from '../../src/wire/tcp.ts';
import {
  ethernet,
  ethernetSnap,
  icmpUnreachable,
  ipFragments,
  linuxSll,
  linuxSll2,
  loopback,
  pcapFile,
  type TcpPacketOptions,
  tcpPacket,
} from '../support/packet-bytes.ts';
import { needs } from '../support/requirements.ts';
import { texts } from './decoded.ts';

const SEED = 25;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smtpscope-wire-'));
});
beforeEach((context) => needs(context, 'tshark'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One row a packet, one text a field; several occurrences are joined by commas. */
function tshark(linkType: number, frames: readonly Buffer[], fields: readonly string[]): string[][] {
  const file = join(folder, `${linkType}.pcap`);
  writeFileSync(file, pcapFile(linkType, frames));
  const options = [
    ['ip.defragment', 'TRUE'],
    ['ipv6.defragment', 'TRUE'],
    ['tcp.desegment_tcp_streams', 'FALSE'],
    // Else the edges of SACK blocks are relative ones.
    ['tcp.relative_sequence_numbers', 'FALSE'],
    ['tcp.check_checksum', 'TRUE'],
    ['ip.check_checksum', 'TRUE'],
  ].flatMap(([name, value]) => ['-o', `${name}:${value}`]);
  const wanted = fields.flatMap((field) => ['-e', field]);
  const output = execFileSync('tshark', ['-n', '-r', file, ...options, '-T', 'fields', ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

const timestamps = fc
  .tuple(fc.nat(0xffffffff), fc.nat(0xffffffff))
  .map(([value, echo]) => Buffer.from(`0101080a${hex(value, 8)}${hex(echo, 8)}`, 'hex'));
const mss = fc.nat(0xffff).map((value) => Buffer.from(`0204${hex(value, 4)}`, 'hex'));
const scale = fc.nat(14).map((value) => Buffer.from(`010303${hex(value, 2)}`, 'hex'));
const permitted = fc.constant(Buffer.from('01010402', 'hex'));
const sack = fc
  .array(fc.nat(0xffffffff), { minLength: 2, maxLength: 2 })
  .map((edges) => Buffer.from(`0101050a${edges.map((edge) => hex(edge, 8)).join('')}`, 'hex'));
const tcpOptions = fc
  .subarray([0, 1, 2, 3, 4])
  .chain((chosen) => fc.tuple(...chosen.map((index) => [timestamps, mss, scale, permitted, sack][index] ?? mss)))
  .map((options) => Buffer.concat(options));

const segment = fc.record({
  isV6: fc.boolean(),
  hosts: fc.tuple(fc.integer({ min: 1, max: 254 }), fc.integer({ min: 1, max: 254 })),
  // Ports that tshark takes for no protocol with bytes of its own.
  sport: fc.integer({ min: 50000, max: 65000 }),
  dport: fc.integer({ min: 50000, max: 65000 }),
  seq: fc.nat(0xffffffff),
  ack: fc.nat(0xffffffff),
  flags: fc.nat(0xff),
  window: fc.nat(0xffff),
  ttl: fc.integer({ min: 1, max: 255 }),
  ipId: fc.nat(0xffff),
  dontFragment: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  options: tcpOptions,
  extended: fc.boolean(),
});

function build({ isV6, hosts, extended, ...rest }: typeof segment extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const base: TcpPacketOptions = isV6
    ? { ...rest, src: `2001:db8::${hosts[0]}`, dst: `2001:db8:0:1::${hosts[1]}` }
    : { ...rest, src: `192.0.2.${hosts[0]}`, dst: `198.51.100.${hosts[1]}` };
  if (!extended) return tcpPacket(base);
  const hopByHop = { type: 0, bytes: Buffer.from('0000010400000000', 'hex') };
  return tcpPacket({ ...base, ipOptions: Buffer.from([1, 1, 1, 0]), extensions: [hopByHop] });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

const vlans = [{ tpid: 0x8100, id: 5 }];
const layers: [string, number, (ip: Buffer, index: number) => Buffer][] = [
  [
    'Ethernet, VLAN and SNAP',
    1,
    (ip, index) => [ethernet(ip, { minimumBytes: 60 }), ethernet(ip, { vlans }), ethernetSnap(ip)][index % 3] as Buffer,
  ],
  ['Linux cooked v1', 113, (ip, index) => linuxSll(ip, index % 2 ? { vlans } : {})],
  ['Linux cooked v2', 276, (ip) => linuxSll2(ip)],
  ['raw IP', 101, (ip) => ip],
  ['BSD loopback', 0, (ip) => loopback(ip)],
];

describe('tshark sees the same fields', () => {
  it.each(layers)('%s', (_name, linkType, wrap) => {
    const frames = fc.sample(segment, { numRuns: 80, seed: SEED + linkType }).map((shape, i) => wrap(build(shape), i));
    const rows = tshark(linkType, frames, [
      ...['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'ip.ttl', 'ipv6.hlim', 'ip.id', 'ip.flags.df'],
      ...['tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.flags', 'tcp.window_size_value'],
      ...['tcp.len', 'tcp.options.mss_val', 'tcp.options.wscale.shift', 'tcp.options.sack_le'],
      ...['tcp.options.timestamp.tsval', 'tcp.options.timestamp.tsecr', 'tcp.checksum.status', 'ip.checksum.status'],
    ]);
    const view = new FrameView(watchAllPorts());
    const options = new TcpOptions();
    const ours = frames.map((frame) => {
      expect(decodeFrame(frame, 0, frame.length, linkType, frame.length, view)).toBe(TCP);
      readTcpOptions(frame, view, options);
      const { source, destination } = texts(frame, view);
      const isV4 = view.ipVersion === 4;
      const either = (v4: unknown, v6: unknown) => (isV4 ? [String(v4), ''] : ['', String(v6)]);
      const given = (value: number) => (value < 0 ? '' : String(value));
      return [
        ...either(source, source),
        ...either(destination, destination),
        ...either(view.ttl, view.ttl),
        isV4 ? `0x${hex(view.ipId, 4)}` : '',
        isV4 ? (view.dontFragment ? '1' : '0') : '',
        String(view.sourcePort),
        String(view.destinationPort),
        String(view.seq >>> 0),
        String(view.ack >>> 0),
        `0x${hex(view.flags, 4)}`,
        String(view.window),
        String(view.payloadLength),
        given(options.mss),
        given(options.windowScale),
        options.sackBlocks > 0 ? String((options.sackEdges[0] as number) >>> 0) : '',
        options.hasTimestamps ? String(options.timestampValue >>> 0) : '',
        options.hasTimestamps ? String(options.timestampEcho >>> 0) : '',
        // 1: the checksum is right.
        '1',
        isV4 ? '1' : '',
      ];
    });
    expect(rows).toEqual(ours);
  });

  it('ICMP errors, and the segments that they quote', () => {
    const shapes = fc.sample(segment, { numRuns: 40, seed: SEED });
    const frames = shapes.map((shape, index) => {
      const router = shape.isV6 ? { src: '2001:db8::9', dst: '2001:db8::1' } : { src: '203.0.113.9', dst: '192.0.2.1' };
      const [type, code] = shape.isV6 ? [(index % 3) + 1, index % 2] : ([3, 4] as const);
      return ethernet(icmpUnreachable({ ...router, about: build(shape), type, code, mtu: 1280 + index }));
    });
    const rows = tshark(1, frames, [
      ...['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'icmp.type', 'icmpv6.type', 'icmp.code', 'icmpv6.code'],
      ...['icmp.mtu', 'icmpv6.mtu', 'tcp.srcport', 'tcp.dstport', 'tcp.seq'],
    ]);
    const view = new FrameView(watchAllPorts());
    const ours = frames.map((frame) => {
      expect(decodeFrame(frame, 0, frame.length, 1, frame.length, view)).toBe(ICMP_ERROR);
      const { source, destination } = texts(frame, view);
      const isV4 = view.ipVersion === 4;
      const either = (value: unknown) => (isV4 ? [String(value), ''] : ['', String(value)]);
      const v = view;
      const quoted = [
        formatAddress(v.ipVersion, v.embeddedSource0, v.embeddedSource1, v.embeddedSource2, v.embeddedSource3),
        formatAddress(
          v.ipVersion,
          v.embeddedDestination0,
          v.embeddedDestination1,
          v.embeddedDestination2,
          v.embeddedDestination3,
        ),
      ];
      return [
        ...either(`${source},${quoted[0]}`),
        ...either(`${destination},${quoted[1]}`),
        ...either(view.icmpType),
        ...either(view.icmpCode),
        ...(isV4 || view.icmpType === 2 ? either(view.icmpMtu) : ['', '']),
        String(view.embeddedSourcePort),
        String(view.embeddedDestinationPort),
        String(view.embeddedSeq >>> 0),
      ];
    });
    expect(rows).toEqual(ours);
  });

  it('segments that came in fragments', () => {
    const pieces = fc
      .sample(segment, { numRuns: 30, seed: SEED })
      .flatMap((shape, index) =>
        ipFragments(build({ ...shape, flags: 0x18, ipId: index, extended: false }), 16, index),
      );
    // Out of order, but each datagram's pieces near each other.
    const shuffled = pieces.map((ip, index) => ({ ip, at: index + ((index * 7) % 5) })).sort((a, b) => a.at - b.at);
    const frames = shuffled.map(({ ip }) => ethernet(ip));
    const fields = ['tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.len', 'tcp.payload', 'tcp.checksum.status'];
    const rows = tshark(1, frames, ['frame.number', ...fields]).filter((row) => row[1] !== '');
    const view = new FrameView(watchAllPorts());
    const fragments = new IpFragments();
    const ours: string[][] = [];
    for (const [index, frame] of frames.entries()) {
      expect(decodeFrame(frame, 0, frame.length, 1, frame.length, view)).toBe(IP_FRAGMENT);
      const whole = fragments.add(frame, view, index * 1000);
      if (whole === null) continue;
      expect(decodeTransport(whole, 0, whole.length, view)).toBe(TCP);
      ours.push([
        String(index + 1),
        String(view.sourcePort),
        String(view.destinationPort),
        String(view.seq >>> 0),
        String(view.payloadLength),
        whole.toString('hex', view.payloadStart, view.payloadEnd),
        '1',
      ]);
    }
    expect(ours.length).toBe(30);
    expect(rows).toEqual(ours);
  });
});
