/**
 * Headers around headers, byte by byte. That the usual ones lead to the segment inside is held against tshark by the
 * captures of captures/format; here are the odd ones, what is left alone, and the limits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { IpFragments } from '../../src/reassembly/ip-fragments.ts';
import {
  CUT_SHORT,
  decodeFrame,
  decodeTransport,
  type FrameKind,
  FrameView,
  IP_FRAGMENT,
  MALFORMED,
  NOTHING,
  TCP,
  UNREAD_LINK_TYPE,
  watchAllPorts,
  watchPorts,
} from '../../src/wire/frame.ts';
import { isReadLinkType } from '../../src/wire/link-types.ts';
import { WIRE_LIMITS } from '../../src/wire/nesting.ts';
import { ethernet, ipFragments, ipv4Packet, ipv6Packet, tcpPacket } from '../support/packet-bytes.ts';

const INNER = tcpPacket({ payload: 'NOOP\r\n' });
const INNER6 = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', payload: 'NOOP\r\n' });
const hex = (text: string, ...rest: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(text.replaceAll(' ', ''), 'hex'), ...rest]);

function decode(
  frame: Buffer,
  linkType = 1,
  view = new FrameView(watchPorts([25])),
): { kind: FrameKind; payload: string } {
  const kind = decodeFrame(frame, 0, frame.length, linkType, frame.length, view);
  return { kind, payload: kind === TCP ? frame.toString('latin1', view.payloadStart, view.payloadEnd) : '' };
}

const FOUND = { kind: TCP, payload: 'NOOP\r\n' };
const LEFT = { kind: NOTHING, payload: '' };

const outer = (protocol: number, payload: Buffer) =>
  ethernet(ipv4Packet('203.0.113.1', '203.0.113.2', protocol, payload));
function udp(port: number, payload: Buffer, options: { length?: number; source?: number } = {}): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(options.source ?? 50_000, 0);
  header.writeUInt16BE(port, 2);
  header.writeUInt16BE(options.length ?? 8 + payload.length, 4);
  return Buffer.concat([header, payload]);
}
const etherType = (type: number, payload: Buffer) => {
  const frame = hex('020000000002 020000000001 0000', payload);
  frame.writeUInt16BE(type, 12);
  return frame;
};

describe('tunnels', () => {
  it.each([
    ['VXLAN on the port that Linux takes', outer(17, udp(8472, hex('08000000 00000100', ethernet(INNER))))],
    [
      'VXLAN whose UDP length was left to the network card',
      outer(17, udp(4789, hex('08000000 00000100', ethernet(INNER)), { length: 0 })),
    ],
    ['VXLAN-GPE with IPv4', outer(17, udp(4790, hex('0c000001 00000100', INNER)))],
    ['VXLAN-GPE with IPv6', outer(17, udp(4790, hex('0c000002 00000100', INNER6)))],
    ['VXLAN-GPE with a frame', outer(17, udp(4790, hex('08000000 00000100', ethernet(INNER))))],
    ['Geneve with IPv4 and no frame', outer(17, udp(6081, hex('00000800 00000100', INNER)))],
    ['GTP-U answered from its port', outer(17, udp(40_000, hex('30ff0000 00000001', INNER), { source: 2152 }))],
    ['GTP-U with a PDU number', outer(17, udp(2152, hex('31ff0000 00000001 00000700', INNER)))],
    ['GRE in UDP', outer(17, udp(4754, hex('00000800', INNER)))],
    ['EtherIP', outer(97, hex('3000', ethernet(INNER)))],
    ['MPLS in IP', outer(137, hex('00010140', INNER))],
    ['GRE with a VLAN tag inside', outer(47, hex('00008100 0005 0800', INNER))],
    ['ERSPAN III with IP and no frame', outer(47, hex('100022eb 00000001 20640007 00000000 00000800', INNER))],
    ['PPTP with an acknowledgment', outer(47, hex('3081880b 00400009 00000001 00000001 ff03 0021', INNER))],
    [
      'IPv6 behind destination options',
      ethernet(
        ipv6Packet('2001:db8::3', '2001:db8::4', 41, INNER6, 64, [{ type: 60, bytes: hex('0000010400000000') }]),
      ),
    ],
  ])('%s', (_, frame) => {
    expect(decode(frame)).toEqual(FOUND);
  });

  it.each([
    ['VXLAN without its flag', outer(17, udp(4789, hex('00000000 00000100', ethernet(INNER))))],
    [
      'a name looked up from the port of VXLAN',
      outer(17, udp(53, hex('08000000 00000100', ethernet(INNER)), { source: 4789 })),
    ],
    ['Geneve of version 1', outer(17, udp(6081, hex('40000800 00000100', INNER)))],
    ['Geneve whose options run past it', outer(17, udp(6081, hex('3f000800 00000100', INNER)))],
    ['GTP-U that asks for an echo', outer(17, udp(2152, hex('3201 0000 00000001 00000000', INNER)))],
    ['GTP-U whose extension header has no length', outer(17, udp(2152, hex('34ff 0000 00000001 00000085 00', INNER)))],
    ['GTP of version 2', outer(17, udp(2152, hex('48ff 0000 00000001', INNER)))],
    ['GRE with source routes', outer(47, hex('40000800 00000000 00000000', INNER))],
    ['GRE of version 2', outer(47, hex('00020800', INNER))],
    ['EtherIP of another version', outer(97, hex('4000', ethernet(INNER)))],
    [
      'garbage on the port of a tunnel',
      outer(17, udp(4789, hex('08000000 00000100 ffffffffffff ffffffffffff 0800 0000'))),
    ],
    ['a UDP header that is cut', outer(17, hex('c35012b5'))],
  ])('%s is nothing', (_, frame) => {
    expect(decode(frame)).toEqual(LEFT);
  });

  it('cut by the snapshot length say so', () => {
    const frame = outer(47, hex('00000800', INNER));
    const view = new FrameView(watchAllPorts());
    expect(decodeFrame(frame, 0, 36, 1, frame.length, view)).toBe(CUT_SHORT);
    expect(decodeFrame(frame, 0, 50, 1, frame.length, view)).toBe(CUT_SHORT);
    expect(decodeFrame(frame, 0, 36, 1, 36, view)).not.toBe(TCP);
  });

  it('in each other are unwrapped to a limit, which is counted', () => {
    const view = new FrameView(watchAllPorts());
    let ip = INNER;
    for (let depth = 1; depth <= WIRE_LIMITS.nesting + 1; depth++) {
      ip = ipv4Packet('203.0.113.1', '203.0.113.2', 4, ip);
      const isRead = depth <= WIRE_LIMITS.nesting;
      expect(decode(ethernet(ip), 1, view).kind).toBe(isRead ? TCP : NOTHING);
      expect(view.tooDeep).toBe(isRead ? 0 : 1);
      expect(view.depth).toBe(0);
    }
  });

  it('over UDP in fragments are put together once a tunnel was seen', () => {
    const view = new FrameView(watchAllPorts());
    const tunnelled = ipv4Packet(
      '203.0.113.1',
      '203.0.113.2',
      17,
      udp(4789, hex('08000000 00000100', ethernet(INNER))),
      {
        dontFragment: false,
        ipId: 7,
      },
    );
    const pieces = ipFragments(tunnelled, 48).map((piece) => ethernet(piece));
    expect(decode(pieces[1] as Buffer, 1, view).kind).toBe(NOTHING);
    const fragments = new IpFragments();
    let whole: Buffer | null = null;
    for (const piece of pieces) {
      expect(decode(piece, 1, view).kind).toBe(IP_FRAGMENT);
      whole = fragments.add(piece, view, 0);
    }
    expect(whole).not.toBeNull();
    expect(decodeTransport(whole as Buffer, 0, (whole as Buffer).length, view)).toBe(TCP);
    expect((whole as Buffer).toString('latin1', view.payloadStart, view.payloadEnd)).toBe('NOOP\r\n');
  });

  it('GRE and TCP between the same hosts with the same identification are two datagrams', () => {
    const view = new FrameView(watchAllPorts());
    const fragments = new IpFragments();
    const options = { dontFragment: false, ipId: 7 };
    const gre = ipv4Packet('192.0.2.1', '198.51.100.2', 47, hex('00000800', INNER), options);
    const plain = tcpPacket({ ...options, payload: 'x'.repeat(60) });
    const results = [ipFragments(gre, 32), ipFragments(plain, 32)]
      .flat()
      .sort((a, b) => a.readUInt16BE(6) - b.readUInt16BE(6))
      .flatMap((piece) => {
        decodeFrame(piece, 0, piece.length, 101, piece.length, view);
        const whole = fragments.add(piece, view, 0);
        return whole ? [decodeTransport(whole, 0, whole.length, view)] : [];
      });
    expect(results).toEqual([TCP, TCP]);
    expect(fragments.counters.overlaps).toBe(0);
  });
});

describe('tunnels that are not read', () => {
  it.each([
    ['VXLAN on a port of its own', outer(17, udp(9999, hex('08000000 00000500', ethernet(INNER))))],
    ['Teredo', outer(17, udp(3544, INNER6))],
    ['L2TP', outer(17, udp(1701, hex('0002 0001 0001 ff03 0021', INNER)))],
    ['WireGuard', outer(17, udp(51_820, hex('04000000 00000001 0000000000000000', INNER)))],
    ['OpenVPN', outer(17, udp(1194, hex('30 00000000', INNER)))],
    ['IPsec', outer(50, hex('00000001 00000001', INNER))],
  ])('%s', (_, frame) => {
    expect(decode(frame)).toEqual(LEFT);
  });
});

describe('links', () => {
  it.each([
    ['LLC with IP and no SNAP', 1, etherType(3 + INNER.length, hex('060603', INNER))],
    ['SNAP of a bridge for AppleTalk’s sake', 1, etherType(8 + INNER.length, hex('aaaa03 0000f8 0800', INNER))],
    ['SNAP with a VLAN tag', 1, etherType(12 + INNER.length, hex('aaaa03 000000 8100 0005 0800', INNER))],
    ['LLC under an EtherType of its own', 1, etherType(0x8870, hex('aaaa03 000000 0800', INNER))],
    ['old VLAN tags', 1, etherType(0x9200, hex('0005 9300 0006 0800', INNER))],
    ['a backbone tag', 1, etherType(0x88e7, hex('00000005', ethernet(INNER)))],
    ['MPLS with IPv6', 1, etherType(0x8847, hex('00002140', INNER6))],
    ['MPLS for many', 1, etherType(0x8848, hex('00000040 00001140', INNER))],
    ['PPPoE with a compressed protocol', 1, etherType(0x8864, hex('1100 0001 0000 21', INNER))],
    ['PPP with MPLS', 9, hex('ff03 0281 00001140', INNER)],
    ['Cisco HDLC under the link type of PPP', 50, hex('0f00 0800', INNER)],
    ['Cisco HDLC with a direction', 205, hex('00 0f00 0800', INNER)],
    ['PPP as pppd writes it', 166, hex('0003 0021', INNER)],
    ['PPPoE as a link type', 51, hex('1100 0001 0000 0021', INNER)],
    ['MPLS as a link type', 219, hex('00001140', INNER)],
    ['LLC over ATM', 100, hex('aaaa03 000000 0800', INNER)],
    ['FDDI', 10, hex('50 020000000002 020000000001 aaaa03 000000 0800', INNER)],
    ['FireWire', 138, hex('0000000000000000 0000000000000000 0800', INNER)],
    ['NFLOG of a big-endian host', 239, hex('02000000 0008000a 61620000', nflogPayload(INNER))],
    ['NFLOG with IPv6', 239, hex('0a000000 08000a00 61620000', nflogPayload(INNER6, true))],
    ['a BSD firewall’s log with IPv6', 117, hex('3d180000', Buffer.alloc(60), INNER6)],
    ['Juniper without a link header, IPv6', 178, hex('4d4743 02 06000000', INNER6)],
    ['Juniper with extensions and without a link header', 181, hex('4d4743 83 0006 020104040104 02000000', INNER)],
    ['Juniper’s PPPoE', 167, hex('4d4743 00', etherType(0x8864, hex('1100 0001 0000 0021', INNER)))],
    ['Juniper of old', 178, ethernet(INNER)],
    ['IPsec of a big-endian BSD', 109, hex('00000002 00000000 00000000', INNER)],
  ])('%s', (_, linkType, frame) => {
    expect(decode(frame, linkType)).toEqual(FOUND);
  });

  function nflogPayload(ip: Buffer, isLittle = false): Buffer {
    const head = Buffer.alloc(4);
    if (isLittle) {
      head.writeUInt16LE(4 + ip.length, 0);
      head.writeUInt16LE(9, 2);
    } else {
      head.writeUInt16BE(4 + ip.length, 0);
      head.writeUInt16BE(9, 2);
    }
    return Buffer.concat([head, ip]);
  }

  it.each([
    ['PPPoE that discovers', 1, etherType(0x8864, hex('1109 0000 0008 0021', INNER))],
    ['PPP that negotiates', 9, hex('ff03 c021 01010004')],
    ['MPLS with neither IP nor a control word', 1, etherType(0x8847, hex('00001140 90', INNER))],
    ['an answer of the spanning tree', 1, etherType(38, hex('424203', Buffer.alloc(35)))],
    ['macOS’s own messages', 258, hex('0c000000 02000000 01000000', ethernet(INNER))],
    ['NFLOG without a packet', 239, hex('02000000 08000a00 61620000')],
    ['Juniper with what is no IP', 178, hex('4d4743 02 05000000', INNER)],
    ['a log of another family', 117, hex('3d070000', Buffer.alloc(60), INNER)],
  ])('%s is nothing', (_, linkType, frame) => {
    expect(decode(frame, linkType)).toEqual(LEFT);
  });

  it.each([
    ['PPP of one byte', 9, hex('21')],
    ['Juniper with no room for its header', 178, hex('4d4743 80 00')],
    ['Juniper whose extensions are longer than it', 178, hex('4d4743 82 ffff 02000000')],
    ['MPLS whose stack has no bottom', 219, hex('00000040 00000040')],
    ['radiotap shorter than itself', 127, hex('00000400 00000000')],
    ['a Prism header without end', 119, hex('44000000 ffffff00')],
    ['NFLOG of no length', 239, hex('02000000 00000900', INNER)],
  ])('%s is malformed', (_, linkType, frame) => {
    expect(decode(frame, linkType).kind).toBe(MALFORMED);
  });
});

describe('802.11', () => {
  const LLC = hex('aaaa03 000000 0800', INNER);
  const ADDRESSES = '020000000003 020000000001 020000000002';

  it('an aggregate gives the first frame of interest', () => {
    const other = hex('020000000002 020000000001 0003 424203 000000');
    const wanted = hex('020000000002 020000000001 0000', LLC);
    wanted.writeUInt16BE(LLC.length, 12);
    const frame = hex(`8801 0000 ${ADDRESSES} 0000 8000`, other, wanted);
    expect(decode(frame, 105)).toEqual(FOUND);
  });

  it('leaves alone what is no data, what is in fragments, and what is encrypted, which it counts', () => {
    const view = new FrameView(watchPorts([25]));
    for (const control of ['8000 0000', '4801 0000', 'c801 0000', '0805 0000', '0901 0000']) {
      expect(decode(hex(`${control} ${ADDRESSES} 0000`, LLC), 105, view)).toEqual(LEFT);
    }
    expect(decode(hex(`0801 0000 ${ADDRESSES} 0100`, LLC), 105, view)).toEqual(LEFT);
    expect(view.encrypted).toBe(0);
    expect(decode(hex(`0841 0000 ${ADDRESSES} 0000`, LLC), 105, view)).toEqual(LEFT);
    expect(view.encrypted).toBe(1);
    expect(decode(hex(`0801 0000 ${ADDRESSES} 0000`, LLC), 105, view)).toEqual(FOUND);
  });

  it('an acknowledgment is shorter than any data frame', () => {
    expect(decode(hex('d400 0000 020000000001'), 105)).toEqual(LEFT);
  });
});

describe('frames of every kind of captures/format', () => {
  const folder = fileURLToPath(new URL('../../captures/format', import.meta.url));
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
    .filter(({ bytes }) => bytes.readUInt32LE(0) === 0xa1b2c3d4);
  const frames = files.flatMap(({ name, bytes }) => {
    const linkType = bytes.readUInt32LE(20);
    const found: { name: string; linkType: number; frame: Buffer }[] = [];
    for (let at = 24; at + 16 < bytes.length && found.length < 6; at += 16 + bytes.readUInt32LE(at + 8)) {
      found.push({ name, linkType, frame: bytes.subarray(at + 16, at + 16 + bytes.readUInt32LE(at + 8)) });
    }
    return found.slice(3);
  });

  it('are many', () => {
    expect(new Set(frames.map(({ linkType }) => linkType)).size).toBeGreaterThan(18);
    for (const { linkType } of frames) expect(isReadLinkType(linkType)).toBe(true);
  });

  it.each(frames)('$name, cut at every length, reads nothing outside', ({ linkType, frame }) => {
    const view = new FrameView(watchPorts([25]));
    for (let end = 0; end <= frame.length; end++) {
      const lent = Buffer.concat([Buffer.alloc(3, 0xff), frame.subarray(0, end), Buffer.alloc(64, 0xff)]);
      const kind = decodeFrame(lent, 3, 3 + end, linkType, frame.length, view);
      const other = Buffer.concat([Buffer.alloc(3), frame.subarray(0, end), Buffer.alloc(64)]);
      const again = new FrameView(watchPorts([25]));
      // What stands around a packet cannot change what it is.
      if (decodeFrame(other, 3, 3 + end, linkType, frame.length, again) !== kind) throw new Error(`differs at ${end}`);
      if (kind === UNREAD_LINK_TYPE) throw new Error('unread');
      if (kind === TCP && (view.payloadEnd > 3 + end || view.payloadStart > view.payloadEnd))
        throw new Error('outside');
      if (view.depth !== 0) throw new Error(`depth ${view.depth}`);
    }
  });
});
