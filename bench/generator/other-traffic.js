/** What else is on the wire: web pages, TLS on 443, name lookups. Noise with the right shape and nothing to find. */

import { otherEnds } from './addresses.js';
import { sumWords } from './pcap-writer.js';
import { TcpFlow } from './tcp-flow.js';
import { applicationPool, clientFinished, clientHello, noise, serverFlight } from './tls-records.js';

const POOL_BYTES = 1 << 20;
const TLS_RECORD = 8192;

export class OtherTraffic {
  /** @param {import('./random.js').Random} random */
  constructor(random) {
    this.random = random;
    this.serial = 0;
    this.page = noise(random, POOL_BYTES);
    this.tls = applicationPool(random, POOL_BYTES / TLS_RECORD, TLS_RECORD);
    this.hellos = Array.from({ length: 16 }, (_, i) => clientHello(random, `www${i}.elsewhere.example`));
    this.serverFlights = Array.from({ length: 16 }, () => serverFlight(random));
    this.finished = clientFinished(random);
  }

  /** A lookup at once (flow null), or a flow to come. @param {import('./pcap-writer.js').PcapWriter} writer */
  next(writer) {
    const kind = this.random.below(10);
    if (kind < 4) return this.#lookup(writer);
    return kind < 7 ? this.#web() : this.#secureWeb();
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #lookup(writer) {
    const { random } = this;
    const ends = otherEnds(random, this.serial++, 53);
    const flow = {
      ...ends,
      addressSum: sumWords(ends.clientAddress, 0, 4) + sumWords(ends.serverAddress, 0, 4),
    };
    const name = Buffer.from(`\x04host\x07example\0\0\x01\0\x01`, 'latin1');
    const id = Buffer.from([random.below(256), random.below(256)]);
    const query = Buffer.concat([id, Buffer.from([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 203, 0, 113, random.below(256)]);
    const answer = Buffer.concat([id, Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]), name, record]);
    const before = writer.bytesWritten;
    writer.clockUs += 40;
    writer.udp(flow, true, query);
    writer.clockUs += 300;
    writer.udp(flow, false, answer);
    return { flow: null, bytes: writer.bytesWritten - before };
  }

  /** Some KB mostly, now and then megabytes: sizes spread evenly over their logarithm. */
  #size() {
    return Math.round(2000 * 400 ** (this.random.next() / 0x1_0000_0000));
  }

  #web() {
    const { random } = this;
    /** @type {import('./dialogue.js').Flight[]} */
    const flights = [];
    for (let i = random.between(1, 4); i > 0; i--) {
      const size = this.#size();
      const request = `GET /page/${random.next()} HTTP/1.1\r\nHost: www.elsewhere.example\r\nAccept: */*\r\nCookie: s=${random.next()}\r\n\r\n`;
      const head = `HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: ${size}\r\n\r\n`;
      flights.push(flightOf(true, Buffer.from(request, 'latin1'), 0, request.length));
      const response = flightOf(false, Buffer.from(head, 'latin1'), 0, head.length);
      const start = random.below(POOL_BYTES - size);
      response.pieces.push({ bytes: this.page, start, end: start + size });
      response.bytes += size;
      flights.push(response);
    }
    return this.#flow(flights, 80);
  }

  #secureWeb() {
    const { random } = this;
    const hello = random.pick(this.hellos);
    const answer = random.pick(this.serverFlights);
    const flights = [
      flightOf(true, hello, 0, hello.length),
      flightOf(false, answer, 0, answer.length),
      flightOf(true, this.finished, 0, this.finished.length),
    ];
    for (let i = random.between(1, 4); i > 0; i--) {
      const records = Math.max(1, Math.ceil(this.#size() / TLS_RECORD));
      const first = random.below(POOL_BYTES / TLS_RECORD - records);
      flights.push(flightOf(false, this.tls, first * TLS_RECORD, (first + records) * TLS_RECORD));
      const ask = random.below(POOL_BYTES / TLS_RECORD - 1);
      flights.push(flightOf(true, this.tls, ask * TLS_RECORD, ask * TLS_RECORD + 600));
    }
    return this.#flow(flights, 443);
  }

  /** @param {import('./dialogue.js').Flight[]} flights @param {number} port */
  #flow(flights, port) {
    const payload = flights.reduce((sum, flight) => sum + flight.bytes, 0);
    const load = { flights, closing: /** @type {const} */ ('client-fin'), sleepUs: 0 };
    const flow = new TcpFlow(otherEnds(this.random, this.serial++, port), load, this.random);
    return { flow, bytes: payload + Math.ceil(payload / 1460) * 105 + flights.length * 100 + 500 };
  }
}

/** @param {boolean} fromClient @param {Buffer} bytes @param {number} start @param {number} end @returns {import('./dialogue.js').Flight} */
function flightOf(fromClient, bytes, start, end) {
  return { fromClient, pieces: [{ bytes, start, end }], bytes: end - start };
}
