/** Whatever the bytes: no exception, nothing read outside of the packet, and a view that keeps its promises. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  decodeTransport,
  type FrameKind,
  FrameView,
  ICMP_ERROR,
  IP_FRAGMENT,
  TCP,
  watchAllPorts,
} from '../../src/wire/frame.ts';
import { isReadLinkType } from '../../src/wire/link-types.ts';
import {
  ethernet,
  ethernetSnap,
  icmpUnreachable,
  ipFragments,
  linuxSll,
  linuxSll2,
  loopback,
  tcpPacket,
} from '../support/packet-bytes.ts';

const LINK_TYPES = Array.from({ length: 300 }, (_, linkType) => linkType).filter(isReadLinkType);
const SOME_OPTIONS = Buffer.from('020405b40402080a00000001000000000103', 'hex');

const v4 = tcpPacket({ payload: 'MAIL FROM:<>\r\n', options: SOME_OPTIONS, ipOptions: Buffer.from([1, 1, 1, 1]) });
const v6 = tcpPacket({
  src: '2001:db8::1',
  dst: '2001:db8::2',
  payload: 'MAIL FROM:<>\r\n',
  extensions: [
    { type: 0, bytes: Buffer.from('0000010400000000', 'hex') },
    { type: 60, bytes: Buffer.from('0000010400000000', 'hex') },
  ],
});
const error4 = icmpUnreachable({ src: '203.0.113.1', dst: '192.0.2.1', about: v4, code: 4, mtu: 1400 });
const error6 = icmpUnreachable({ src: '2001:db8::9', dst: '2001:db8::1', about: v6, type: 2, mtu: 1280 });
const datagrams = [v4, v6, error4, error6, ...ipFragments(v4, 16), ...ipFragments(v6, 16)];
/** The fifth packet of each capture of captures/format: links and tunnels of all kinds. */
const formats = fileURLToPath(new URL('../../captures/format', import.meta.url));
const recorded = readdirSync(formats).flatMap((name): [number, Buffer][] => {
  const bytes = readFileSync(join(formats, name));
  if (!name.endsWith('.pcap') || bytes.readUInt32LE(0) !== 0xa1b2c3d4) return [];
  let at = 24;
  for (let i = 0; i < 4; i++) at += 16 + bytes.readUInt32LE(at + 8);
  return [[bytes.readUInt32LE(20), bytes.subarray(at + 16, at + 16 + bytes.readUInt32LE(at + 8))]];
});
const vlans = [
  { tpid: 0x88a8, id: 1 },
  { tpid: 0x8100, id: 2 },
];
const frames = datagrams.flatMap((ip): [number, Buffer][] => [
  [1, ethernet(ip, { vlans })],
  [1, ethernet(ip, { minimumBytes: 60 })],
  [1, ethernetSnap(ip)],
  [113, linuxSll(ip, { vlans })],
  [276, linuxSll2(ip)],
  [0, loopback(ip)],
  [101, ip],
]);
const allFrames = [...frames, ...recorded];

/** The bytes, with every read outside of `[start, end)` an exception. */
function guarded(bytes: Buffer, start: number, end: number): Buffer {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^-?[0-9]+$/.test(key) && (Number(key) < start || Number(key) >= end)) {
        throw new Error(`read at ${key}, outside of ${start}–${end}`);
      }
      return Reflect.get(target, key, target);
    },
  });
}

/** Thrown, not expected: it is asked a hundred thousand times, and `expect` takes its time. */
function checkPromises(kind: FrameKind, view: FrameView, start: number, end: number): void {
  for (const name in view) {
    const value = view[name as keyof FrameView];
    // -0 would be no small integer either.
    if (name !== 'ports' && !Object.is(value, (value as number) | 0)) throw new Error(`${name} is ${value}`);
  }
  const { optionsStart, optionsEnd, payloadStart, payloadEnd, payloadLength, ipVersion } = view;
  const isOrdered = (...offsets: number[]) => offsets.every((offset, index) => offset >= (offsets[index - 1] ?? 0));
  if (kind === TCP || kind === IP_FRAGMENT) {
    if (!isOrdered(start, payloadStart, payloadEnd, end)) throw new Error(`payload ${payloadStart}–${payloadEnd}`);
    if (payloadLength < payloadEnd - payloadStart) throw new Error(`more payload than ${payloadLength}`);
  }
  if (kind === TCP && !isOrdered(start, optionsStart, optionsEnd, payloadStart)) {
    throw new Error(`options ${optionsStart}–${optionsEnd}`);
  }
  const isFilled = kind === TCP || kind === IP_FRAGMENT || kind === ICMP_ERROR;
  if (isFilled && ipVersion !== 4 && ipVersion !== 6) throw new Error(`version ${ipVersion}`);
}

const view = new FrameView(watchAllPorts());

function decodeGuarded(bytes: Buffer, start: number, end: number, linkType: number, originalLength: number): FrameKind {
  const kind = decodeFrame(guarded(bytes, start, end), start, end, linkType, originalLength, view);
  checkPromises(kind, view, start, end);
  return kind;
}

describe('frames of every kind', () => {
  it('are decoded as what they are', () => {
    const kinds = new Set(
      frames.map(([linkType, frame]) => decodeGuarded(frame, 0, frame.length, linkType, frame.length)),
    );
    expect([...kinds].sort()).toEqual([TCP, IP_FRAGMENT, ICMP_ERROR]);
  });

  it('cut at every length', () => {
    for (const [linkType, frame] of allFrames) {
      const whole = decodeGuarded(frame, 0, frame.length, linkType, frame.length);
      let sawWhole = false;
      for (let end = 0; end <= frame.length; end++) {
        const kind = decodeGuarded(frame, 0, end, linkType, frame.length);
        // Once enough was captured to tell, more cannot change it.
        if (sawWhole && kind !== whole) throw new Error(`${kind} at ${end} bytes, before it was ${whole}`);
        sawWhole ||= kind === whole;
        decodeGuarded(frame, 0, end, linkType, end);
      }
    }
  });

  it('with any byte replaced by any of a few', () => {
    for (const [linkType, frame] of allFrames.filter((_, index) => index % 3 === 0)) {
      const mutated = Buffer.from(frame);
      for (let at = 0; at < frame.length; at++) {
        for (const value of [0, 1, 0x0f, 0x7f, 0x80, 0xff]) {
          mutated[at] = value;
          decodeFrame(guarded(mutated, 0, mutated.length), 0, mutated.length, linkType, mutated.length, view);
        }
        mutated[at] = frame[at] as number;
      }
    }
  });
});

describe('any bytes', () => {
  it('under any link type and any length on the wire', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(...LINK_TYPES),
        fc.oneof(fc.nat(200), fc.constantFrom(0, 65535, 0x7fffffff, 0xffffffff)),
        fc.nat(20),
        (bytes, linkType, originalLength, start) => {
          const packet = Buffer.from(bytes);
          decodeGuarded(packet, Math.min(start, packet.length), packet.length, linkType, originalLength);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('behind a header that leads to them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allFrames),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(200),
        fc.nat(2000),
        ([linkType, frame], mutations, cut, originalLength) => {
          const packet = Buffer.from(frame);
          for (const [at, value] of mutations) packet[at % packet.length] = value;
          decodeGuarded(packet, 0, Math.max(0, packet.length - cut), linkType, originalLength);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('as what came out of fragments', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(4, 6), fc.nat(255), (bytes, version, protocol) => {
        const payload = Buffer.from(bytes);
        view.ipVersion = version;
        view.protocol = protocol;
        const kind = decodeTransport(guarded(payload, 0, payload.length), 0, payload.length, view);
        checkPromises(kind, view, 0, payload.length);
      }),
      { numRuns: 2000 },
    );
  });
});
