/** `--output` of a run that may go on for weeks: what was written is there at once, and stays whatever happens. */
import { closeSync, constants, fchmodSync, lstatSync, openSync, writeSync } from 'node:fs';
import type { Chunk } from '../../output/writer.ts';
import { Complaint, systemWords } from '../complaint.ts';
import { fileOutput, type Sink } from '../sink.ts';

const MAX_WAITING_BYTES = 1 << 20;
const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_TRUNC } = constants;

/** A new file of mode 0600, or with `force` an old one, emptied; what is no file is written as `fileOutput` does. */
export function growingFile(path: string, force: boolean): Sink {
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (force ? O_TRUNC : O_EXCL);
  let fd: number;
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) return fileOutput(path, force, []);
    fd = openSync(path, flags, 0o600);
    fchmodSync(fd, 0o600);
  } catch (error) {
    if (error instanceof Complaint) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new Complaint(`${path}: is already there; choose another name, or give --force to replace it`);
    }
    throw new Complaint(`${path}: cannot be written: ${systemWords(error)}`);
  }
  return new GrowingFile(path, fd);
}

class GrowingFile implements Sink {
  readonly #path: string;
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isOpen = true;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  write(chunk: Chunk): void {
    // Chunks are lent.
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_WAITING_BYTES) this.flush();
  }

  flush(): void {
    if (this.#bytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw new Complaint(`${this.#path}: cannot be written: ${systemWords(error)}`);
    }
  }

  commit(): void {
    this.flush();
    this.#close();
  }

  abandon(): void {
    this.#close();
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}
