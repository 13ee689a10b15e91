// A classic pcap file written packet by packet: Ethernet, IPv4 and TCP headers with right lengths and checksums.
// It knows no connection: sequence numbers, flags and times come from the caller (see tcp-script.mjs).

/** TCP flag bits, RFC 9293 §3.1. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** RFC 1071: the one's complement sum of 16-bit words; `sum` carries a pseudo-header in. */
function internetChecksum(bytes, sum = 0) {
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const addressBytes = (address) => Buffer.from(address.split('.').map(Number));
const macBytes = (mac) => Buffer.from(mac.replaceAll(':', ''), 'hex');

/** The option list of a SYN of a Linux 2.6 host: MSS, SACK permitted, timestamps, window scale (RFC 9293, 7323). */
export function synOptions({ mss, tsVal, tsEcr, windowScale }) {
  const options = Buffer.from([2, 4, 0, 0, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, windowScale]);
  options.writeUInt16BE(mss, 2);
  options.writeUInt32BE(tsVal >>> 0, 8);
  options.writeUInt32BE(tsEcr >>> 0, 12);
  return options;
}

/** The options of every later segment: two NOPs and the timestamps. */
export function timestampOptions({ tsVal, tsEcr }) {
  const options = Buffer.from([1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
  options.writeUInt32BE(tsVal >>> 0, 4);
  options.writeUInt32BE(tsEcr >>> 0, 8);
  return options;
}

/** One Ethernet frame. `from` and `to` are `{ mac, address, port }`; `padTo` is 60 for a frame that came off the wire. */
export function tcpFrame({ from, to, seq, ack, flags, window, options, payload, ttl, ipId, padTo = 0 }) {
  const tcp = Buffer.alloc(20 + options.length + payload.length);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(seq >>> 0, 4);
  tcp.writeUInt32BE(ack >>> 0, 8);
  tcp[12] = ((20 + options.length) / 4) << 4;
  tcp[13] = flags;
  tcp.writeUInt16BE(window, 14);
  options.copy(tcp, 20);
  payload.copy(tcp, 20 + options.length);

  const source = addressBytes(from.address);
  const destination = addressBytes(to.address);
  const pseudo = Buffer.concat([source, destination, Buffer.from([0, 6, tcp.length >>> 8, tcp.length & 0xff])]);
  tcp.writeUInt16BE(internetChecksum(Buffer.concat([pseudo, tcp])), 16);

  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + tcp.length, 2);
  ip.writeUInt16BE(ipId & 0xffff, 4);
  ip.writeUInt16BE(0x4000, 6); // don't fragment
  ip[8] = ttl;
  ip[9] = 6;
  source.copy(ip, 12);
  destination.copy(ip, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);

  const frame = Buffer.concat([macBytes(to.mac), macBytes(from.mac), Buffer.from([0x08, 0x00]), ip, tcp]);
  return frame.length < padTo ? Buffer.concat([frame, Buffer.alloc(padTo - frame.length)]) : frame;
}

/** A classic pcap, little-endian, microseconds, Ethernet, of `{ timeUs, frame }` in order. */
export function pcapFile(packets) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20); // LINKTYPE_ETHERNET
  const records = packets.flatMap(({ timeUs, frame }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(timeUs / 1e6), 0);
    record.writeUInt32LE(timeUs % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}
