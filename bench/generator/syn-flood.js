/** SYNs from a million addresses that nobody answers, spread evenly over the bytes of a capture. */

import { SYN, sumWords } from './pcap-writer.js';
import { Random } from './random.js';

/** An odd multiplier: a walk through all 24 bits of host part that never comes back before its end. */
const WALK = 0x9e3779 | 1;

export class SynFlood {
  /**
   * @param {number} seed
   * @param {number} syns wanted
   * @param {number} sessionBytes bytes of the capture without the flood
   * @param {boolean} audible false: keep the time that the flood takes, but write nothing
   */
  constructor(seed, syns, sessionBytes, audible) {
    this.random = new Random(seed ^ 0x53594e);
    this.syns = syns;
    this.audible = audible;
    this.spacing = sessionBytes / Math.max(1, syns);
    this.sent = 0;
    this.written = 0;
    this.floodBytes = 0;
    this.v4 = { clientAddress: Buffer.from([10, 0, 0, 0]), serverAddress: Buffer.from([198, 51, 100, 241]) };
    this.v6 = { clientAddress: Buffer.alloc(16), serverAddress: Buffer.alloc(16) };
    this.v6.clientAddress.writeUInt32BE(0x20010db8, 0);
    this.v6.clientAddress.writeUInt16BE(0xf100, 4);
    this.v6.serverAddress.writeUInt32BE(0x20010db8, 0);
    this.v6.serverAddress.writeUInt16BE(0x25, 4);
    this.v6.serverAddress[15] = 1;
  }

  /** Sends the SYNs that are due at this point of the capture. @param {import('./pcap-writer.js').PcapWriter} writer */
  advance(writer) {
    const due = Math.min(this.syns, Math.floor((writer.bytesWritten - this.floodBytes) / this.spacing));
    while (this.sent < due) this.#send(writer);
  }

  /** Sends what is left. @param {import('./pcap-writer.js').PcapWriter} writer */
  finish(writer) {
    while (this.sent < this.syns) this.#send(writer);
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #send(writer) {
    const host = Math.imul(this.sent, WALK) & 0xffffff;
    this.sent += 1;
    const { random } = this;
    const ends = random.chance(0.2) ? this.v6 : this.v4;
    ends.clientAddress.writeUIntBE(host, ends.clientAddress.length - 3, 3);
    ends.serverAddress[ends.serverAddress.length - 1] = ends === this.v4 ? 241 + random.below(8) : 1 + random.below(8);
    const flow = {
      ...ends,
      clientPort: random.between(1024, 65_535),
      serverPort: random.chance(0.7) ? 25 : 587,
      addressSum:
        sumWords(ends.clientAddress, 0, ends.clientAddress.length) +
        sumWords(ends.serverAddress, 0, ends.serverAddress.length),
    };
    const seq = random.next();
    writer.clockUs += 1;
    if (!this.audible) return;
    writer.prepare();
    const before = writer.bytesWritten;
    writer.tcp(flow, true, SYN, seq, 0, 0);
    this.floodBytes += writer.bytesWritten - before;
    this.written += 1;
  }
}
