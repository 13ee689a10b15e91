/**
 * Every capture of captures/format beside tshark: the frames that we take as TCP with payload, what that payload is, and
 * the bytes of each direction once everything is in order.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PacketSink } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { Assembler } from '../../src/reassembly/assembler.ts';
import { IpFragments } from '../../src/reassembly/ip-fragments.ts';
import { decodeFrame, decodeTransport, FrameView, IP_FRAGMENT, TCP, watchPorts } from '../../src/wire/frame.ts';
import { needs } from '../support/requirements.ts';

const folder = fileURLToPath(new URL('../../captures/format', import.meta.url));

/** What tshark cannot show in the same way, each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'nested-too-deep.pcap': 'tshark follows more tunnels than we do',
  'xz.pcap.xz': 'tshark reads no xz; compressions.test.ts holds it against the plain capture',
  'lz4.pcap.lz4': 'not read here: the error names the command that decompresses',
};

const PREFERENCES = ['ip.defragment:TRUE', 'ipv6.defragment:TRUE', 'tcp.desegment_tcp_streams:TRUE'];

function tshark(name: string, ...args: readonly string[]): string {
  const options = PREFERENCES.flatMap((preference) => ['-o', preference]);
  const { stdout, status, stderr } = spawnSync('tshark', ['-n', '-r', join(folder, name), ...options, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // A capture that is cut short ends with 2 and a sentence, behind all that was there.
  if (status !== 0 && !/cut short in the middle/.test(stderr)) throw new Error(stderr);
  return stdout;
}

interface Segment {
  readonly frame: number;
  readonly ports: string;
  readonly payload: string;
}

/** One run for both. Of headers in headers the innermost counts: the last of its kind. */
function theirs(name: string, streamCount: number): { segments: Segment[]; streams: string[][] } {
  const fields = ['frame.number', 'tcp.srcport', 'tcp.dstport', 'tcp.payload'].flatMap((field) => ['-e', field]);
  const follow = Array.from({ length: streamCount }, (_, index) => ['-z', `follow,tcp,raw,${index}`]).flat();
  const text = tshark(name, '-Y', 'tcp.len > 0', '-T', 'fields', '-E', 'occurrence=l', ...fields, ...follow);
  const rows = text.split('\n').map((line) => line.split('\t'));
  const segments = rows.flatMap(([frame, source, destination, payload]) =>
    payload === undefined
      ? []
      : [{ frame: Number(frame), ports: `${source} ${destination}`, payload: payload.replaceAll(':', '') }],
  );
  return { segments, streams: streamsIn(text) };
}

async function ourSegments(name: string): Promise<Segment[]> {
  const view = new FrameView(watchPorts([25]));
  const fragments = new IpFragments();
  const segments: Segment[] = [];
  const take = (bytes: Buffer, frame: number) => {
    if (view.payloadLength === 0) return;
    const payload = bytes.toString('hex', view.payloadStart, view.payloadEnd);
    segments.push({ frame, ports: `${view.sourcePort} ${view.destinationPort}`, payload });
  };
  const sink: PacketSink = {
    packet(bytes, start, end, { frame, linkType, originalLength, timeUs }) {
      const kind = decodeFrame(bytes, start, end, linkType, originalLength, view);
      if (kind === TCP) take(bytes, frame);
      else if (kind === IP_FRAGMENT) {
        const whole = fragments.add(bytes, view, timeUs);
        if (whole && decodeTransport(whole, 0, whole.length, view) === TCP) take(whole, frame);
      }
    },
  };
  await readCapture(join(folder, name), sink);
  return segments;
}

/** The bytes of each direction in the order in which connections began, as `follow` of tshark numbers them. */
async function ourStreams(name: string): Promise<string[][]> {
  const streams = new Map<number, [string, string]>();
  const assembler = new Assembler(
    {
      open(connection) {
        const sides: [string, string] = ['', ''];
        streams.set(connection.id, sides);
        return {
          data: (side, bytes, start, end) => {
            sides[side] += bytes.toString('hex', start, end);
          },
          gap() {},
          differs: () => false,
        };
      },
      speaksLikeServer: (bytes) => bytes[0] === 0x32,
      closed() {},
    },
    { ports: watchPorts([25]), numberLater: false },
  );
  await readCapture(join(folder, name), assembler);
  assembler.finish();
  return [...streams].sort(([a], [b]) => a - b).map(([, sides]) => sides);
}

/** What one end says comes without tabs in `follow`, what the other says with one. */
function streamsIn(text: string): string[][] {
  const streams: string[][] = [];
  for (const part of text.split(/^Follow: tcp,raw$/m).slice(1)) {
    const index = Number(/^Filter: tcp\.stream eq (\d+)$/m.exec(part)?.[1]);
    const lines = part.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
    const first = lines.filter((line) => !line.startsWith('\t')).join('');
    const second = lines.flatMap((line) => (line.startsWith('\t') ? [line.slice(1)] : [])).join('');
    streams[index] = /^Node 0: .*:25$/m.test(part) ? [second, first] : [first, second];
  }
  return streams;
}

const names = readdirSync(folder).sort();

describe.each(names)('%s', (name) => {
  beforeEach((context) => needs(context, 'tshark'));
  const isCompared = DIFFERENT[name] === undefined;

  // Holes, cut packets and doubled ones are told in their own ways by `follow`: there, segments alone are compared.
  const isWhole = !/lost|missing|mid-stream|snaplen|one-side|twice|two-interfaces|cut-short/.test(name);

  it.runIf(isCompared)('has the segments that tshark sees, and the streams that it follows', async () => {
    const segments = await ourSegments(name);
    const streams = await ourStreams(name);
    const their = theirs(name, streams.length);
    expect(segments).toEqual(their.segments);
    if (isWhole) expect(streams).toEqual(their.streams);
  });
});
