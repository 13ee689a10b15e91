/**
 * A flow as a bad network, or a bad capture, shows it. Each kind has its own promise:
 *
 * - `reordered-within`, `reordered-across`, `duplicated`: nothing is lost; the dialogue stays the same.
 * - `overlap-pending`: a segment that fills a hole also covers bytes already seen, with other content.
 * - `overlap-delivered`: bytes already in order are sent again with other content.
 * - `lost`: data segments are missing; the bytes are counted, and every one of them is implied by what follows.
 * - `mid-start`: everything before some flight is missing, the handshake too.
 */

import { TcpFlow } from './tcp-flow.js';

/** @typedef {'reordered-within' | 'reordered-across' | 'duplicated' | 'overlap-pending' | 'overlap-delivered' | 'lost' | 'mid-start'} Disturbance */

/** @type {readonly Disturbance[]} */
export const DISTURBANCES = [
  'reordered-within',
  'reordered-across',
  'duplicated',
  'overlap-pending',
  'overlap-delivered',
  'lost',
  'mid-start',
];

export class DisturbedFlow extends TcpFlow {
  /**
   * @param {ConstructorParameters<typeof TcpFlow>[0]} ends
   * @param {ConstructorParameters<typeof TcpFlow>[1]} load
   * @param {import('./random.js').Random} random
   * @param {Disturbance} disturbance
   */
  constructor(ends, load, random, disturbance) {
    super(ends, load, random);
    this.random = random;
    this.disturbance = disturbance;
    /** @type {Buffer | null} */
    this.held = null;
    this.heldFor = 0;
    /** Bytes of payload removed: by the client, by the server. @type {[number, number]} */
    this.missing = [0, 0];
    this.marks = 0;
    /** Bytes of stream that were seen twice and differed. */
    this.altered = 0;
    /** What is cut off in front: at least the handshake and one flight; at least three flights follow. */
    this.startAt = disturbance === 'mid-start' ? 1 + random.below(Math.max(1, load.flights.length - 3)) : 0;
  }

  /** @override @param {import('./pcap-writer.js').PcapWriter} writer */
  step(writer) {
    const before = this.stage;
    const flightBefore = this.flight;
    const seqBefore = [this.clientSeq, this.serverSeq];
    super.step(writer);
    if (this.disturbance === 'mid-start') {
      if (before === 'opening' || flightBefore < this.startAt) {
        writer.takeBack();
        this.firstFrame = 0;
      }
      return;
    }
    if (this.held !== null) {
      this.heldFor -= 1;
      if (this.heldFor <= 0 || this.stage !== 'flights') this.#release(writer);
      return;
    }
    if (before !== 'flights') return;
    const inFlight = this.flight === flightBefore && this.stage === 'flights';
    const { random } = this;
    switch (this.disturbance) {
      case 'reordered-within':
        // Only where the next packet carries data of the same flight.
        if (this.lastPayload > 0 && inFlight && this.unacknowledged === 1 && random.chance(0.5)) {
          this.#hold(writer, 1, true);
        }
        break;
      case 'reordered-across':
        if (this.lastPayload > 0 && this.stage === 'flights' && random.chance(0.2)) {
          this.#hold(writer, random.between(1, 2), true);
        }
        break;
      case 'duplicated':
        if (random.chance(0.2)) this.#hold(writer, random.between(1, 3), false);
        break;
      case 'lost':
        if (this.lastPayload > 0 && (this.marks === 0 || random.chance(0.05)) && random.chance(0.3)) {
          writer.takeBack();
          this.missing[this.sentByClient ? 0 : 1] += this.lastPayload;
          this.marks += 1;
        }
        break;
      default:
        if (this.marks === 0 && this.lastPayload >= 40 && random.chance(0.3)) {
          this.#overlap(writer, this.sentByClient ? seqBefore[0] : seqBefore[1]);
          this.marks += 1;
        }
    }
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer @param {number} packets @param {boolean} remove */
  #hold(writer, packets, remove) {
    this.held = remove ? writer.takeBack() : writer.copyLast();
    this.heldFor = packets;
    this.marks += 1;
  }

  /** @param {import('./pcap-writer.js').PcapWriter} writer */
  #release(writer) {
    if (this.held === null) return;
    writer.again(this.held);
    this.held = null;
  }

  /**
   * Sends the segment written last once more with its second half altered; `overlap-pending` first moves its true
   * second half in front, so that the altered bytes arrive while the true ones wait for the first half.
   * @param {import('./pcap-writer.js').PcapWriter} writer
   * @param {number | undefined} seq of the segment
   */
  #overlap(writer, seq) {
    if (seq === undefined) throw new Error('a segment without a sequence number');
    const bytes = this.lastPayload;
    const fromClient = this.sentByClient;
    const ack = fromClient ? this.serverSeq : this.clientSeq;
    const record = this.disturbance === 'overlap-pending' ? writer.takeBack() : writer.copyLast();
    const payload = record.subarray(record.length - bytes);
    const half = bytes >> 1;
    if (this.disturbance === 'overlap-pending') {
      writer.prepare();
      payload.copy(writer.buffer, writer.payloadOffset(this), half);
      writer.tcp(this, fromClient, 0x18, seq + half, ack, bytes - half);
    }
    // 8 bytes: letters into other letters, line ends left alone.
    for (let i = half; i < bytes && this.altered < 8; i++) {
      const byte = /** @type {number} */ (payload[i]);
      if (byte > 0x40 && byte < 0x7f) {
        payload[i] = byte ^ 1;
        this.altered += 1;
      }
    }
    writer.prepare();
    payload.copy(writer.buffer, writer.payloadOffset(this));
    writer.tcp(this, fromClient, 0x18, seq, ack, bytes);
  }
}
