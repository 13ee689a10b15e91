/**
 * `--write` of a live run: the wire cannot be read again, so the last packets are kept (packet-ring.ts), and those of a
 * selected session are written when it ends.
 */
import type { PacketMeta, PacketSink } from '../../capture/packet-sink.ts';
import { PacketRing } from '../../capture/write/packet-ring.ts';
import { PcapngWriter } from '../../capture/write/pcapng-writer.ts';
import { packetComments } from '../../report/packet-comments.ts';
import type { SessionReport } from '../../report/report.ts';
import { watchAllPorts, watchPorts } from '../../wire/frame-view.ts';
import { fileOutput, type Sink } from '../sink.ts';
import { packageVersion } from '../version.ts';
import { commentLine, counted, writtenWords } from '../write-packets.ts';

/** Room for the packets of sessions that are under way. */
const RING_BYTES = 128 * 1024 * 1024;

export class LivePackets implements PacketSink {
  readonly #path: string;
  readonly #force: boolean;
  readonly #next: PacketSink;
  readonly #ring: PacketRing;
  readonly #writer = new PcapngWriter(`smtpscope ${packageVersion()}`);
  #sink: Sink | null = null;
  #packets = 0;
  #sessions = 0;

  /** Packets are handed on to `next` when they have been kept. */
  constructor(path: string, force: boolean, ports: readonly number[] | 'any', next: PacketSink) {
    this.#path = path;
    this.#force = force;
    this.#next = next;
    this.#ring = new PacketRing(ports === 'any' ? watchAllPorts() : watchPorts(ports), RING_BYTES);
  }

  /** Makes the file, as the user who is to own it. Throws `Complaint`. */
  open(): void {
    this.#sink = fileOutput(this.#path, this.#force, []);
    this.#sink.write(this.#writer.begin());
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    this.#ring.packet(bytes, start, end, meta);
    this.#next.packet(bytes, start, end, meta);
  }

  /** A selected session ended. */
  session(report: SessionReport): void {
    const comments = new Map<number, string[]>();
    for (const { frame, text } of packetComments(report)) {
      comments.set(frame, [...(comments.get(frame) ?? []), commentLine(text)]);
    }
    for (const { bytes, meta } of this.#ring.take(report.session)) {
      for (const block of this.#writer.packet(bytes, 0, bytes.length, meta, comments.get(meta.frame) ?? [])) {
        this.#sink?.write(block);
      }
      this.#packets++;
    }
    this.#sessions++;
  }

  /** The file is whole; a sentence for the user. Throws `Complaint`. */
  finish(): string {
    this.#sink?.commit();
    const { lost } = this.#ring;
    const missing = lost === 0 ? '' : `; ${counted(lost, 'older packet')} could not be kept until their sessions ended`;
    return writtenWords(this.#path, this.#packets, this.#sessions) + missing;
  }

  /** Never throws. */
  abandon(): void {
    this.#sink?.abandon();
  }
}
