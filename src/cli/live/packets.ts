/**
 * `--write` of a live run: the wire cannot be read again, so the last packets are kept (packet-ring.ts), and those of a
 * selected session are written when it ends.
 */
import type { PacketMeta, PacketSink } from '../../capture/packet-sink.ts';
import { PacketRing } from '../../capture/write/packet-ring.ts';
import { packetComments } from '../../report/packet-comments.ts';
import type { SessionReport } from '../../report/report.ts';
import { watchAllPorts, watchPorts } from '../../wire/frame-view.ts';
import { Complaint } from '../complaint.ts';
import { commentLine, counted, writtenWords } from '../write-packets.ts';
import { RotatingCapture, type Rotation } from './rotating-capture.ts';

/** Room for the packets of sessions that are under way. */
const RING_BYTES = 128 * 1024 * 1024;

export interface PacketsOrder {
  readonly path: string;
  readonly force: boolean;
  readonly rotation: Rotation;
  readonly ports: readonly number[] | 'any';
}

export class LivePackets implements PacketSink {
  readonly #path: string;
  readonly #next: PacketSink;
  readonly #ring: PacketRing;
  readonly #capture: RotatingCapture;
  readonly #say: (words: string) => void;
  #packets = 0;
  #sessions = 0;
  /** The file system takes no more: what is there stays, and nothing is added. */
  failed = false;

  /** Packets are handed on to `next` when they have been kept. `say` is told when the file can be written no longer. */
  constructor(order: PacketsOrder, next: PacketSink, say: (words: string) => void) {
    const { path, force, rotation, ports } = order;
    this.#path = path;
    this.#next = next;
    this.#say = say;
    this.#capture = new RotatingCapture(path, force, rotation);
    this.#ring = new PacketRing(ports === 'any' ? watchAllPorts() : watchPorts(ports), RING_BYTES);
  }

  /** Makes the file, as the user who is to own it. Throws `Complaint`. */
  open(): void {
    this.#capture.open();
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    if (!this.failed) this.#ring.packet(bytes, start, end, meta);
    this.#next.packet(bytes, start, end, meta);
  }

  /** A selected session ended. */
  session(report: SessionReport): void {
    if (this.failed) return;
    const comments = new Map<number, string[]>();
    for (const { frame, text } of packetComments(report)) {
      comments.set(frame, [...(comments.get(frame) ?? []), commentLine(text)]);
    }
    const packets = this.#ring
      .take(report.session)
      .map(({ bytes, meta }) => ({ bytes, meta, comments: comments.get(meta.frame) ?? [] }));
    try {
      this.#capture.write(packets);
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      this.failed = true;
      this.#say(`${error.message}; what was written stays, and watching goes on without`);
      return;
    }
    this.#packets += packets.length;
    this.#sessions++;
  }

  /** The last file is whole; a sentence for the user. */
  finish(): string {
    this.#capture.close(true);
    const { lost } = this.#ring;
    const { removed } = this.#capture;
    const missing = lost === 0 ? '' : `; ${counted(lost, 'older packet')} could not be kept until their sessions ended`;
    const gone = removed === 0 ? '' : `; ${counted(removed, 'older file')} made room`;
    return writtenWords(this.#path, this.#packets, this.#sessions) + missing + gone;
  }

  /** Never throws. */
  abandon(): void {
    this.#capture.close(false);
  }
}
