/**
 * Packets for tests, byte by byte and with right checksums: TCP and ICMP over IPv4 and IPv6, and the link layers around
 * them. It shares no code with src/, so that both have to be wrong in the same way to agree.
 */

/** TCP flags as tcpdump and Zeek abbreviate them. */
const FLAG_BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 };

export interface TcpPacketOptions {
  /** Dotted decimal, or IPv6: both of one version. */
  src?: string;
  dst?: string;
  sport?: number;
  dport?: number;
  seq?: number;
  ack?: number;
  /** Letters (`'SA'`: SYN, ACK) or the byte itself. */
  flags?: string | number;
  window?: number;
  payload?: Buffer | string;
  /** TTL or hop limit. */
  ttl?: number;
  /** IPv4 identification. */
  ipId?: number;
  dontFragment?: boolean;
  /** TCP options, raw; padded with zeros to a multiple of 4. */
  options?: Buffer;
  /** IPv4 options, raw; padded with zeros to a multiple of 4. */
  ipOptions?: Buffer;
  /** IPv6 extension headers in order; each header's first byte (next header) is filled in here. */
  extensions?: readonly Ipv6Extension[];
}

export interface Ipv6Extension {
  /** Its own protocol number: 0, 43, 44, 51, 60 … */
  readonly type: number;
  readonly bytes: Buffer;
}

/** An IP datagram with a TCP segment. Latin-1 for a payload that is a string. */
export function tcpPacket(options: TcpPacketOptions = {}): Buffer {
  const { src = '192.0.2.1', dst = '198.51.100.2' } = options;
  const segment = tcpSegment(options);
  if (isIpv6(src) !== isIpv6(dst)) throw new Error(`addresses of two versions: ${src}, ${dst}`);
  segment.writeUInt16BE(transportChecksum(src, dst, 6, segment), 16);
  return isIpv6(src)
    ? ipv6Packet(src, dst, 6, segment, options.ttl ?? 64, options.extensions ?? [])
    : ipv4Packet(src, dst, 6, segment, options);
}

/** The segment alone, its checksum zero. */
function tcpSegment(options: TcpPacketOptions): Buffer {
  const { flags = 'A', payload = '' } = options;
  const tcpOptions = padded(options.options ?? Buffer.alloc(0), 4);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(options.sport ?? 40000, 0);
  header.writeUInt16BE(options.dport ?? 25, 2);
  header.writeUInt32BE((options.seq ?? 1) >>> 0, 4);
  header.writeUInt32BE((options.ack ?? 0) >>> 0, 8);
  header[12] = (5 + tcpOptions.length / 4) << 4;
  header[13] = typeof flags === 'number' ? flags : [...flags].reduce((bits, flag) => bits | flagBit(flag), 0);
  header.writeUInt16BE(options.window ?? 65535, 14);
  return Buffer.concat([header, tcpOptions, typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload]);
}

function flagBit(letter: string): number {
  const bit = FLAG_BITS[letter];
  if (bit === undefined) throw new Error(`no TCP flag: ${letter}`);
  return bit;
}

/** An IPv4 datagram around any payload. */
export function ipv4Packet(
  src: string,
  dst: string,
  protocol: number,
  payload: Buffer,
  options: { ttl?: number; ipId?: number; dontFragment?: boolean; ipOptions?: Buffer } = {},
): Buffer {
  const ipOptions = padded(options.ipOptions ?? Buffer.alloc(0), 4);
  const header = Buffer.concat([Buffer.alloc(20), ipOptions]);
  header[0] = 0x40 | (header.length / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(options.ipId ?? 0, 4);
  header.writeUInt16BE((options.dontFragment ?? true) ? 0x4000 : 0, 6);
  header[8] = options.ttl ?? 64;
  header[9] = protocol;
  addressBytes(src).copy(header, 12);
  addressBytes(dst).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** An IPv6 datagram around any payload. */
export function ipv6Packet(
  src: string,
  dst: string,
  protocol: number,
  payload: Buffer,
  hopLimit = 64,
  extensions: readonly Ipv6Extension[] = [],
): Buffer {
  const chain = extensions.map(({ bytes }, index) => {
    const linked = Buffer.from(bytes);
    linked[0] = extensions[index + 1]?.type ?? protocol;
    return linked;
  });
  const above = Buffer.concat([...chain, payload]);
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(above.length, 4);
  header[6] = extensions[0]?.type ?? protocol;
  header[7] = hopLimit;
  addressBytes(src).copy(header, 8);
  addressBytes(dst).copy(header, 24);
  return Buffer.concat([header, above]);
}

export interface IcmpOptions {
  /** The router or host that reports. */
  src: string;
  dst: string;
  /** The IP datagram that the error is about. */
  about: Buffer;
  /** Default: 3 (ICMPv4) or 1 (ICMPv6), destination unreachable. */
  type?: number;
  code?: number;
  mtu?: number;
  ttl?: number;
  /** How much of `about` is quoted; default: all of it. */
  quotedBytes?: number;
}

/** An IP datagram with an ICMP error, of the version that `src` has. */
export function icmpUnreachable(options: IcmpOptions): Buffer {
  const { src, dst, about, code = 0, mtu = 0, ttl = 64 } = options;
  const isV6 = isIpv6(src);
  const header = Buffer.alloc(8);
  header[0] = options.type ?? (isV6 ? 1 : 3);
  header[1] = code;
  header.writeUInt32BE(mtu, 4);
  const message = Buffer.concat([header, about.subarray(0, options.quotedBytes ?? about.length)]);
  message.writeUInt16BE(isV6 ? transportChecksum(src, dst, 58, message) : checksum(message), 2);
  return isV6 ? ipv6Packet(src, dst, 58, message, ttl) : ipv4Packet(src, dst, 1, message, { ttl });
}

/**
 * The datagram in pieces of `pieceBytes` (a multiple of 8), in order.
 *
 * @param id of the IPv6 fragment header; IPv4 pieces keep the identification of the datagram
 */
export function ipFragments(datagram: Buffer, pieceBytes: number, id = 0x1234_5678): Buffer[] {
  if (pieceBytes % 8 !== 0) throw new Error(`not a multiple of 8: ${pieceBytes}`);
  const isV6 = (datagram[0] as number) >> 4 === 6;
  const headerLength = isV6 ? 40 : ((datagram[0] as number) & 15) * 4;
  const header = datagram.subarray(0, headerLength);
  const payload = datagram.subarray(headerLength);
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < payload.length; offset += pieceBytes) {
    const piece = payload.subarray(offset, offset + pieceBytes);
    const isLast = offset + pieceBytes >= payload.length;
    pieces.push(isV6 ? ipv6Fragment(header, piece, offset, isLast, id) : ipv4Fragment(header, piece, offset, isLast));
  }
  return pieces;
}

function ipv4Fragment(header: Buffer, piece: Buffer, offset: number, isLast: boolean): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt16BE(copy.length + piece.length, 2);
  copy.writeUInt16BE((isLast ? 0 : 0x2000) | (offset / 8), 6);
  copy.writeUInt16BE(0, 10);
  copy.writeUInt16BE(checksum(copy), 10);
  return Buffer.concat([copy, piece]);
}

function ipv6Fragment(header: Buffer, piece: Buffer, offset: number, isLast: boolean, id: number): Buffer {
  const copy = Buffer.from(header);
  const fragment = Buffer.alloc(8);
  fragment[0] = copy[6] as number;
  fragment.writeUInt16BE(offset | (isLast ? 0 : 1), 2);
  fragment.writeUInt32BE(id >>> 0, 4);
  copy[6] = 44;
  copy.writeUInt16BE(fragment.length + piece.length, 4);
  return Buffer.concat([copy, fragment, piece]);
}

export interface VlanTag {
  readonly tpid: number;
  readonly id: number;
}

function tagged(ip: Buffer, vlans: readonly VlanTag[]): { etherType: number; bytes: Buffer } {
  let etherType = etherTypeOf(ip);
  let bytes = ip;
  for (const { tpid, id } of [...vlans].reverse()) {
    const tag = Buffer.alloc(4);
    tag.writeUInt16BE(id, 0);
    tag.writeUInt16BE(etherType, 2);
    bytes = Buffer.concat([tag, bytes]);
    etherType = tpid;
  }
  return { etherType, bytes };
}

/** LINKTYPE_ETHERNET. `minimumBytes: 60` pads as a network card does. */
export function ethernet(ip: Buffer, options: { vlans?: readonly VlanTag[]; minimumBytes?: number } = {}): Buffer {
  const { etherType, bytes } = tagged(ip, options.vlans ?? []);
  const header = Buffer.from('0200000000020200000000010000', 'hex');
  header.writeUInt16BE(etherType, 12);
  const frame = Buffer.concat([header, bytes]);
  return Buffer.concat([frame, Buffer.alloc(Math.max(0, (options.minimumBytes ?? 0) - frame.length), 0x5a)]);
}

/** LINKTYPE_ETHERNET, as an 802.3 frame with LLC and SNAP. */
export function ethernetSnap(ip: Buffer): Buffer {
  const header = Buffer.from('0200000000020200000000010000aaaa030000000000', 'hex');
  header.writeUInt16BE(8 + ip.length, 12);
  header.writeUInt16BE(etherTypeOf(ip), 20);
  return Buffer.concat([header, ip]);
}

/** LINKTYPE_LINUX_SLL. */
export function linuxSll(ip: Buffer, options: { vlans?: readonly VlanTag[] } = {}): Buffer {
  const { etherType, bytes } = tagged(ip, options.vlans ?? []);
  const header = Buffer.from('00000001000602000000000100000000', 'hex');
  header.writeUInt16BE(etherType, 14);
  return Buffer.concat([header, bytes]);
}

/** LINKTYPE_LINUX_SLL2. */
export function linuxSll2(ip: Buffer, options: { vlans?: readonly VlanTag[] } = {}): Buffer {
  const { etherType, bytes } = tagged(ip, options.vlans ?? []);
  const header = Buffer.from('0000000000000002000100060200000000010000', 'hex');
  header.writeUInt16BE(etherType, 0);
  return Buffer.concat([header, bytes]);
}

/** LINKTYPE_NULL and LINKTYPE_LOOP: an address family of the machine that captured. */
export function loopback(ip: Buffer, options: { family?: number; byteOrder?: 'big' | 'little' } = {}): Buffer {
  const family = options.family ?? ((ip[0] as number) >> 4 === 6 ? 30 : 2);
  const header = Buffer.alloc(4);
  if (options.byteOrder === 'big') header.writeUInt32BE(family);
  else header.writeUInt32LE(family);
  return Buffer.concat([header, ip]);
}

export interface PcapPacket {
  readonly bytes: Buffer;
  readonly timeUs?: number;
  /** Default: as many as there are. */
  readonly originalLength?: number;
}

/** A classic little-endian microsecond pcap. */
export function pcapFile(linkType: number, packets: readonly (Buffer | PcapPacket)[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262144, 16);
  header.writeUInt32LE(linkType, 20);
  const records = packets.flatMap((packet, index) => {
    const { bytes, timeUs = index * 1000, originalLength } = Buffer.isBuffer(packet) ? { bytes: packet } : packet;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(timeUs / 1_000_000), 0);
    record.writeUInt32LE(timeUs % 1_000_000, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(originalLength ?? bytes.length, 12);
    return [record, bytes];
  });
  return Buffer.concat([header, ...records]);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** 4 or 16 bytes of an address without mixed notation. */
export function addressBytes(address: string): Buffer {
  if (!isIpv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function etherTypeOf(ip: Buffer): number {
  return (ip[0] as number) >> 4 === 6 ? 0x86dd : 0x0800;
}

/** The one's complement sum of RFC 1071. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function transportChecksum(src: string, dst: string, protocol: number, message: Buffer): number {
  const lengthAndProtocol = Buffer.alloc(8);
  lengthAndProtocol.writeUInt32BE(message.length, 0);
  lengthAndProtocol.writeUInt32BE(protocol, 4);
  return checksum(Buffer.concat([addressBytes(src), addressBytes(dst), lengthAndProtocol, message]));
}

function padded(bytes: Buffer, multiple: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((multiple - (bytes.length % multiple)) % multiple)]);
}
