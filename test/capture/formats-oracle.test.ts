/**
 * Every capture of captures/format beside tshark: the frames that we take as TCP with payload, what that payload is, and
 * the bytes of each direction once everything is in order.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CaptureError, type PacketSink } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { Assembler } from '../../src/reassembly/assembler.ts';
import { IpFragments } from '../../src/reassembly/ip-fragments.ts';
import {
  decodeFrame,
  decodeTransport,
  FrameView,
  IP_FRAGMENT,
  TCP,
  watchAllPorts,
  watchPorts,
} from '../../src/wire/frame.ts';
import { type SharkSegment as Segment, Sharkd } from '../oracle/support/sharkd.ts';
import { has, needs, needsSharedCaptures } from '../support/requirements.ts';

const folder = fileURLToPath(new URL('../../captures/format', import.meta.url));

/** What tshark cannot show in the same way, each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'nested-too-deep.pcap': 'tshark follows more tunnels than we do',
  'xz.pcap.xz': 'tshark reads no xz; compressions.test.ts holds it against the plain capture',
};

const sharkd: { daemon: Sharkd | null } = { daemon: null };
beforeAll(async () => {
  sharkd.daemon = has('sharkd') ? new Sharkd() : null;
  await sharkd.daemon?.begin();
});
afterAll(() => sharkd.daemon?.end());

/** Segments, and of each connection what its client and its server said. */
async function theirs(path: string, streamCount: number): Promise<{ segments: Segment[]; streams: string[][] }> {
  const capture = await (sharkd.daemon as Sharkd).read(path);
  try {
    const streams: string[][] = [];
    for (let index = 0; index < streamCount; index++) {
      const ends = await capture.saidIn(index);
      const of = (isServer: boolean) => ends.find(([port]) => (port === 25) === isServer)?.[1] ?? '';
      streams.push([of(false), of(true)].map((text) => Buffer.from(text, 'latin1').toString('hex')));
    }
    return { segments: await capture.segments(), streams };
  } finally {
    capture.close();
  }
}

async function ourSegments(path: string, ports: Uint8Array): Promise<Segment[]> {
  const view = new FrameView(ports);
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
  await readCapture(path, sink);
  return segments;
}

/** The bytes of each direction in the order in which connections began, as `follow` of tshark numbers them. */
async function ourStreams(path: string): Promise<string[][]> {
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
  await readCapture(path, assembler);
  assembler.finish();
  return [...streams].sort(([a], [b]) => a - b).map(([, sides]) => sides);
}

const names = readdirSync(folder).sort();

describe.each(names.filter((name) => DIFFERENT[name] === undefined))('%s', (name) => {
  beforeEach((context) => needs(context, 'sharkd'));

  // Holes, cut packets and doubled ones are told in their own ways by `follow`: there, segments alone are compared.
  const isWhole = !/lost|missing|mid-stream|snaplen|one-side|twice|two-interfaces|cut-short/.test(name);

  it('has the segments that tshark sees, and the streams that it follows', async () => {
    const path = join(folder, name);
    const segments = await ourSegments(path, watchPorts([25]));
    const streams = await ourStreams(path);
    const their = await theirs(path, streams.length);
    expect(segments).toEqual(their.segments);
    if (isWhole) expect(streams).toEqual(their.streams);
  });
});

/** Captures that others made: each difference, and who is right. */
const OTHERS_DIFFER: Readonly<Record<string, string>> = {
  'suricata-verify--tcp-rst-unacked-stream-03-gap.pcap frame 7':
    'bytes in a RST (RFC 9293 §3.5.3 lets it explain itself): tshark calls them its cause and no payload; reassembly drops them',
  'zeek--gre-aruba-amsdu.pcap frame 1': 'a GRE type of one maker for 802.11: not read here',
};
/** Not read, with a sentence: other formats, versions that nobody writes, damage in the middle. */
const OTHERS_UNREAD: Readonly<Record<string, string>> = {
  'libpcap--pcapng-invalid-vers-1.pcapng': 'unsupported-version',
  'libtrace--100_packets.erf': 'unsupported-format',
  'python-pcapng--test007.ntar': 'bad-length',
};

describe.each(['given', 'stress'])('captures that others made: %s', (part) => {
  it('have the segments that tshark sees', { timeout: 600_000 }, async (context) => {
    needs(context, 'sharkd');
    const shared = join(needsSharedCaptures(context), part);
    const differences: string[] = [];
    for (const name of readdirSync(shared).filter((file) => !file.endsWith('.json'))) {
      const path = join(shared, name);
      let ours: Segment[];
      try {
        ours = await ourSegments(path, watchAllPorts());
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        expect(error.code, name).toBe(OTHERS_UNREAD[name]);
        continue;
      }
      const one = new Map(ours.map((segment) => [segment.frame, JSON.stringify(segment)]));
      const other = new Map(
        (await theirs(path, 0)).segments.map((segment) => [segment.frame, JSON.stringify(segment)]),
      );
      for (const frame of new Set([...one.keys(), ...other.keys()])) {
        if (one.get(frame) !== other.get(frame)) differences.push(`${name} frame ${frame}`);
      }
    }
    expect(differences.filter((difference) => OTHERS_DIFFER[difference] === undefined)).toEqual([]);
  });
});
