/**
 * `--write`: the packets of the selected sessions as a new capture, byte for byte, with what was found as comments. The
 * captures are read twice more once the run knows its sessions: to find their packets, and to copy them.
 */
import type { PacketMeta, PacketSink } from '../capture/packet-sink.ts';
import type { FrameSet } from '../capture/write/frame-set.ts';
import { PcapngWriter } from '../capture/write/pcapng-writer.ts';
import { type WantedConnection, WantedFrames } from '../capture/write/wanted-frames.ts';
import { printable } from '../output/printable.ts';
import { crossComment, packetComments } from '../report/packet-comments.ts';
import type { SessionReport, SummaryReport } from '../report/report.ts';
import { InputsAgain, type OnProgress } from './inputs-again.ts';
import { fileOutput, type Sink } from './sink.ts';
import { packageVersion } from './version.ts';

/** Comments by frame, of one capture. */
type Comments = Map<number, string[]>;

export class PacketsFile {
  readonly #path: string;
  readonly #sink: Sink;
  readonly #wanted: (WantedConnection & { readonly id: number })[] = [];
  readonly #comments: Comments[] = [];
  readonly #inputs: InputsAgain;

  /** Opens `path` as every output file (sink.ts); none of `inputs` is overwritten. */
  constructor(path: string, force: boolean, inputs: readonly string[], again = new InputsAgain()) {
    this.#path = path;
    this.#sink = fileOutput(path, force, inputs);
    this.#inputs = again;
  }

  /** A selected session ended. Only its place and what is said of it are kept. */
  session(report: SessionReport): void {
    const { id, capture, client, server, frames } = report.session;
    this.#wanted.push({ id, capture, client, server, frames: { ...frames } });
    for (const { capture: at, frame, text } of packetComments(report)) this.#comment(at, frame, text);
  }

  /**
   * Writes the file, whole or not at all. `captures` are the names of the captures of the run, in order. Resolves to a
   * sentence for the user. Throws `Complaint`.
   */
  async finish(captures: readonly string[], summary: SummaryReport, onProgress: OnProgress): Promise<string> {
    for (const finding of summary.crossFindings) {
      for (const { id, capture, frames } of this.#wanted) {
        if (finding.sessions.includes(id)) this.#comment(capture, frames.first, crossComment(finding));
      }
    }
    const wanted = new WantedFrames(this.#wanted);
    for (const name of captures) {
      wanted.beginCapture();
      await this.#inputs.read(name, wanted, onProgress);
    }
    const writer = new PcapngWriter(`smtpscope ${packageVersion()}`);
    this.#sink.write(writer.begin());
    let packets = 0;
    for (const [index, name] of captures.entries()) {
      const copier = new Copier(writer, this.#sink, wanted, wanted.of(index), this.#comments[index] ?? new Map());
      await this.#inputs.read(name, copier, onProgress);
      packets += copier.packets;
    }
    this.#sink.commit();
    return writtenWords(this.#path, packets, this.#wanted.length);
  }

  /** Takes away what was begun. Never throws. */
  abandon(): void {
    this.#sink.abandon();
  }

  #comment(capture: number, frame: number, text: string): void {
    this.#comments[capture] ??= new Map();
    const comments = this.#comments[capture];
    const before = comments.get(frame);
    const line = commentLine(text);
    if (before === undefined) comments.set(frame, [line]);
    else before.push(line);
  }
}

/** Copies the packets of one capture that are in `frames`, comments that they had before those that we have. */
class Copier implements PacketSink {
  packets = 0;
  readonly #writer: PcapngWriter;
  readonly #sink: Sink;
  readonly #wanted: WantedFrames;
  readonly #frames: FrameSet;
  readonly #comments: Comments;
  #own: string | null = null;

  constructor(writer: PcapngWriter, sink: Sink, wanted: WantedFrames, frames: FrameSet, comments: Comments) {
    this.#writer = writer;
    this.#sink = sink;
    this.#wanted = wanted;
    this.#frames = frames;
    this.#comments = comments;
  }

  comment(_frame: number, text: string): void {
    this.#own = text;
  }

  keyLog(text: Buffer): void {
    const secrets = this.#wanted.secretsIn(text);
    if (secrets !== null) this.#sink.write(this.#writer.keyLog(secrets));
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const own = this.#own;
    this.#own = null;
    if (!this.#frames.has(meta.frame)) return;
    const comments = [...(own === null ? [] : [own]), ...(this.#comments.get(meta.frame) ?? [])];
    for (const block of this.#writer.packet(bytes, start, end, meta, comments)) this.#sink.write(block);
    this.packets++;
  }
}

/** A comment as it stands in the file: where it comes from, and nothing in it that acts. */
export function commentLine(text: string): string {
  return `smtpscope: ${printable(text)}`;
}

/** What was written, and what is in it. */
export function writtenWords(path: string, packets: number, sessions: number): string {
  return (
    `${path}: ${counted(packets, 'packet')} of ${counted(sessions, 'session')}, byte for byte: ` +
    'passwords and messages that were sent readable are readable in it'
  );
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
