import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/wire/addresses.ts';
import { type FrameView, ICMP_ERROR, NOTHING, watchAllPorts } from '../../src/wire/frame.ts';
import { ethernet, icmpUnreachable, ipFragments, ipv6Packet, tcpPacket } from '../support/packet-bytes.ts';
import { decode } from './decoded.ts';

const SYN4 = tcpPacket({ src: '192.0.2.1', dst: '198.51.100.2', sport: 40000, dport: 25, seq: 0xdeadbeef, flags: 'S' });
const SYN6 = tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', sport: 40000, dport: 25, seq: 7, flags: 'S' });
/** Looks like watched ports wherever one reads it. */
const PORTS = Buffer.alloc(64, Buffer.from([0, 25]));
const ROUTER4 = { src: '203.0.113.9', dst: '192.0.2.1' };
const ROUTER6 = { src: '2001:db8::9', dst: '2001:db8::1' };

function embedded(view: FrameView): Record<string, unknown> {
  return {
    type: view.icmpType,
    code: view.icmpCode,
    mtu: view.icmpMtu,
    source: formatAddress(
      view.ipVersion,
      view.embeddedSource0,
      view.embeddedSource1,
      view.embeddedSource2,
      view.embeddedSource3,
    ),
    destination: formatAddress(
      view.ipVersion,
      view.embeddedDestination0,
      view.embeddedDestination1,
      view.embeddedDestination2,
      view.embeddedDestination3,
    ),
    ports: [view.embeddedSourcePort, view.embeddedDestinationPort],
    seq: view.embeddedSeq >>> 0,
  };
}

const V4 = { source: '192.0.2.1', destination: '198.51.100.2', ports: [40000, 25], seq: 0xdeadbeef };
const V6 = { source: '2001:db8::1', destination: '2001:db8::2', ports: [40000, 25], seq: 7 };

describe('ICMPv4', () => {
  it('literal bytes: administratively prohibited, eight bytes quoted', () => {
    const frame = Buffer.from(
      (
        '020000000002 020000000001 0800' +
        '4500 0038 0000 0000 fe 01 0000 cb007109 c0000201' +
        '03 0d 0000 00000000' +
        '4500 003c 1111 4000 3f 06 0000 c0000201 c6336402' +
        '9c40 0019 deadbeef'
      ).replaceAll(' ', ''),
      'hex',
    );
    const { kind, view, source, destination } = decode(frame);
    expect({ kind, source, destination, ttl: view.ttl }).toEqual({
      kind: ICMP_ERROR,
      source: '203.0.113.9',
      destination: '192.0.2.1',
      ttl: 254,
    });
    expect(embedded(view)).toEqual({ type: 3, code: 13, mtu: 0, ...V4 });
  });

  it.each([0, 1, 2, 3, 5, 9, 10, 13])('destination unreachable, code %i', (code) => {
    const { kind, view } = decode(ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, code, mtu: 1400 })));
    expect(kind).toBe(ICMP_ERROR);
    expect(embedded(view)).toEqual({ type: 3, code, mtu: 0, ...V4 });
  });

  it('fragmentation needed: the next-hop MTU, from its low 16 bits', () => {
    const { view } = decode(ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, code: 4, mtu: 0xaaaa_0578 })));
    expect(embedded(view)).toEqual({ type: 3, code: 4, mtu: 1400, ...V4 });
  });

  it('time exceeded, and no MTU in it', () => {
    const { kind, view } = decode(ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, type: 11, code: 4, mtu: 9 })));
    expect(kind).toBe(ICMP_ERROR);
    expect(embedded(view)).toEqual({ type: 11, code: 4, mtu: 0, ...V4 });
  });

  it('a quoted header with options', () => {
    const about = tcpPacket({ flags: 'S', seq: 5, ipOptions: Buffer.from([7, 7, 4, 0, 0, 0, 0]) });
    const { kind, view } = decode(ethernet(icmpUnreachable({ ...ROUTER4, about, quotedBytes: 28 + 8 })));
    expect(kind).toBe(ICMP_ERROR);
    expect(embedded(view)).toMatchObject({ ports: [40000, 25], seq: 5 });
  });

  it('the answer of a server on a watched port counts as well', () => {
    const about = tcpPacket({ sport: 587, dport: 40000 });
    expect(decode(ethernet(icmpUnreachable({ ...ROUTER4, about }))).kind).toBe(ICMP_ERROR);
  });

  it('other types, ports, protocols, later fragments: nothing', () => {
    const error = (about: Buffer, type = 3) => decode(ethernet(icmpUnreachable({ ...ROUTER4, about, type }))).kind;
    for (const type of [0, 1, 2, 4, 5, 8, 12, 13]) expect(error(SYN4, type)).toBe(NOTHING);
    expect(error(tcpPacket({ dport: 443 }))).toBe(NOTHING);
    const [first, second] = ipFragments(tcpPacket({ payload: PORTS }), 40) as [Buffer, Buffer];
    expect(error(first)).toBe(ICMP_ERROR);
    expect(error(second)).toBe(NOTHING);
    const udp = Buffer.from(SYN4);
    udp[9] = 17;
    expect(error(udp)).toBe(NOTHING);
  });

  it('a quote that lies or ends early: nothing', () => {
    for (let quotedBytes = 0; quotedBytes < 28; quotedBytes++) {
      expect(decode(ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, quotedBytes }))).kind).toBe(NOTHING);
    }
    expect(decode(ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, quotedBytes: 28 }))).kind).toBe(ICMP_ERROR);
    for (const first of [0x40, 0x44, 0x4f, 0x65]) {
      const about = Buffer.from(SYN4);
      about[0] = first;
      const error = ethernet(icmpUnreachable({ ...ROUTER4, about }));
      expect(decode(error, 1, error.length, watchAllPorts()).kind).toBe(NOTHING);
    }
  });

  it('padding behind a short quote is not taken for it', () => {
    const frame = ethernet(icmpUnreachable({ ...ROUTER4, about: SYN4, quotedBytes: 26 }), { minimumBytes: 100 });
    expect(decode(frame).kind).toBe(NOTHING);
  });
});

describe('ICMPv6', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('destination unreachable, code %i', (code) => {
    const { kind, view, source } = decode(ethernet(icmpUnreachable({ ...ROUTER6, about: SYN6, code, mtu: 9 })));
    expect({ kind, source }).toEqual({ kind: ICMP_ERROR, source: '2001:db8::9' });
    expect(embedded(view)).toEqual({ type: 1, code, mtu: 0, ...V6 });
  });

  it('packet too big: the MTU, all 32 bits of it', () => {
    const mtuOf = (mtu: number) =>
      decode(ethernet(icmpUnreachable({ ...ROUTER6, about: SYN6, type: 2, mtu }))).view.icmpMtu;
    expect(mtuOf(1280)).toBe(1280);
    expect(mtuOf(0x10000)).toBe(0x10000);
    expect(mtuOf(0xffffffff)).toBe(0x7fffffff);
  });

  it('time exceeded', () => {
    const { kind, view } = decode(ethernet(icmpUnreachable({ ...ROUTER6, about: SYN6, type: 3 })));
    expect(kind).toBe(ICMP_ERROR);
    expect(embedded(view)).toEqual({ type: 3, code: 0, mtu: 0, ...V6 });
  });

  it('a quoted packet with extension headers', () => {
    const base = { src: '2001:db8::1', dst: '2001:db8::2', seq: 7 };
    const error = (about: Buffer) => decode(ethernet(icmpUnreachable({ ...ROUTER6, about })));
    const destinationOptions = { type: 60, bytes: Buffer.from('0000010400000000', 'hex') };
    const { kind, view } = error(tcpPacket({ ...base, extensions: [destinationOptions, destinationOptions] }));
    expect(kind).toBe(ICMP_ERROR);
    expect(embedded(view)).toMatchObject({ ports: [40000, 25], seq: 7 });

    const [first, second] = ipFragments(tcpPacket({ ...base, payload: PORTS }), 40) as [Buffer, Buffer];
    expect(error(first).kind).toBe(ICMP_ERROR);
    expect(error(second).kind).toBe(NOTHING);
    expect(error(tcpPacket({ ...base, extensions: new Array(17).fill(destinationOptions) })).kind).toBe(NOTHING);
  });

  it('other types, ports, protocols: nothing', () => {
    const error = (about: Buffer, type = 1) => decode(ethernet(icmpUnreachable({ ...ROUTER6, about, type }))).kind;
    for (const type of [0, 4, 128, 129, 135]) expect(error(SYN6, type)).toBe(NOTHING);
    expect(error(tcpPacket({ src: '2001:db8::1', dst: '2001:db8::2', dport: 443 }))).toBe(NOTHING);
    expect(error(ipv6Packet('2001:db8::1', '2001:db8::2', 17, Buffer.alloc(20)))).toBe(NOTHING);
    const ofIpv4 = Buffer.from(SYN6);
    ofIpv4[0] = 0x45;
    expect(error(ofIpv4)).toBe(NOTHING);
  });

  it('a quote that ends early: nothing', () => {
    for (let quotedBytes = 0; quotedBytes < 48; quotedBytes++) {
      expect(decode(ethernet(icmpUnreachable({ ...ROUTER6, about: SYN6, quotedBytes }))).kind).toBe(NOTHING);
    }
    expect(decode(ethernet(icmpUnreachable({ ...ROUTER6, about: SYN6, quotedBytes: 48 }))).kind).toBe(ICMP_ERROR);
  });
});
