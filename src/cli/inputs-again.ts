/** The captures of a run, read once more when it is over: for what can only be done when all sessions are known. */
import { statSync } from 'node:fs';
import type { CaptureLimits } from '../capture/format/limits.ts';
import { CaptureError, type PacketSink } from '../capture/packet-sink.ts';
import { readCapture } from '../capture/source/file.ts';
import { Spool } from './spool.ts';

export type OnProgress = (name: string, read: number, total: number | null) => void;

export class InputsAgain {
  readonly #limits: Partial<CaptureLimits>;
  /** Where the bytes of an input can be read again, if not under its own name. */
  readonly #spools = new Map<string, Spool>();

  constructor(limits: Partial<CaptureLimits> = {}) {
    this.#limits = limits;
  }

  /** A copy to be made of this input while it is read; null for a file that can be read again. */
  spoolFor(input: string): Spool | null {
    if (input !== '-' && !isPipe(input)) return null;
    const spool = new Spool();
    this.#spools.set(input, spool);
    return spool;
  }

  /** What stopped the first reading stops this one at the same place; it has been told. */
  async read(name: string, sink: PacketSink, onProgress: OnProgress): Promise<void> {
    try {
      await readCapture(this.#spools.get(name)?.path ?? name, sink, {
        limits: this.#limits,
        onProgress: (read, total) => onProgress(name, read, total),
      });
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    }
  }

  /** Takes the copies away. Never throws. */
  remove(): void {
    for (const spool of this.#spools.values()) spool.remove();
    this.#spools.clear();
  }
}

function isPipe(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
