// Writes the captures of captures/format that were not recorded but put into another shape: link layers, tunnels,
// fragments, file formats. They hold what captures/format/ethernet.pcap and healthy/postfix-opensmtpd-ipv6.pcap hold, so
// their dialogues and times are real; the headers around them are ours. Nothing depends on the machine or the clock.
//
// Usage: node scripts/captures/formats.mjs [FOLDER]     (captures/format by default)
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as wrap from './lib/encapsulate.mjs';

const { join, u16, u16le, u32, u32le, ipOf, ethernet, ethernetIp } = wrap;
const captures = fileURLToPath(new URL('../../captures', import.meta.url));
const folder = process.argv[2] ?? joinPath(captures, 'format');
mkdirSync(folder, { recursive: true });

/** Records of a classic little-endian microsecond pcap: `{ timeUs, frame }`. */
function read(path) {
  const source = readFileSync(joinPath(captures, path));
  const records = [];
  for (let at = 24; at < source.length; ) {
    const length = source.readUInt32LE(at + 8);
    const timeUs = source.readUInt32LE(at) * 1e6 + source.readUInt32LE(at + 4);
    records.push({ timeUs, frame: source.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return records;
}

const bothSessions = read('format/ethernet.pcap');
const isClient = (frame) => frame.readUInt16BE(34) !== 25;
const clientPort = (frame) => frame.readUInt16BE(isClient(frame) ? 34 : 36);
/** The second session alone, the refused recipient: small enough to be repeated in every shape. */
const lastPort = clientPort(bothSessions.at(-1).frame);
const records = bothSessions.filter(({ frame }) => clientPort(frame) === lastPort);
const firstSession = bothSessions.filter(({ frame }) => clientPort(frame) !== lastPort);
const records6 = read('healthy/postfix-opensmtpd-ipv6.pcap').filter(({ frame }) => frame.readUInt16BE(12) === 0x86dd);

function record(timeUs, bytes, extra = Buffer.alloc(0)) {
  const seconds = Math.floor(timeUs / 1e6);
  return join(u32le(seconds), u32le(timeUs - seconds * 1e6), u32le(bytes.length), u32le(bytes.length), extra, bytes);
}

const pcapHeader = (linkType, magic = 0xa1b2c3d4) =>
  join(u32le(magic), u16le(2), u16le(4), u32le(0), u32le(0), u32le(262_144), u32le(linkType));

/** `shape` gives one packet, or several, for a record. */
function pcap(name, linkType, shape, source = records) {
  const packets = source.flatMap(({ timeUs, frame }, index) =>
    [shape(frame, index)].flat().map((bytes, piece) => record(timeUs + piece, bytes)),
  );
  write(`${name}.pcap`, join(pcapHeader(linkType), ...packets));
}

const write = (name, bytes) => writeFileSync(joinPath(folder, name), bytes);

// Link layers.
pcap('llc-snap', 1, (frame) => wrap.ieee8023(ipOf(frame)));
pcap('qinq-9100', 1, (frame) =>
  join(frame.subarray(0, 12), u16(0x9100), u16(10), u16(0x8100), u16(100), frame.subarray(12)),
);
pcap('mpls', 1, (frame) => ethernet(0x8847, wrap.mpls([16, 17, 18], ipOf(frame))));
pcap('mpls-pseudowire', 1, (frame) => ethernet(0x8847, wrap.pseudowire(frame)));
pcap('pppoe', 1, (frame) => ethernet(0x8864, wrap.pppoe(ipOf(frame))));
pcap('pppoe-vlan-ipv6', 1, (frame) => ethernet(0x8100, join(u16(7), u16(0x8864), wrap.pppoe(ipOf(frame)))), records6);
pcap('ppp', 9, (frame, i) => (i % 2 === 0 ? wrap.ppp(ipOf(frame)) : wrap.pppCompressed(ipOf(frame))));
pcap('ppp-with-direction', 204, (frame) => wrap.pppWithDirection(ipOf(frame), isClient(frame)));
pcap('cisco-hdlc', 104, (frame) => wrap.ciscoHdlc(ipOf(frame)));
pcap('bsd-loopback-network-order', 108, (frame) => join(u32(2), ipOf(frame)));
pcap('bsd-loopback-big-endian', 0, (frame) => join(u32(2), ipOf(frame)));
pcap('raw-ipv4', 228, (frame) => ipOf(frame));
pcap('raw-ipv6', 229, (frame) => ipOf(frame), records6);
pcap('nflog', 239, (frame) => wrap.nflog(ipOf(frame)));
pcap('pflog', 117, (frame) => wrap.pflog(ipOf(frame)));
pcap('enc', 109, (frame) => wrap.enc(ipOf(frame)));
pcap('pktap', 258, (frame) => wrap.pktap(frame));
pcap('ip-over-infiniband', 242, (frame) => wrap.ipoib(ipOf(frame)));
pcap('juniper-ethernet', 178, (frame, i) => {
  // With extensions and without; every third one lacks its link header.
  const flags = (isClient(frame) ? 1 : 0) | (i % 2 === 0 ? 0x80 : 0) | (i % 3 === 2 ? 0x02 : 0);
  return wrap.juniper(flags, i % 3 === 2 ? join(u32le(2), ipOf(frame)) : frame);
});
pcap('juniper-ppp', 179, (frame) => wrap.juniper(0x80, wrap.ppp(ipOf(frame))));
pcap('juniper-cisco-hdlc', 181, (frame) => wrap.juniper(0x80, wrap.ciscoHdlc(ipOf(frame))));

// 802.11, as the adapter of a third host in monitor mode sees it.
const station = (frame, i) => ({ isToAp: isClient(frame), sequence: i });
pcap('wlan', 105, (frame, i) => {
  const data = wrap.wlan(ipOf(frame), { ...station(frame, i), isBridge: i % 4 === 3 });
  return i % 8 === 0 ? [wrap.beacon(), data] : data;
});
pcap('wlan-radiotap', 127, (frame, i) => {
  const data = wrap.wlan(ipOf(frame), { ...station(frame, i), isQos: true, htControl: i % 5 === 4 });
  if (i % 5 === 4) return wrap.radiotap(data, { isLong: true });
  if (i % 5 === 3) return wrap.radiotap(wrap.padded(data), { isPadded: true });
  return wrap.radiotap(data, { hasFcs: i % 2 === 0 });
});
pcap('wlan-aggregate', 105, (frame, i) =>
  wrap.wlan(ipOf(frame), { ...station(frame, i), isQos: true, isAggregate: true }),
);
pcap('wlan-avs', 163, (frame, i) => wrap.avs(wrap.wlan(ipOf(frame), station(frame, i))));
pcap('wlan-prism', 119, (frame, i) => wrap.prism(wrap.wlan(ipOf(frame), station(frame, i))));
pcap('wlan-ppi', 192, (frame, i) => wrap.ppi(wrap.wlan(ipOf(frame), { ...station(frame, i), isQos: true })));
pcap('wlan-protected', 127, (frame) => wrap.radiotap(wrap.wlanProtected(ipOf(frame))));

// Tunnels.
const tunnel = (name, shape, source) => pcap(name, 1, (frame, i) => ethernetIp(shape(frame, i)), source);
tunnel('ip-in-ip', (frame) => wrap.ipInIp(ipOf(frame)));
tunnel('6in4', (frame) => wrap.ipInIp(ipOf(frame)), records6);
tunnel('4in6', (frame) => wrap.ipInIp6(ipOf(frame)));
tunnel('gre', (frame) => wrap.gre(0x0800, ipOf(frame)));
tunnel('gre-key-sequence-checksum', (frame, i) =>
  wrap.gre(0x0800, ipOf(frame), { key: 42, sequence: i, checksum: true }),
);
tunnel('gre-bridged', (frame) => wrap.gre(0x6558, frame, { key: 42 }));
tunnel('pptp', (frame, i) => wrap.pptp(ipOf(frame), i));
tunnel('erspan-1', (frame) => wrap.erspan1(frame));
tunnel('erspan-2', (frame, i) => wrap.erspan2(frame, i));
tunnel('erspan-3', (frame, i) => wrap.erspan3(frame, i, i % 2 === 1));
tunnel('vxlan', (frame) => wrap.vxlan(frame));
tunnel('vxlan-over-ipv6', (frame) => wrap.vxlan(frame, { isIpv6: true }));
tunnel('geneve', (frame) => wrap.geneve(frame));
tunnel('gtp-u', (frame, i) => wrap.gtp(ipOf(frame), i, i % 2 === 1));
tunnel('mpls-in-udp', (frame) => wrap.mplsInUdp(ipOf(frame)));
tunnel('nested-vxlan-in-gre-in-ip', (frame) =>
  wrap.ipInIp(
    wrap.gre(0x6558, ethernet(0x8847, wrap.mpls([16], wrap.vxlan(ethernet(0x8100, join(u16(5), frame.subarray(12))))))),
  ),
);
/** Twelve tunnels in each other: more than are unwrapped. */
tunnel('nested-too-deep', (frame) => {
  let ip = ipOf(frame);
  for (let i = 0; i < 12; i++) ip = wrap.ipInIp(ip);
  return ip;
});

// Fragments: of IPv4, in an order of our own; with a piece that was not captured; of IPv6; of a tunnel's outer datagram.
const hasPayload = (frame, isV6 = false) => {
  const ip = ipOf(frame);
  const tcp = isV6 ? 40 : 20;
  return ip.length > tcp + (ip[tcp + 12] >> 4) * 4;
};
/** Last piece first, then the rest in order: what a receiver must be able to take. */
const lastFirst = (pieces) => [pieces.at(-1), ...pieces.slice(0, -1)];
/** The second piece comes twice, the second time reaching eight bytes into the third. */
function overlapping(ip, size, id) {
  const pieces = wrap.fragments(ip, size, id);
  if (pieces.length < 3) return pieces;
  const longer = wrap.fragments(ip, size + 8, id);
  return [pieces[0], longer[0], ...pieces.slice(1)];
}
pcap('fragments', 1, (frame, i) => {
  if (!hasPayload(frame)) return frame;
  const ip = ipOf(frame);
  const pieces = i % 2 === 0 ? lastFirst(wrap.fragments(ip, 40, 1000 + i)) : overlapping(ip, 40, 1000 + i);
  return pieces.map(ethernetIp);
});
pcap(
  'fragments-ipv6',
  1,
  (frame, i) => {
    if (!hasPayload(frame, true)) return frame;
    return lastFirst(wrap.fragments(ipOf(frame), 48, 1000 + i)).map(ethernetIp);
  },
  records6,
);
pcap('ipv6-extension-headers', 1, (frame) => ethernetIp(wrap.withExtensions(ipOf(frame))), records6);
let missing = 0;
pcap(
  'fragments-one-missing',
  1,
  (frame, i) => {
    if (ipOf(frame).length < 1000) return frame;
    const pieces = wrap.fragments(ipOf(frame), 504, 1000 + i).map(ethernetIp);
    // The third of the large datagrams loses its middle.
    return ++missing === 3 ? [pieces[0], pieces[2]] : pieces;
  },
  firstSession,
);
tunnel2('vxlan-fragments', (frame, i) => wrap.fragments(wrap.vxlan(frame), 96, 2000 + i));
function tunnel2(name, shape) {
  // The first packet is short and whole: it shows that there is a tunnel.
  pcap(name, 1, (frame, i) => (i === 0 ? ethernetIp(wrap.vxlan(frame)) : shape(frame, i).map(ethernetIp)));
}

// File formats.
write(
  'modified.pcap',
  join(
    pcapHeader(1, 0xa1b2cd34),
    // Interface index, protocol, packet type and padding, as the patched libpcap of 1999 wrote them.
    ...records.map(({ timeUs, frame }) => record(timeUs, frame, join(u32le(2), u16le(0x0800), Buffer.from([0, 0])))),
  ),
);
write('snoop.snoop', join(Buffer.from('snoop\0\0\0'), u32(2), u32(4), ...records.map(snoopRecord)));
function snoopRecord({ timeUs, frame }, index) {
  const pad = Buffer.alloc((4 - (frame.length & 3)) & 3);
  const seconds = Math.floor(timeUs / 1e6);
  const drops = index < 10 ? 0 : 3;
  return join(
    ...[frame.length, frame.length, 24 + frame.length + pad.length, drops, seconds, timeUs - seconds * 1e6].map(u32),
    frame,
    pad,
  );
}

const block = (type, body) => {
  const padded = join(body, Buffer.alloc((4 - (body.length & 3)) & 3));
  const total = u32le(padded.length + 12);
  return join(u32le(type), total, padded, total);
};
const option = (code, value) =>
  join(u16le(code), u16le(value.length), value, Buffer.alloc((4 - (value.length & 3)) & 3));
const text = (code, value) => option(code, Buffer.from(value));
const noMore = u32le(0);
const section = block(
  0x0a0d0d0a,
  join(u32le(0x1a2b3c4d), u16le(1), u16le(0), Buffer.alloc(8, 0xff), text(4, 'smtpscope'), noMore),
);
const networkInterface = (linkType, name) =>
  block(1, join(u16le(linkType), u16le(0), u32le(262_144), text(2, name), noMore));
const u64le = (value) => join(u32le(value % 2 ** 32), u32le(Math.floor(value / 2 ** 32)));
function enhanced(number, timeUs, frame, options = []) {
  const pad = Buffer.alloc((4 - (frame.length & 3)) & 3);
  const all = options.length === 0 ? [] : [...options, noMore];
  const time = join(u32le(Math.floor(timeUs / 2 ** 32)), u32le(timeUs % 2 ** 32));
  return block(6, join(u32le(number), time, u32le(frame.length), u32le(frame.length), frame, pad, ...all));
}
const names = block(
  4,
  join(
    ...[
      [1, Buffer.from([192, 0, 2, 10]), 'client.example'],
      [1, Buffer.from([198, 51, 100, 25]), 'mail.example'],
    ].flatMap(([type, address, name]) => [option(type, join(address, Buffer.from(`${name}\0`)))]),
    noMore,
  ),
);
const keyLog = Buffer.from(`CLIENT_RANDOM ${'5a'.repeat(32)} ${'a5'.repeat(48)}\n`);
const secrets = block(10, join(u32le(0x544c534b), u32le(keyLog.length), keyLog));
const statistics = block(
  5,
  join(u32le(0), u32le(0), u32le(0), option(4, u64le(100)), option(5, u64le(7)), option(7, u64le(2)), noMore),
);
const comments = {
  3: ['the greeting came after four seconds'],
  7: ['first comment', 'second comment: \u202eolleh <b>\u001b[31m'],
};
write(
  'pcapng-comments-names-secrets.pcapng',
  join(
    section,
    networkInterface(1, 'eth0'),
    names,
    secrets,
    ...records.map(({ timeUs, frame }, i) =>
      enhanced(
        0,
        timeUs,
        frame,
        (comments[i] ?? []).map((comment) => text(1, comment)),
      ),
    ),
    statistics,
  ),
);
/** Bluetooth and USB beside Ethernet in one file. */
write(
  'pcapng-unread-link-types.pcapng',
  join(
    section,
    networkInterface(1, 'eth0'),
    networkInterface(220, 'usbmon1'),
    networkInterface(201, 'bluetooth0'),
    ...records.flatMap(({ timeUs, frame }, i) => [
      enhanced(0, timeUs, frame),
      ...(i % 3 === 0 ? [enhanced(1, timeUs + 1, Buffer.alloc(64, 0x55))] : []),
      ...(i % 7 === 0 ? [enhanced(2, timeUs + 2, Buffer.from([0, 0, 0, 1, 4, 0x0e, 4, 1]))] : []),
    ]),
  ),
);

// Microsoft Network Monitor: 1.x and 2.0 by editcap, 2.3 by us, since nothing else but Network Monitor writes that.
for (const [name, format] of [
  ['netmon-1.cap', 'netmon1'],
  ['netmon-2.cap', 'netmon2'],
]) {
  const env = { ...process.env, TZ: 'UTC' };
  const paths = ['snoop.snoop', name].map((file) => joinPath(folder, file));
  const { status, error } = spawnSync('editcap', ['-F', format, ...paths], { env });
  if (status !== 0) throw error ?? new Error('editcap failed');
}
/** Ethernet, IP alone and radio, descriptions between packets, frames behind each other in no order and with holes. */
{
  const kinds = [
    (frame) => [1, frame],
    (frame) => [9, ipOf(frame)],
    (frame, i) => [6, join(wrap.netmonRadio(), wrap.wlan(ipOf(frame), station(frame, i)))],
    (frame) => [0xe000 + 228, ipOf(frame)],
  ];
  const described = [
    [0xfffd, Buffer.alloc(24, 1)],
    [0xfffb, Buffer.alloc(24, 2)],
    [0xffff, Buffer.from('tcp.port == 25\0', 'utf16le')],
  ];
  const frames = [
    ...described.map(([kind, bytes]) => ({ timeUs: records[0].timeUs, kind, bytes })),
    ...records.map(({ timeUs, frame }, i) => {
      const [kind, bytes] = kinds[i % kinds.length](frame, i);
      return { timeUs, kind, bytes };
    }),
  ];
  const filetime = (timeUs) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE((BigInt(timeUs) + 11_644_473_600_000_000n) * 10n + 7n);
    return bytes;
  };
  const pieces = [];
  const offsets = [];
  let at = 128;
  // The last one lies first in the file, as Network Monitor puts its statistics; every fifth has a hole behind it.
  for (const index of [frames.length - 1, ...frames.keys()].slice(0, frames.length)) {
    const { timeUs, kind, bytes } = frames[index];
    const since = u64le(timeUs - records[0].timeUs);
    const trailer = join(u16le(kind), u32le(0xffffffff), filetime(timeUs), Buffer.from([0]));
    const hole = Buffer.alloc(index % 5 === 4 ? 40 : 0, 0xee);
    const piece = join(since, u32le(bytes.length), u32le(bytes.length), bytes, trailer, hole);
    offsets[index] = at;
    at += piece.length;
    pieces.push(piece);
  }
  const start = new Date(records[0].timeUs / 1000);
  const systemTime = [
    start.getUTCFullYear(),
    start.getUTCMonth() + 1,
    start.getUTCDay(),
    start.getUTCDate(),
    start.getUTCHours(),
    start.getUTCMinutes(),
    start.getUTCSeconds(),
    start.getUTCMilliseconds(),
  ].map(u16le);
  const table = join(...offsets.map(u32le));
  const head = join(Buffer.from('GMBU'), Buffer.from([3, 2]), u16le(1), ...systemTime, u32le(at), u32le(table.length));
  write('netmon-2.3.cap', join(head, Buffer.alloc(128 - head.length), ...pieces, table));
}

// Compressions, by the programs that everybody has. Their output depends on their version, what is in it does not.
for (const [name, command, args] of [
  ['zstd.pcap.zst', 'zstd', ['-q', '-19', '-c', '-']],
  ['xz.pcap.xz', 'xz', ['-9', '-c', '-']],
  ['lz4.pcap.lz4', 'lz4', ['-q', '-9', '-BD', '-c', '-']],
]) {
  const { stdout, status, error } = spawnSync(command, args, {
    input: readFileSync(joinPath(captures, 'format/ethernet.pcap')),
  });
  if (status !== 0) throw error ?? new Error(`${command} failed`);
  write(name, stdout);
}
