/**
 * Classic little-endian microsecond pcap of Ethernet, IPv4 and IPv6, TCP and UDP, with right checksums.
 *
 * Made for gigabytes: packets are laid out in one big buffer that goes to the sink when it is full, and nothing is
 * allocated a packet. A TCP packet is written in two steps: the caller copies the payload to `payloadOffset(flow)`
 * onwards in `buffer`, then `tcp()` puts the headers in front of it. The last packet can be taken back, which is how a
 * hostile corpus loses and reorders.
 */

const BUFFER_BYTES = 4 << 20;
/** Room that must be free before a packet is begun: record header, headers and the largest payload. */
const PACKET_ROOM = 4096;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
/** Every corpus begins at this second: a constant, so that the bytes are the same on every run. */
const FIRST_SECOND = 1_700_000_000;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** MSS 1460, SACK permitted, window scale 7, padded with NOPs as Linux does. */
const SYN_OPTIONS = Buffer.from([2, 4, 0x05, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7]);

/**
 * The two ends of a flow. Addresses are 4 or 16 bytes, both of one family.
 * @typedef {object} Endpoints
 * @property {Buffer} clientAddress
 * @property {Buffer} serverAddress
 * @property {number} clientPort
 * @property {number} serverPort
 * @property {number} addressSum sum of the 16-bit words of both addresses, for the pseudo header
 */

/**
 * Sum of the big-endian 16-bit words of `bytes[start, end)`, not folded; an odd last byte is padded with zero.
 * @param {Buffer} bytes @param {number} start @param {number} end
 */
export function sumWords(bytes, start, end) {
  let sum = 0;
  let i = start;
  for (; i + 1 < end; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (i < end) sum += (bytes[i] ?? 0) << 8;
  return sum;
}

/** @param {number} sum */
function foldChecksum(sum) {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

export class PcapWriter {
  /** @param {(chunk: Buffer) => void} sink gets the bytes in order; each chunk is lent until the call returns */
  constructor(sink) {
    this.sink = sink;
    this.buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    this.position = 0;
    this.flushedBytes = 0;
    /** Packets written so far: the frame number of the last one. */
    this.frames = 0;
    /** Microseconds since the first second of the capture. */
    this.clockUs = 0;
    this.ipId = 1;
    this.lastStart = 0;
    this.buffer.writeUInt32LE(0xa1b2c3d4, 0);
    this.buffer.writeUInt16LE(2, 4);
    this.buffer.writeUInt16LE(4, 6);
    this.buffer.writeUInt32LE(0, 8);
    this.buffer.writeUInt32LE(0, 12);
    this.buffer.writeUInt32LE(262144, 16);
    this.buffer.writeUInt32LE(1, 20);
    this.position = 24;
  }

  get bytesWritten() {
    return this.flushedBytes + this.position;
  }

  /** Makes room for one more packet. Must come before `payloadOffset` is used. */
  prepare() {
    if (this.position + PACKET_ROOM > BUFFER_BYTES) this.flush();
  }

  flush() {
    this.sink(this.buffer.subarray(0, this.position));
    this.flushedBytes += this.position;
    this.position = 0;
    this.lastStart = 0;
  }

  /** Where the payload of the next TCP packet without options belongs. @param {Endpoints} flow */
  payloadOffset(flow) {
    return this.position + RECORD_HEADER + ETHERNET_HEADER + (flow.clientAddress.length === 4 ? 20 : 40) + 20;
  }

  /**
   * One TCP packet, with its payload already in place. SYNs carry options and no payload.
   * @param {Endpoints} flow @param {boolean} fromClient @param {number} flags
   * @param {number} seq @param {number} ack @param {number} payloadBytes
   */
  tcp(flow, fromClient, flags, seq, ack, payloadBytes) {
    const b = this.buffer;
    const v4 = flow.clientAddress.length === 4;
    const optionBytes = flags & SYN ? SYN_OPTIONS.length : 0;
    const tcpBytes = 20 + optionBytes + payloadBytes;
    const at = this.#link(flow, fromClient, v4, 6, tcpBytes);
    const source = fromClient ? flow.clientPort : flow.serverPort;
    const target = fromClient ? flow.serverPort : flow.clientPort;
    b[at] = source >> 8;
    b[at + 1] = source & 255;
    b[at + 2] = target >> 8;
    b[at + 3] = target & 255;
    b.writeUInt32BE(seq >>> 0, at + 4);
    b.writeUInt32BE(flags & ACK ? ack >>> 0 : 0, at + 8);
    b[at + 12] = ((20 + optionBytes) / 4) << 4;
    b[at + 13] = flags;
    b[at + 14] = 0xfa;
    b[at + 15] = 0xf0;
    b[at + 16] = 0;
    b[at + 17] = 0;
    b[at + 18] = 0;
    b[at + 19] = 0;
    if (optionBytes > 0) SYN_OPTIONS.copy(b, at + 20);
    const checksum = foldChecksum(flow.addressSum + 6 + tcpBytes + sumWords(b, at, at + tcpBytes));
    b[at + 16] = checksum >> 8;
    b[at + 17] = checksum & 255;
    this.#finish(at + tcpBytes);
  }

  /** One UDP packet. @param {Endpoints} flow @param {boolean} fromClient @param {Buffer} payload */
  udp(flow, fromClient, payload) {
    this.prepare();
    const b = this.buffer;
    const v4 = flow.clientAddress.length === 4;
    const udpBytes = 8 + payload.length;
    const at = this.#link(flow, fromClient, v4, 17, udpBytes);
    b.writeUInt16BE(fromClient ? flow.clientPort : flow.serverPort, at);
    b.writeUInt16BE(fromClient ? flow.serverPort : flow.clientPort, at + 2);
    b.writeUInt16BE(udpBytes, at + 4);
    b.writeUInt16BE(0, at + 6);
    payload.copy(b, at + 8);
    const checksum = foldChecksum(flow.addressSum + 17 + udpBytes + sumWords(b, at, at + udpBytes));
    b.writeUInt16BE(checksum === 0 ? 0xffff : checksum, at + 6);
    this.#finish(at + udpBytes);
  }

  /** Removes the packet written last and returns a copy of its record. */
  takeBack() {
    const record = Buffer.from(this.buffer.subarray(this.lastStart, this.position));
    this.position = this.lastStart;
    this.frames -= 1;
    return record;
  }

  /** A copy of the record written last. */
  copyLast() {
    return Buffer.from(this.buffer.subarray(this.lastStart, this.position));
  }

  /** Writes a record taken back or copied before, with the time of now. @param {Buffer} record */
  again(record) {
    this.prepare();
    this.lastStart = this.position;
    record.copy(this.buffer, this.position);
    this.#stamp(this.position);
    this.position += record.length;
    this.frames += 1;
  }

  /**
   * Ethernet and IP headers; returns where the transport header belongs.
   * @param {Endpoints} flow @param {boolean} fromClient @param {boolean} v4 @param {number} protocol
   * @param {number} transportBytes
   */
  #link(flow, fromClient, v4, protocol, transportBytes) {
    const b = this.buffer;
    const ethernet = this.position + RECORD_HEADER;
    const ip = ethernet + ETHERNET_HEADER;
    // Locally administered addresses: …:01 is the clients' side, …:02 the servers'.
    b.writeUInt32BE(0x02005e00, ethernet);
    b.writeUInt16BE(fromClient ? 0x0002 : 0x0001, ethernet + 4);
    b.writeUInt32BE(0x02005e00, ethernet + 6);
    b.writeUInt16BE(fromClient ? 0x0001 : 0x0002, ethernet + 10);
    const source = fromClient ? flow.clientAddress : flow.serverAddress;
    const target = fromClient ? flow.serverAddress : flow.clientAddress;
    if (v4) {
      b[ethernet + 12] = 0x08;
      b[ethernet + 13] = 0x00;
      const total = 20 + transportBytes;
      this.ipId = (this.ipId + 1) & 0xffff;
      b[ip] = 0x45;
      b[ip + 1] = 0;
      b[ip + 2] = total >> 8;
      b[ip + 3] = total & 255;
      b[ip + 4] = this.ipId >> 8;
      b[ip + 5] = this.ipId & 255;
      b[ip + 6] = 0x40;
      b[ip + 7] = 0;
      b[ip + 8] = fromClient ? 64 : 57;
      b[ip + 9] = protocol;
      b[ip + 10] = 0;
      b[ip + 11] = 0;
      for (let i = 0; i < 4; i++) {
        b[ip + 12 + i] = /** @type {number} */ (source[i]);
        b[ip + 16 + i] = /** @type {number} */ (target[i]);
      }
      const checksum = foldChecksum(sumWords(b, ip, ip + 20));
      b[ip + 10] = checksum >> 8;
      b[ip + 11] = checksum & 255;
      return ip + 20;
    }
    b[ethernet + 12] = 0x86;
    b[ethernet + 13] = 0xdd;
    b.writeUInt32BE(0x60000000, ip);
    b.writeUInt16BE(transportBytes, ip + 4);
    b[ip + 6] = protocol;
    b[ip + 7] = fromClient ? 64 : 57;
    source.copy(b, ip + 8);
    target.copy(b, ip + 24);
    return ip + 40;
  }

  /** @param {number} end */
  #finish(end) {
    const start = this.position;
    const captured = end - start - RECORD_HEADER;
    this.buffer.writeUInt32LE(captured, start + 8);
    this.buffer.writeUInt32LE(captured, start + 12);
    this.#stamp(start);
    this.lastStart = start;
    this.position = end;
    this.frames += 1;
  }

  /** @param {number} record */
  #stamp(record) {
    const seconds = Math.floor(this.clockUs / 1e6);
    this.buffer.writeUInt32LE(FIRST_SECOND + seconds, record);
    this.buffer.writeUInt32LE(this.clockUs - seconds * 1e6, record + 4);
  }
}
