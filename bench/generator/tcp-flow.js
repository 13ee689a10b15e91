/**
 * One TCP connection on its way over the wire: handshake, flights in full segments, an ACK for every second segment,
 * and the close. `step` writes exactly one packet, so that a scheduler can interleave as many flows as it likes.
 */

import { ACK, FIN, PSH, RST, SYN, sumWords } from './pcap-writer.js';

export const MSS = 1460;

/** Waits between the SYNs of a client that gets no answer, as Linux doubles them. */
const SYN_RETRIES_US = [1e6, 2e6, 4e6, 8e6, 16e6];

/**
 * What a flow carries: flights with their bytes, and how it ends.
 * @typedef {object} Load
 * @property {import('./dialogue.js').Flight[]} flights
 * @property {import('./dialogue.js').Closing} closing
 * @property {number} sleepUs
 */

export class TcpFlow {
  /**
   * @param {{ clientAddress: Buffer, serverAddress: Buffer, clientPort: number, serverPort: number }} ends
   * @param {Load} load
   * @param {import('./random.js').Random} random
   * @param {'complete' | 'unanswered' | 'refused'} [opening]
   */
  constructor(ends, load, random, opening = 'complete') {
    this.clientAddress = ends.clientAddress;
    this.serverAddress = ends.serverAddress;
    this.clientPort = ends.clientPort;
    this.serverPort = ends.serverPort;
    this.addressSum =
      sumWords(ends.clientAddress, 0, ends.clientAddress.length) +
      sumWords(ends.serverAddress, 0, ends.serverAddress.length);
    this.flights = load.flights;
    this.closing = load.closing;
    this.closeSleepUs = load.sleepUs;
    this.opening = opening;
    this.clientSeq = random.next() | 0;
    this.serverSeq = random.next() | 0;
    /** Decides, flight by flight, whether its last segment is acknowledged at once. */
    this.ackBits = random.next();
    /** @type {'opening' | 'flights' | 'closing' | 'done'} */
    this.stage = 'opening';
    this.substep = 0;
    this.flight = 0;
    this.piece = 0;
    this.pieceOffset = 0;
    this.flightLeft = this.flights[0]?.bytes ?? 0;
    this.unacknowledged = 0;
    this.sentByClient = false;
    /** Microseconds that must pass before the next step; the scheduler sets it back to 0. */
    this.waitUs = 0;
    /** Payload bytes of the packet written last. */
    this.lastPayload = 0;
    this.firstFrame = 0;
    /** Stop before this flight until it is raised; see `atHold`. */
    this.holdBefore = Number.POSITIVE_INFINITY;
    /** Truth of the flow, where it is SMTP. @type {any} */
    this.truth = null;
  }

  get done() {
    return this.stage === 'done';
  }

  /** Every segment before the held flight is sent and acknowledged: the flow stands still. */
  get atHold() {
    return this.stage === 'flights' && this.flight >= this.holdBefore && this.unacknowledged < 2;
  }

  /** Writes the next packet. @param {import('./pcap-writer.js').PcapWriter} writer */
  step(writer) {
    writer.prepare();
    this.lastPayload = 0;
    switch (this.stage) {
      case 'opening':
        this.#open(writer);
        break;
      case 'flights':
        this.#fly(writer);
        break;
      case 'closing':
        this.#close(writer);
        break;
      default:
        throw new Error('this flow has ended');
    }
    if (this.firstFrame === 0) this.firstFrame = writer.frames;
    // A flow is kept for its truth long after it has ended; its bytes are not.
    if (this.done) this.flights = [];
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer @param {boolean} fromClient @param {number} flags @param {number} payload */
  #send(writer, fromClient, flags, payload) {
    const seq = fromClient ? this.clientSeq : this.serverSeq;
    const ack = fromClient ? this.serverSeq : this.clientSeq;
    writer.tcp(this, fromClient, flags, seq, ack, payload);
    const advance = payload + (flags & (SYN | FIN) ? 1 : 0);
    if (fromClient) this.clientSeq = (seq + advance) | 0;
    else this.serverSeq = (seq + advance) | 0;
    this.sentByClient = fromClient;
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #open(writer) {
    const step = this.substep++;
    if (this.opening === 'unanswered') {
      this.#send(writer, true, SYN, 0);
      this.clientSeq = (this.clientSeq - 1) | 0;
      this.waitUs = SYN_RETRIES_US[step] ?? 0;
      if (this.waitUs === 0) this.stage = 'done';
    } else if (step === 0) {
      this.#send(writer, true, SYN, 0);
    } else if (this.opening === 'refused') {
      this.serverSeq = 0;
      this.#send(writer, false, RST | ACK, 0);
      this.stage = 'done';
    } else if (step === 1) {
      this.#send(writer, false, SYN | ACK, 0);
    } else {
      this.#send(writer, true, ACK, 0);
      this.stage = 'flights';
      this.#maybeClose();
    }
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #fly(writer) {
    if (this.unacknowledged >= 2) {
      this.unacknowledged = 0;
      this.#send(writer, !this.sentByClient, ACK, 0);
      this.#maybeClose();
      return;
    }
    const flight = this.flights[this.flight];
    if (!flight) throw new Error('no flight left');
    const target = writer.payloadOffset(this);
    const bytes = Math.min(MSS, this.flightLeft);
    for (let filled = 0; filled < bytes; ) {
      const piece = flight.pieces[this.piece];
      if (!piece?.bytes) throw new Error('a flight is shorter than it says');
      const start = piece.start + this.pieceOffset;
      const take = Math.min(bytes - filled, piece.end - start);
      piece.bytes.copy(writer.buffer, target + filled, start, start + take);
      filled += take;
      this.pieceOffset += take;
      if (piece.start + this.pieceOffset === piece.end) {
        this.piece += 1;
        this.pieceOffset = 0;
      }
    }
    this.flightLeft -= bytes;
    this.lastPayload = bytes;
    const flightEnds = this.flightLeft === 0;
    this.#send(writer, flight.fromClient, flightEnds ? PSH | ACK : ACK, bytes);
    this.unacknowledged += 1;
    if (flightEnds) {
      // Now and then the receiver acknowledges by itself before it answers; else the answer carries the ACK.
      this.unacknowledged = (this.ackBits >>> (this.flight & 31)) & 1 ? 2 : 0;
      this.flight += 1;
      this.piece = 0;
      this.pieceOffset = 0;
      this.flightLeft = this.flights[this.flight]?.bytes ?? 0;
      this.#maybeClose();
    }
  }

  #maybeClose() {
    if (this.flight < this.flights.length || this.unacknowledged >= 2) return;
    this.stage = this.closing === 'none' ? 'done' : 'closing';
    this.substep = 0;
    this.waitUs = this.closeSleepUs;
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #close(writer) {
    const byClient = this.closing === 'client-fin' || this.closing === 'client-rst';
    if (this.closing === 'client-rst' || this.closing === 'server-rst') {
      this.#send(writer, byClient, RST | ACK, 0);
      this.stage = 'done';
      return;
    }
    const step = this.substep++;
    if (step === 0) this.#send(writer, byClient, FIN | ACK, 0);
    else if (step === 1) this.#send(writer, !byClient, FIN | ACK, 0);
    else {
      this.#send(writer, byClient, ACK, 0);
      this.stage = 'done';
    }
  }
}
