import { describe, expect, it } from 'vitest';
import {
  CUT_SHORT,
  decodeFrame,
  decodeTransport,
  FrameView,
  IP_FRAGMENT,
  MALFORMED,
  NOTHING,
  TCP,
  UNREAD_LINK_TYPE,
  watchAllPorts,
  watchPorts,
} from '../../src/wire/frame.ts';
import {
  ethernet,
  ethernetSnap,
  ipFragments,
  ipv4Packet,
  ipv6Packet,
  linuxSll,
  linuxSll2,
  loopback,
  tcpPacket,
} from '../support/packet-bytes.ts';
import { decode } from './decoded.ts';

const V4 = tcpPacket({ payload: 'EHLO a.example\r\n' });
const V6 = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', payload: 'EHLO a.example\r\n' });

/** A copy with some bytes replaced. */
function patched(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

describe('literal bytes', () => {
  // tcpdump -x prints these as: IP 192.0.2.1.40000 > 198.51.100.2.25: Flags [P.], seq 4294967295:5, ack 2147483648
  const ETHERNET = '020000000002 020000000001 0800';
  const IP = '45 00 003a abcd 4000 40 06 0000 c0000201 c6336402';
  const TCP_HEADER = '9c40 0019 ffffffff 80000000 80 18 01f5 0000 0000 0101080a 00000001 fffffffe';

  it('Ethernet, IPv4, TCP with timestamps: every field', () => {
    const frame = Buffer.from(`${ETHERNET}${IP}${TCP_HEADER}515549540d0a`.replaceAll(' ', ''), 'hex');
    const { kind, view, source, destination, payload } = decode(frame);
    expect(kind).toBe(TCP);
    expect({ source, destination, payload }).toEqual({
      source: '192.0.2.1',
      destination: '198.51.100.2',
      payload: 'QUIT\r\n',
    });
    expect(view).toMatchObject({
      ipVersion: 4,
      source0: 0,
      source1: 0,
      source2: 0,
      source3: 0xc0000201 | 0,
      destination3: 0xc6336402 | 0,
      ttl: 64,
      ipId: 0xabcd,
      dontFragment: 1,
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 25,
      seq: -1,
      ack: -0x80000000,
      flags: 0x18,
      window: 501,
      payloadLength: 6,
      optionsStart: 64 + 54,
      optionsEnd: 64 + 66,
      payloadStart: 64 + 66,
      payloadEnd: 64 + 72,
    });
  });

  it('Ethernet, IPv6, TCP: every field', () => {
    const frame = Buffer.from(
      (
        '020000000002 020000000001 86dd 6 00 00000 001a 06 3a 20010db8000000010000000000000001 20010db80000000200000000ffffffff' +
        '0019 9c40 00000001 7fffffff 50 12 7210 0000 0000 3232300d0a20'
      ).replaceAll(' ', ''),
      'hex',
    );
    const { kind, view, source, destination, payload } = decode(frame);
    expect(kind).toBe(TCP);
    expect({ source, destination, payload }).toEqual({
      source: '2001:db8:0:1::1',
      destination: '2001:db8:0:2::ffff:ffff',
      payload: '220\r\n ',
    });
    expect(view).toMatchObject({
      ipVersion: 6,
      source0: 0x20010db8,
      source1: 1,
      source2: 0,
      source3: 1,
      destination3: -1,
      ttl: 58,
      ipId: -1,
      dontFragment: 1,
      sourcePort: 25,
      destinationPort: 40000,
      seq: 1,
      ack: 0x7fffffff,
      flags: 0x12,
      window: 0x7210,
      payloadLength: 6,
    });
    expect(view.optionsEnd - view.optionsStart).toBe(0);
  });

  it('forgets the IPv6 address when an IPv4 packet follows in the same view', () => {
    const view = new FrameView(watchAllPorts());
    const full = tcpPacket({ src: '2001:db8:1:2:3:4:5:6', dst: '2001:db8:7:8:9:a:b:c' });
    expect(decodeFrame(full, 0, full.length, 101, full.length, view)).toBe(TCP);
    expect(view).toMatchObject({ source1: 0x10002, source2: 0x30004, destination1: 0x70008, destination2: 0x9000a });
    expect(decodeFrame(V4, 0, V4.length, 101, V4.length, view)).toBe(TCP);
    expect(view).toMatchObject({ ipVersion: 4, source0: 0, source1: 0, source2: 0, ipId: 0 });
    expect(view).toMatchObject({ destination0: 0, destination1: 0, destination2: 0, destination3: 0xc6336402 | 0 });
  });
});

describe('link types', () => {
  const vlans = [
    { tpid: 0x88a8, id: 100 },
    { tpid: 0x9100, id: 7 },
    { tpid: 0x8100, id: 1 },
  ];
  const rows: [string, number, (ip: Buffer) => Buffer][] = [
    ['Ethernet', 1, (ip) => ethernet(ip)],
    ['Ethernet, three VLAN tags', 1, (ip) => ethernet(ip, { vlans })],
    ['Ethernet, 802.3 with SNAP', 1, (ip) => ethernetSnap(ip)],
    ['Linux cooked v1', 113, (ip) => linuxSll(ip)],
    ['Linux cooked v1, VLAN tags', 113, (ip) => linuxSll(ip, { vlans })],
    ['Linux cooked v2', 276, (ip) => linuxSll2(ip)],
    ['Linux cooked v2, VLAN tags', 276, (ip) => linuxSll2(ip, { vlans })],
    ['raw', 101, (ip) => ip],
    ['raw, number of BSD', 12, (ip) => ip],
    ['raw, number of OpenBSD', 14, (ip) => ip],
    ['NULL, little-endian', 0, (ip) => loopback(ip)],
    ['NULL, big-endian', 0, (ip) => loopback(ip, { byteOrder: 'big' })],
    ['LOOP, big-endian', 108, (ip) => loopback(ip, { byteOrder: 'big' })],
    ['LOOP, little-endian', 108, (ip) => loopback(ip)],
  ];

  for (const [name, linkType, wrap] of rows) {
    it(name, () => {
      const v4 = decode(wrap(V4), linkType);
      expect(v4).toMatchObject({ kind: TCP, source: '192.0.2.1', payload: 'EHLO a.example\r\n' });
      const v6 = decode(wrap(V6), linkType);
      expect(v6).toMatchObject({ kind: TCP, source: '2001:db8::1', payload: 'EHLO a.example\r\n' });
    });
  }

  it('IPV4 and IPV6 take their own version alone', () => {
    expect(decode(V4, 228).kind).toBe(TCP);
    expect(decode(V6, 229).kind).toBe(TCP);
    expect(decode(V6, 228).kind).toBe(MALFORMED);
    expect(decode(V4, 229).kind).toBe(MALFORMED);
  });

  it.each([10, 24, 28, 30])('address family %i is IPv6', (family) => {
    expect(decode(loopback(V6, { family }), 0).kind).toBe(TCP);
    expect(decode(loopback(V6, { family, byteOrder: 'big' }), 108).kind).toBe(TCP);
  });

  it('a family of neither is nothing', () => {
    expect(decode(loopback(V4, { family: 7 }), 0).kind).toBe(NOTHING);
    expect(decode(Buffer.concat([Buffer.from([2, 2, 0, 0]), V4]), 0).kind).toBe(NOTHING);
    expect(decode(Buffer.concat([Buffer.from([2, 0, 0, 2]), V4]), 0).kind).toBe(NOTHING);
  });

  it('raw IP of no version is malformed', () => {
    expect(decode(patched(V4, 0, 0x55), 101).kind).toBe(MALFORMED);
  });

  it.each([3, 147, 189, 281, 65535, -1])('link type %i is not read', (linkType) => {
    expect(decode(V4, linkType).kind).toBe(UNREAD_LINK_TYPE);
  });

  it('ARP, LLC without SNAP, SNAP of another organisation, netlink: nothing', () => {
    expect(decode(patched(ethernet(V4), 12, 0x08, 0x06)).kind).toBe(NOTHING);
    expect(decode(patched(ethernetSnap(V4), 14, 0x42, 0x42)).kind).toBe(NOTHING);
    expect(decode(patched(ethernetSnap(V4), 17, 1)).kind).toBe(NOTHING);
    expect(decode(patched(linuxSll(V4), 2, 824 >> 8, 824 & 255), 113).kind).toBe(NOTHING);
    expect(decode(patched(linuxSll2(V4), 8, 824 >> 8, 824 & 255), 276).kind).toBe(NOTHING);
  });

  it('an LLC frame inside a VLAN tag, and in a cooked header', () => {
    const snap = ethernetSnap(V4);
    const inTag = Buffer.concat([snap.subarray(0, 12), Buffer.from('81000001', 'hex'), snap.subarray(12)]);
    expect(decode(inTag)).toMatchObject({ kind: TCP, payload: 'EHLO a.example\r\n' });
    const cooked = Buffer.concat([patched(linuxSll(V4).subarray(0, 16), 14, 0, 4), snap.subarray(14)]);
    expect(decode(cooked, 113)).toMatchObject({ kind: TCP, payload: 'EHLO a.example\r\n' });
  });

  it('VLAN tags up to the end of the packet', () => {
    const header = Buffer.from('020000000002020000000001', 'hex');
    for (let tags = 1; tags < 40; tags++) {
      const frame = Buffer.concat([header, Buffer.alloc(tags * 4, Buffer.from('81000001', 'hex'))]);
      // The last tag is an EtherType and an identifier, with no EtherType behind it.
      expect(decode(frame).kind).toBe(MALFORMED);
      expect(decode(frame, 1, 1500).kind).toBe(CUT_SHORT);
    }
  });
});

describe('ports', () => {
  it('one watched port is enough, whichever it is', () => {
    expect(decode(ethernet(tcpPacket({ sport: 40000, dport: 587 }))).kind).toBe(TCP);
    expect(decode(ethernet(tcpPacket({ sport: 25, dport: 40000 }))).kind).toBe(TCP);
  });

  it('no watched port: nothing, in each version and link layer', () => {
    const v4 = tcpPacket({ dport: 443 });
    const v6 = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', dport: 443 });
    expect(decode(ethernet(v4)).kind).toBe(NOTHING);
    expect(decode(ethernet(v6)).kind).toBe(NOTHING);
    expect(decode(linuxSll(v4), 113).kind).toBe(NOTHING);
    expect(decode(ethernet(tcpPacket({ dport: 443, ipOptions: Buffer.from([7, 3, 4]) }))).kind).toBe(NOTHING);
  });

  it('leaves an unwatched packet before it fills anything in', () => {
    const view = new FrameView(watchPorts([25]));
    const { ports: _, ...before } = view;
    for (const ip of [tcpPacket({ dport: 443 }), tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', dport: 443 })]) {
      expect(decodeFrame(ip, 0, ip.length, 101, ip.length, view)).toBe(NOTHING);
      const { ports: __, ...after } = view;
      expect(after).toEqual(before);
    }
  });

  it('follows the table when the caller changes it', () => {
    const ports = watchPorts([]);
    const view = new FrameView(ports);
    expect(decodeFrame(V4, 0, V4.length, 101, V4.length, view)).toBe(NOTHING);
    ports[25] = 1;
    expect(decodeFrame(V4, 0, V4.length, 101, V4.length, view)).toBe(TCP);
  });

  it('refuses a table of another size, and what is no port', () => {
    expect(() => new FrameView(new Uint8Array(65535))).toThrow('65536');
    expect(() => watchPorts([65536])).toThrow('65536');
    expect(() => watchPorts([-1])).toThrow('-1');
    expect(() => watchPorts([2.5])).toThrow('2.5');
  });

  it('other protocols are nothing', () => {
    const udp = ipv4Packet('192.0.2.1', '198.51.100.2', 17, Buffer.from('00190019000c0000', 'hex'));
    expect(decode(ethernet(udp)).kind).toBe(NOTHING);
    const udp6 = ipv6Packet('2001:db8::1', '2001:db8::2', 17, Buffer.from('00190019000c0000', 'hex'));
    expect(decode(ethernet(udp6)).kind).toBe(NOTHING);
    expect(decode(ethernet(ipv6Packet('2001:db8::1', '2001:db8::2', 59, Buffer.alloc(20)))).kind).toBe(NOTHING);
  });
});

describe('IPv4 lengths', () => {
  it('options are passed over', () => {
    const ip = tcpPacket({ payload: 'NOOP\r\n', ipOptions: Buffer.from([7, 7, 4, 0, 0, 0, 0]) });
    expect(ip[0]).toBe(0x47);
    expect(decode(ethernet(ip))).toMatchObject({ kind: TCP, payload: 'NOOP\r\n', view: { payloadLength: 6 } });
  });

  it('Ethernet padding is no payload', () => {
    const { kind, view, payload } = decode(ethernet(tcpPacket(), { minimumBytes: 60 }));
    expect({ kind, payload, length: view.payloadLength }).toEqual({ kind: TCP, payload: '', length: 0 });
    const short = decode(ethernet(tcpPacket({ payload: 'a' }), { minimumBytes: 60 }));
    expect({ payload: short.payload, length: short.view.payloadLength }).toEqual({ payload: 'a', length: 1 });
  });

  it('Ethernet padding that was cut is no payload either', () => {
    const frame = ethernet(tcpPacket({ payload: 'a' }), { minimumBytes: 60 });
    expect(decode(frame.subarray(0, 57), 1, 60)).toMatchObject({ payload: 'a', view: { payloadLength: 1 } });
  });

  it('a snapshot length cuts the payload and not its length', () => {
    const frame = ethernet(V4);
    for (let captured = 54; captured < frame.length; captured++) {
      const { kind, view, payload } = decode(frame.subarray(0, captured), 1, frame.length);
      expect(kind).toBe(TCP);
      expect(payload).toBe('EHLO a.example\r\n'.slice(0, captured - 54));
      expect(view.payloadLength).toBe(16);
    }
  });

  it('a cut is seen without the length on the wire', () => {
    const frame = ethernet(V4);
    const { kind, view, payload } = decode(frame.subarray(0, 60), 1, 60);
    expect({ kind, payload, length: view.payloadLength }).toEqual({ kind: TCP, payload: 'EHLO a', length: 16 });
  });

  it('cut options: no payload, and its true length', () => {
    const frame = ethernet(tcpPacket({ payload: 'QUIT\r\n', options: Buffer.from('0101080a0000000100000002', 'hex') }));
    const { kind, view, payload } = decode(frame.subarray(0, 58), 1, frame.length);
    expect({ kind, payload, length: view.payloadLength }).toEqual({ kind: TCP, payload: '', length: 6 });
    expect(view.optionsEnd - view.optionsStart).toBe(4);
  });

  it('total length 0: the frame knows (offload)', () => {
    const ip = patched(tcpPacket({ payload: Buffer.alloc(1000, 'x') }), 2, 0, 0);
    expect(decode(ethernet(ip)).view.payloadLength).toBe(1000);
    // Longer than any total length could say, and cut.
    const cut = decode(ethernet(ip), 1, 14 + 40 + 100_000);
    expect(cut.kind).toBe(TCP);
    expect(cut.payload.length).toBe(1000);
    expect(cut.view.payloadLength).toBe(100_000);
  });

  it('total length 0 in a frame that claims gigabytes: bounded', () => {
    const { view } = decode(ethernet(patched(V4, 2, 0, 0)), 1, 0xffff_ffff);
    expect(view.payloadLength).toBeLessThanOrEqual(1 << 20);
  });

  it('a length on the wire that is below what was captured is not believed', () => {
    expect(decode(ethernet(patched(V4, 2, 0, 0)), 1, 3)).toMatchObject({ kind: TCP, view: { payloadLength: 16 } });
  });

  it('total lengths below the headers are malformed', () => {
    for (let total = 1; total < 40; total++) {
      expect(decode(ethernet(patched(V4, 2, 0, total))).kind).toBe(MALFORMED);
    }
    expect(decode(ethernet(patched(V4, 2, 0, 40)))).toMatchObject({ kind: TCP, payload: '' });
  });

  it('header lengths below 20 are malformed, and those that reach over the end', () => {
    for (let words = 0; words < 5; words++) expect(decode(ethernet(patched(V4, 0, 0x40 | words))).kind).toBe(MALFORMED);
    // All 40 bytes are then IP header: the total length has no room for it.
    const small = tcpPacket();
    expect(decode(ethernet(patched(small, 0, 0x4b))).kind).toBe(MALFORMED);
  });

  it('data offsets below 5 and behind the end are malformed', () => {
    for (let words = 0; words < 5; words++) {
      expect(decode(ethernet(patched(V4, 32, words << 4))).kind).toBe(MALFORMED);
    }
    // 36 bytes of segment: nine words, all of it header.
    expect(decode(ethernet(patched(V4, 32, 9 << 4)))).toMatchObject({ kind: TCP, view: { payloadLength: 0 } });
    for (let words = 10; words < 16; words++) {
      expect(decode(ethernet(patched(V4, 32, words << 4))).kind).toBe(MALFORMED);
    }
  });

  it('another version under the EtherType of IPv4 is malformed', () => {
    expect(decode(ethernet(V4).fill(0x65, 14, 15)).kind).toBe(MALFORMED);
  });

  it('don’t fragment, not set', () => {
    expect(decode(ethernet(tcpPacket({ dontFragment: false, ipId: 65535, ttl: 255 })))).toMatchObject({
      kind: TCP,
      view: { dontFragment: 0, ipId: 65535, ttl: 255 },
    });
  });
});

describe('frames cut inside their headers', () => {
  const rows: [string, number, Buffer, number][] = [
    ['Ethernet, IPv4', 1, ethernet(V4), 54],
    ['Ethernet, VLAN, IPv4', 1, ethernet(V4, { vlans: [{ tpid: 0x8100, id: 3 }] }), 58],
    ['Ethernet, IPv6', 1, ethernet(V6), 74],
    ['Linux cooked v1', 113, linuxSll(V4), 56],
    ['Linux cooked v2', 276, linuxSll2(V4), 60],
    ['NULL', 0, loopback(V4), 44],
    ['raw', 101, V4, 40],
    ['IPv6', 229, V6, 60],
  ];
  for (const [name, linkType, frame, headers] of rows) {
    it(`${name}: cut short by the snapshot length, malformed on the wire`, () => {
      for (let captured = 0; captured < headers; captured++) {
        const part = frame.subarray(0, captured);
        expect(decode(part, linkType, frame.length).kind).toBe(CUT_SHORT);
        // Without IP to say that there is more, the packet has to be taken for complete.
        const ip = headers - (frame === V6 || name.endsWith('IPv6') ? 60 : 40);
        if (captured < ip + 20) expect(decode(part, linkType, captured).kind).toBe(MALFORMED);
      }
      expect(decode(frame.subarray(0, headers), linkType, frame.length).kind).toBe(TCP);
    });
  }
});

describe('IPv6 extension headers', () => {
  const HOP_BY_HOP = { type: 0, bytes: Buffer.from('0000010400000000', 'hex') };
  const ROUTING = { type: 43, bytes: Buffer.from(`0002${'00'.repeat(22)}`, 'hex') };
  const DESTINATION = { type: 60, bytes: Buffer.from('00010104000000000000000000000000', 'hex') };
  const AUTHENTICATION = { type: 51, bytes: Buffer.from('000400000000000100000001aabbccddeeff00112233aabb', 'hex') };
  // Its second byte is reserved, and no length.
  const ATOMIC = { type: 44, bytes: Buffer.from('00ff000000000007', 'hex') };
  const base = { src: '2001:db8::1', dst: '2001:db8::2', payload: 'RSET\r\n' };

  it.each([
    ['hop-by-hop', [HOP_BY_HOP]],
    ['routing', [ROUTING]],
    ['destination options', [DESTINATION]],
    ['authentication', [AUTHENTICATION]],
    ['a fragment header around the whole', [ATOMIC]],
    ['all of them', [HOP_BY_HOP, DESTINATION, ROUTING, ATOMIC, AUTHENTICATION, DESTINATION]],
  ])('%s', (_name, extensions) => {
    const frame = ethernet(tcpPacket({ ...base, extensions }));
    expect(decode(frame)).toMatchObject({ kind: TCP, payload: 'RSET\r\n', view: { payloadLength: 6, protocol: 6 } });
    // Cut anywhere, it is a cut and nothing else.
    const headers = frame.length - 6;
    for (let captured = 0; captured < headers; captured++) {
      expect(decode(frame.subarray(0, captured), 1, frame.length).kind).toBe(CUT_SHORT);
    }
  });

  it('a length that leads behind the end is malformed', () => {
    for (const extension of [HOP_BY_HOP, ROUTING, DESTINATION, AUTHENTICATION]) {
      const frame = ethernet(tcpPacket({ ...base, extensions: [extension] }));
      expect(decode(patched(frame, 14 + 40 + 1, 255)).kind).toBe(MALFORMED);
    }
  });

  it('a chain without end is malformed', () => {
    const sixteen = new Array(16).fill(HOP_BY_HOP);
    expect(decode(ethernet(tcpPacket({ ...base, extensions: sixteen }))).kind).toBe(TCP);
    expect(decode(ethernet(tcpPacket({ ...base, extensions: [...sixteen, HOP_BY_HOP] }))).kind).toBe(MALFORMED);
  });

  it('a payload length that ends inside the headers is malformed', () => {
    const frame = ethernet(tcpPacket({ ...base, extensions: [HOP_BY_HOP] }));
    for (let length = 1; length < 28; length++) {
      expect(decode(patched(frame, 18, 0, length)).kind).toBe(MALFORMED);
    }
    expect(decode(patched(frame, 18, 0, 28))).toMatchObject({ kind: TCP, payload: '' });
    expect(decode(patched(frame, 18, 0, 30))).toMatchObject({ kind: TCP, payload: 'RS' });
  });

  it('payload length 0: the frame knows (offload, jumbograms)', () => {
    expect(decode(patched(ethernet(V6), 18, 0, 0))).toMatchObject({ kind: TCP, view: { payloadLength: 16 } });
  });

  it('a payload length beyond what was captured is a cut', () => {
    expect(decode(patched(ethernet(V6), 18, 1, 0))).toMatchObject({
      kind: TCP,
      payload: 'EHLO a.example\r\n',
      view: { payloadLength: 256 - 20 },
    });
  });

  it('padding is no payload', () => {
    const frame = Buffer.concat([ethernet(V6), Buffer.alloc(9)]);
    expect(decode(frame)).toMatchObject({ payload: 'EHLO a.example\r\n', view: { payloadLength: 16 } });
  });

  it('another version under the EtherType of IPv6 is malformed', () => {
    expect(decode(patched(ethernet(V6), 14, 0x45)).kind).toBe(MALFORMED);
  });
});

describe('fragments', () => {
  it('IPv4: each piece says where it belongs', () => {
    const ip = tcpPacket({ ipId: 0x4321, payload: Buffer.alloc(100, 'x') });
    const pieces = ipFragments(ip, 48).map((piece) => decode(ethernet(piece, { minimumBytes: 60 })));
    expect(pieces.map(({ kind }) => kind)).toEqual([IP_FRAGMENT, IP_FRAGMENT, IP_FRAGMENT]);
    expect(
      pieces.map(({ view }) => [view.fragmentId, view.fragmentOffset, view.moreFragments, view.payloadLength]),
    ).toEqual([
      [0x4321, 0, 1, 48],
      [0x4321, 48, 1, 48],
      [0x4321, 96, 0, 24],
    ]);
    // The last piece is shorter than an Ethernet frame may be.
    expect(pieces[2]?.payload).toBe('x'.repeat(24));
  });

  it('IPv6: each piece says where it belongs', () => {
    const ip = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', payload: Buffer.alloc(100, 'x') });
    const pieces = ipFragments(ip, 64, 0x89abcdef).map((piece) => decode(ethernet(piece)));
    expect(pieces.map(({ kind }) => kind)).toEqual([IP_FRAGMENT, IP_FRAGMENT]);
    expect(
      pieces.map(({ view }) => [view.fragmentId >>> 0, view.fragmentOffset, view.moreFragments, view.payloadLength]),
    ).toEqual([
      [0x89abcdef, 0, 1, 64],
      [0x89abcdef, 64, 0, 56],
    ]);
    expect(pieces[1]?.view.protocol).toBe(6);
  });

  it('of other protocols they are nothing', () => {
    const udp = ipv4Packet('192.0.2.1', '198.51.100.2', 17, Buffer.alloc(64));
    expect(ipFragments(udp, 32).map((piece) => decode(ethernet(piece)).kind)).toEqual([NOTHING, NOTHING]);
    const udp6 = ipv6Packet('2001:db8::1', '2001:db8::2', 17, Buffer.alloc(64));
    expect(ipFragments(udp6, 32).map((piece) => decode(ethernet(piece)).kind)).toEqual([NOTHING, NOTHING]);
    const icmp = ipv4Packet('192.0.2.1', '198.51.100.2', 1, Buffer.alloc(64));
    expect(ipFragments(icmp, 32).map((piece) => decode(ethernet(piece)).kind)).toEqual([NOTHING, NOTHING]);
  });

  it('IPv6: a payload length that ends inside the fragment header is malformed', () => {
    const ip = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', payload: Buffer.alloc(100) });
    const [first] = ipFragments(ip, 64) as [Buffer];
    for (let length = 1; length < 8; length++) {
      expect(decode(patched(ethernet(first), 18, 0, length)).kind).toBe(MALFORMED);
    }
  });

  it('put together, but of another protocol: nothing', () => {
    const segment = V4.subarray(20);
    const view = new FrameView(watchAllPorts());
    for (const version of [4, 6]) {
      view.ipVersion = version;
      view.protocol = 6;
      expect(decodeTransport(segment, 0, segment.length, view)).toBe(TCP);
      view.protocol = 17;
      expect(decodeTransport(segment, 0, segment.length, view)).toBe(NOTHING);
    }
  });

  it('a piece of which only the IP header was captured', () => {
    const [piece] = ipFragments(tcpPacket({ payload: Buffer.alloc(100) }), 48);
    const { kind, view } = decode(ethernet(piece as Buffer).subarray(0, 34), 1, 82);
    expect(kind).toBe(IP_FRAGMENT);
    expect([view.payloadEnd - view.payloadStart, view.payloadLength]).toEqual([0, 48]);
  });
});
