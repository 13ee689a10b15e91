/**
 * Standard output of a run that must stay able to hear Ctrl-C: a terminal or a pipe that takes no more for now is tried
 * again later, and never waited for. What waits is bounded: who writes is told to hold back.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Chunk } from '../../output/writer.ts';
import { ClosedPipe, Complaint, systemWords } from '../complaint.ts';
import { type Sink, standardOutput } from '../sink.ts';

export interface FlowingSink extends Sink {
  /**
   * Tries for so many milliseconds to hand on what waits, and as long as some of it was taken in the last `idleMs`; bytes
   * that were not taken.
   */
  drain(mostMs: number, idleMs?: number): number;
  /** Lets go of what waits, but of no half line; bytes that nobody will read. */
  discard(): number;
}

/** Bytes that wait before the writer is held back. */
const HELD_BYTES = 1 << 20;
/** Small pieces are gathered up to this. */
const PIECE_BYTES = 64 * 1024;
const RETRY_MS = 5;

/**
 * `hold` is told whether the writer is to hold back; `failed` of what goes wrong between two calls (`ClosedPipe` where
 * the reader has gone). Where standard output is a file, or cannot be opened anew, it is written as `inspect` does.
 */
export function flowingOutput(hold: (isFull: boolean) => void, failed: (error: unknown) => void): Sink | FlowingSink {
  const fd = ownDescriptor();
  return fd === null ? standardOutput() : new FlowingOutput(fd, hold, failed);
}

/** Flags belong to an open file, which others may share: ours is opened anew, and theirs stays as it is. */
function ownDescriptor(): number | null {
  try {
    const stats = fstatSync(1);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return null;
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

export class FlowingOutput implements FlowingSink {
  readonly #fd: number;
  readonly #hold: (isFull: boolean) => void;
  readonly #failed: (error: unknown) => void;
  readonly #pieces: Buffer[] = [];
  #filling = Buffer.allocUnsafe(PIECE_BYTES);
  #filled = 0;
  /** Bytes that wait, the piece that is being filled included, and where the first piece begins. */
  #waiting = 0;
  #at = 0;
  #isFull = false;
  #retry: NodeJS.Timeout | null = null;

  /** Writes to `fd`, which must not block. */
  constructor(fd: number, hold: (isFull: boolean) => void, failed: (error: unknown) => void) {
    this.#fd = fd;
    this.#hold = hold;
    this.#failed = failed;
  }

  /** Chunks are lent: they are copied. */
  write(chunk: Chunk): void {
    const most = typeof chunk === 'string' ? chunk.length * 3 : chunk.length;
    if (this.#filled + most > this.#filling.length) this.#close(PIECE_BYTES);
    let bytes: number;
    if (most > PIECE_BYTES) {
      this.#pieces.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk));
      bytes = (this.#pieces.at(-1) as Buffer).length;
    } else {
      bytes = typeof chunk === 'string' ? this.#filling.write(chunk, this.#filled) : chunk.length;
      if (typeof chunk !== 'string') this.#filling.set(chunk, this.#filled);
      this.#filled += bytes;
    }
    this.#waiting += bytes;
    if (this.#waiting > HELD_BYTES) this.flush();
  }

  /** Hands on what is taken now. */
  flush(): void {
    if (this.#retry === null) this.#push();
    else this.#tell();
  }

  drain(mostMs: number, idleMs = 0): number {
    let endMs = performance.now() + Math.max(mostMs, idleMs);
    for (;;) {
      const before = this.#waiting;
      this.#push();
      const now = performance.now();
      if (this.#waiting < before) endMs = Math.max(endMs, now + idleMs);
      if (this.#waiting === 0 || now >= endMs) return this.#waiting;
      Atomics.wait(pause, 0, 0, 1);
    }
  }

  discard(): number {
    this.#close();
    // The piece of which some was taken already is kept: each ends with a line.
    const dropped = this.#pieces.splice(this.#at > 0 ? 1 : 0);
    const bytes = dropped.reduce((sum, { length }) => sum + length, 0);
    this.#waiting -= bytes;
    return bytes;
  }

  commit(): void {
    this.drain(Number.POSITIVE_INFINITY);
    this.abandon();
  }

  abandon(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  #push(): void {
    this.#close();
    while (this.#waiting > 0) {
      const piece = this.#pieces[0] as Buffer;
      let written: number;
      try {
        written = writeSync(this.#fd, piece, this.#at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') throw new ClosedPipe();
        if (code !== 'EAGAIN') throw new Complaint(`standard output: cannot be written: ${systemWords(error)}`);
        break;
      }
      this.#at += written;
      this.#waiting -= written;
      if (this.#at < piece.length) continue;
      this.#pieces.shift();
      this.#at = 0;
    }
    if (this.#waiting > 0) this.#later();
    this.#tell();
  }

  #tell(): void {
    const isFull = this.#waiting > (this.#isFull ? HELD_BYTES / 2 : HELD_BYTES);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#hold(isFull);
  }

  /** The piece that is being filled goes to those that wait; the next has at least `room`. */
  #close(room = 0): void {
    if (this.#filled > 0) this.#pieces.push(this.#filling.subarray(0, this.#filled));
    this.#filling = this.#filling.subarray(this.#filled);
    if (this.#filling.length < room) this.#filling = Buffer.allocUnsafe(PIECE_BYTES);
    this.#filled = 0;
  }

  #later(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      try {
        this.#push();
      } catch (error) {
        this.#failed(error);
      }
    }, RETRY_MS);
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
