/**
 * What arrives once and is read again: standard input and pipes go into a temporary file as they are read. It belongs to
 * this user alone (0600, in a directory of 0700) and is removed however the run ends.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Complaint, systemWords } from './complaint.ts';
import { beforeSignal } from './signals.ts';

export class Spool {
  readonly path: string;
  /** Why the copy could not be made; null as long as it can. */
  failure: Complaint | null = null;
  readonly #directory: string;
  readonly #forgetSignals: () => void;
  #fd: number;

  constructor() {
    try {
      this.#directory = mkdtempSync(join(tmpdir(), 'smtpscope-'));
    } catch (error) {
      throw cannotBeWritten(tmpdir(), error);
    }
    this.path = join(this.#directory, 'capture');
    this.#fd = openSync(this.path, 'wx', 0o600);
    this.#forgetSignals = beforeSignal(() => this.remove());
  }

  /** The same bytes as they come, each chunk copied before it is handed on. */
  copying(source: AsyncIterable<Buffer | string>): Readable {
    return Readable.from(this.#copied(source), { objectMode: false });
  }

  /** Takes the file away. Never throws. */
  remove(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.#forgetSignals();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async *#copied(source: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer, void> {
    for await (const chunk of source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      this.#write(bytes);
      yield bytes;
    }
  }

  #write(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.failure = cannotBeWritten(this.path, error);
      throw this.failure;
    }
  }
}

function cannotBeWritten(path: string, error: unknown): Complaint {
  return new Complaint(
    `${path}: the copy of standard input that --write needs cannot be written: ${systemWords(error)}; TMPDIR names another place`,
  );
}
