// Ethernet frames in other clothes: the link layers and tunnels that captures/format shows. Each function takes an IP
// datagram (or a whole Ethernet frame where it says so) and gives the bytes of a packet, headers with right lengths and
// IP checksums. Outer addresses are documentation addresses; outer numbers are fixed, so that a run repeats itself.

/** RFC 1071. */
export function internetChecksum(bytes, sum = 0) {
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
export const u16 = (value) => Buffer.from([(value >>> 8) & 0xff, value & 0xff]);
export const u32 = (value) => Buffer.from([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
export const u16le = (value) => Buffer.from([value & 0xff, value >>> 8]);
export const u32le = (value) => Buffer.from([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
export const join = (...parts) => Buffer.concat(parts);

export const isIpv6 = (ip) => ip[0] >> 4 === 6;
export const etherTypeOf = (ip) => (isIpv6(ip) ? 0x86dd : 0x0800);

/** The datagram in an Ethernet frame, without what the network card added behind it. */
export function ipOf(frame) {
  const length = frame.readUInt16BE(12) === 0x86dd ? 40 + frame.readUInt16BE(18) : frame.readUInt16BE(16);
  return frame.subarray(14, 14 + length);
}

const MACS = hex('02 00 00 00 00 02 02 00 00 00 00 01');
export const ethernet = (etherType, payload) => join(MACS, u16(etherType), payload);
export const ethernetIp = (ip) => ethernet(etherTypeOf(ip), ip);

/** Two routers with a tunnel between them. */
const OUTER_SOURCE = Buffer.from([203, 0, 113, 1]);
const OUTER_DESTINATION = Buffer.from([203, 0, 113, 2]);
const OUTER_SOURCE6 = hex('20010db8 00ff0000 00000000 00000001');
const OUTER_DESTINATION6 = hex('20010db8 00ff0000 00000000 00000002');

export function ipv4(protocol, payload, { id = 0, fragment = 0, ttl = 64 } = {}) {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(fragment, 6);
  header[8] = ttl;
  header[9] = protocol;
  OUTER_SOURCE.copy(header, 12);
  OUTER_DESTINATION.copy(header, 16);
  header.writeUInt16BE(internetChecksum(header), 10);
  return join(header, payload);
}

export function ipv6(protocol, payload) {
  return join(
    hex('60000000'),
    u16(payload.length),
    Buffer.from([protocol, 64]),
    OUTER_SOURCE6,
    OUTER_DESTINATION6,
    payload,
  );
}

/** Without checksum: 0 says so in IPv4, and tunnels may do it in IPv6 too (RFC 6935). */
const udp = (port, payload, source = 50_000) => join(u16(source), u16(port), u16(8 + payload.length), u16(0), payload);

export const ipInIp = (ip) => ipv4(isIpv6(ip) ? 41 : 4, ip);
export const ipInIp6 = (ip) => ipv6(isIpv6(ip) ? 41 : 4, ip);

/** GRE; `key` and `sequence` where they are given. */
export function gre(type, payload, { key, sequence, checksum = false } = {}) {
  const flags = (checksum ? 0x8000 : 0) | (key === undefined ? 0 : 0x2000) | (sequence === undefined ? 0 : 0x1000);
  const packet = join(
    u16(flags),
    u16(type),
    checksum ? u32(0) : Buffer.alloc(0),
    key === undefined ? Buffer.alloc(0) : u32(key),
    sequence === undefined ? Buffer.alloc(0) : u32(sequence),
    payload,
  );
  if (checksum) packet.writeUInt16BE(internetChecksum(packet), 4);
  return ipv4(47, packet);
}

export const erspan1 = (frame) => gre(0x88be, frame);
/** Version 1, VLAN 100, session 7; port index 3. */
export const erspan2 = (frame, sequence) => gre(0x88be, join(hex('1064 0007 00000003'), frame), { sequence });
/** Version 2, VLAN 100, session 7, a time stamp, frame type 0 (Ethernet); `subheader`: 8 bytes of platform. */
export const erspan3 = (frame, sequence, subheader) =>
  gre(
    0x22eb,
    join(
      hex('2064 0007'),
      u32(sequence),
      u16(0),
      u16(subheader ? 1 : 0),
      subheader ? hex('0c000000 00000001') : hex(''),
      frame,
    ),
    { sequence },
  );
/** PPTP: GRE version 1 with a key of payload length and call, and sequence and acknowledgment numbers. */
export function pptp(ip, sequence) {
  const ppp = join(hex('ff03'), u16(isIpv6(ip) ? 0x57 : 0x21), ip);
  return ipv4(47, join(hex('3081 880b'), u16(ppp.length), u16(9), u32(sequence), u32(sequence), ppp));
}

export const vxlan = (frame, options = {}) => {
  const packet = udp(options.port ?? 4789, join(hex('08000000'), u32(4711 << 8), frame));
  return options.isIpv6 ? ipv6(17, packet) : ipv4(17, packet);
};
/** Geneve with one option of four bytes and a whole frame. */
export const geneve = (frame) =>
  ipv4(17, udp(6081, join(hex('02 00 6558'), u32(4711 << 8), hex('0102 80 01 cafecafe'), frame)));
/** GTP-U: `isExtended` adds a sequence number and the extension header of a 5G session. */
export function gtp(ip, sequence, isExtended) {
  const more = isExtended ? join(u16(sequence), hex('00 85'), hex('01 00 09 00')) : hex('');
  return ipv4(
    17,
    udp(
      2152,
      join(Buffer.from([isExtended ? 0x36 : 0x30, 255]), u16(more.length + ip.length), u32(77), more, ip),
      2152,
    ),
  );
}
export const mplsInUdp = (ip) => ipv4(17, udp(6635, mpls([16], ip)));

/** A stack of labels; the last has the bottom bit. */
export const mpls = (labels, payload) =>
  join(...labels.map((label, i) => u32(((label << 12) | (i === labels.length - 1 ? 0x100 : 0) | 64) >>> 0)), payload);
/** An Ethernet pseudowire with its control word. */
export const pseudowire = (frame) => mpls([17, 18], join(u32(0), frame));

const pppProtocol = (ip) => u16(isIpv6(ip) ? 0x57 : 0x21);
export const ppp = (ip) => join(hex('ff03'), pppProtocol(ip), ip);
/** Without address and control, and with the protocol in one byte. */
export const pppCompressed = (ip) => join(Buffer.from([isIpv6(ip) ? 0x57 : 0x21]), ip);
export const pppWithDirection = (ip, isSent) => join(Buffer.from([isSent ? 1 : 0]), ppp(ip));
export const pppoe = (ip) => join(hex('1100 0042'), u16(ip.length + 2), pppProtocol(ip), ip);
export const ciscoHdlc = (ip) => join(hex('0f00'), u16(etherTypeOf(ip)), ip);

export const snap = (ip) => join(hex('aaaa03 000000'), u16(etherTypeOf(ip)), ip);
export const ieee8023 = (ip) => join(MACS, u16(8 + ip.length), snap(ip));

/** 802.11 data: from station to access point, from it to the station, or between bridges; plain or QoS. */
export function wlan(
  ip,
  { isToAp, isQos = false, isBridge = false, isAggregate = false, sequence = 0, htControl = false },
) {
  const flags = (isBridge ? 3 : isToAp ? 1 : 2) | (htControl ? 0x80 : 0);
  const addresses = hex('020000000003 020000000001 020000000002');
  const header = join(
    Buffer.from([isQos ? 0x88 : 0x08, flags]),
    u16le(44),
    addresses,
    u16le((sequence & 0xfff) << 4),
    isBridge ? hex('020000000004') : hex(''),
    isQos ? u16le(isAggregate ? 0x80 : 0) : hex(''),
    htControl ? u32le(0) : hex(''),
  );
  if (!isAggregate) return join(header, snap(ip));
  // One frame of the aggregate.
  const llc = snap(ip);
  return join(header, MACS, u16(llc.length), llc);
}

/** A beacon: what the air is full of. */
export const beacon = () =>
  join(hex('8000 0000 ffffffffffff 020000000003 020000000003 0000'), Buffer.alloc(12), hex('0004 74657374'));
/** The same data frame as it would look encrypted: flag set, eight bytes of CCMP header, noise. */
export const wlanProtected = (ip) => {
  const frame = wlan(ip, { isToAp: true, isQos: true });
  frame[1] |= 0x40;
  return join(frame.subarray(0, 26), hex('0100002000000000'), Buffer.alloc(ip.length + 8, 0xd5));
};

/** CRC-32 as the frame check sequence has it, little-endian behind the frame. */
function fcs(frame) {
  let crc = 0xffffffff;
  for (const byte of frame) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return u32le(~crc >>> 0);
}
export const withFcs = (frame) => join(frame, fcs(frame));

/** Radiotap: time stamp, flags (frame check sequence, padding), rate, channel, signal; `isLong`: two more bitmaps. */
export function radiotap(frame, { hasFcs = false, isPadded = false, isLong = false } = {}) {
  const flags = (hasFcs ? 0x10 : 0) | (isPadded ? 0x20 : 0);
  const bitmaps = isLong ? join(u32le(0xa000002f), u32le(0xa0000020), u32le(0x00000020)) : u32le(0x2f);
  let at = 4 + bitmaps.length;
  const toTime = (8 - (at & 7)) & 7;
  at += toTime + 8;
  const fields = join(
    Buffer.alloc(toTime),
    u32le(1000),
    u32le(0),
    Buffer.from([flags, 12]),
    u16le(2437),
    u16le(0xa0),
    Buffer.from([0xc4]),
  );
  const more = isLong ? Buffer.from([0xc3, 0xc2]) : hex('');
  const length = 4 + bitmaps.length + fields.length + more.length;
  return join(Buffer.from([0, 0]), u16le(length), bitmaps, fields, more, hasFcs ? withFcs(frame) : frame);
}
/** Puts padding behind the header of a QoS frame, as some adapters do. */
export const padded = (frame) => join(frame.subarray(0, 26), hex('0000'), frame.subarray(26));

export const avs = (frame) => join(u32(0x80211001), u32(64), Buffer.alloc(56), frame);
export const prism = (frame) =>
  join(u32le(0x44), u32le(144), Buffer.from('wlan0'.padEnd(16, '\0')), Buffer.alloc(120), frame);
/** PPI with the field that 802.11 adapters give. */
export const ppi = (frame) => join(hex('0000'), u16le(32), u32le(105), u16le(2), u16le(20), Buffer.alloc(20), frame);

/** What Network Monitor puts before 802.11: version, length, mode, then what the radio tells. */
export const netmonRadio = () => join(Buffer.from([2]), u16le(32), u32le(1), Buffer.alloc(25));

/** What JUNOS puts before a packet: its flags, and extensions that name the kind of interface where they say so. */
export function juniper(flags, packet) {
  const extensions = hex('020104040104');
  return join(Buffer.from('MGC'), Buffer.from([flags]), ...(flags & 0x80 ? [u16(6), extensions] : []), packet);
}

const padTo4 = (bytes) => join(bytes, Buffer.alloc((4 - (bytes.length & 3)) & 3));
/** NFLOG from a little-endian host (or a big-endian one): packet header, mark, prefix, payload. */
export function nflog(ip, { isBig = false } = {}) {
  const order = isBig ? u16 : u16le;
  const attribute = (type, value) => padTo4(join(order(4 + value.length), order(type), value));
  return join(
    Buffer.from([isIpv6(ip) ? 10 : 2, 0]),
    u16(30),
    attribute(1, join(u16(etherTypeOf(ip)), Buffer.from([1, 0]))),
    attribute(10, Buffer.from('smtp: \0')),
    attribute(9, ip),
  );
}

/** OpenBSD's and FreeBSD's firewall log: length 61 (which is padded to 64), address family, interface, rule. */
export const pflog = (ip) =>
  join(Buffer.from([61, isIpv6(ip) ? 24 : 2, 0, 0]), Buffer.from('em0'.padEnd(16, '\0')), Buffer.alloc(44), ip);
/** What OpenBSD's enc0 shows of decrypted IPsec, from a little-endian host. */
export const enc = (ip) => join(u32le(isIpv6(ip) ? 24 : 2), u32(0x1234), u32(0), ip);
/** macOS: a header of 108 bytes that names the interface and its link type. */
export const pktap = (frame) => {
  const header = Buffer.alloc(108);
  header.writeUInt32LE(108, 0);
  header.writeUInt32LE(1, 4);
  header.writeUInt32LE(1, 8); // Ethernet
  header.write('en0', 12);
  header.writeUInt32LE(2, 40); // outbound
  header.writeUInt32LE(2, 44); // AF_INET
  return join(header, frame);
};
export const ipoib = (ip) => join(Buffer.alloc(40), u16(etherTypeOf(ip)), u16(0), ip);

/** The datagram in pieces of `size` bytes, a multiple of 8; IPv4 by its own header, IPv6 by a fragment header. */
export function fragments(ip, size, id) {
  const headerLength = isIpv6(ip) ? 40 : (ip[0] & 15) * 4;
  const header = ip.subarray(0, headerLength);
  const payload = ip.subarray(headerLength);
  const pieces = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    const hasMore = at + size < payload.length;
    const copy = Buffer.from(header);
    if (isIpv6(ip)) {
      copy[6] = 44;
      copy.writeUInt16BE(8 + piece.length, 4);
      pieces.push(join(copy, Buffer.from([header[6], 0]), u16(at | (hasMore ? 1 : 0)), u32(id), piece));
    } else {
      copy.writeUInt16BE(copy.length + piece.length, 2);
      copy.writeUInt16BE(id & 0xffff, 4);
      copy.writeUInt16BE((hasMore ? 0x2000 : 0) | (at / 8), 6);
      copy.writeUInt16BE(0, 10);
      copy.writeUInt16BE(internetChecksum(copy), 10);
      pieces.push(join(copy, piece));
    }
  }
  return pieces;
}

/** An IPv6 datagram with hop-by-hop options, a routing header that is done, and destination options in front of TCP. */
export function withExtensions(ip) {
  const chain = join(
    Buffer.from([43, 0, 1, 4, 0, 0, 0, 0]),
    Buffer.from([60, 2, 4, 0, 0, 0, 0, 0]),
    Buffer.alloc(16, 0),
    Buffer.from([ip[6], 0, 1, 4, 0, 0, 0, 0]),
  );
  const header = Buffer.from(ip.subarray(0, 40));
  header[6] = 0;
  header.writeUInt16BE(chain.length + ip.length - 40, 4);
  return join(header, chain, ip.subarray(40));
}
