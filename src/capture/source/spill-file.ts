/**
 * A temporary file for what memory has no room for. It belongs to this user alone (0600), has no name once it is open,
 * and is gone with the process however that ends. It is made when the first bytes come.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpillStore } from '../../bytes/byte-chains.ts';

export class SpillFile implements SpillStore {
  readonly #folder: string;
  #fd = -1;
  /** Where the file stands until it is closed: Windows removes no open file. */
  #directory: string | null = null;
  #isBroken = false;

  constructor(folder: string = tmpdir()) {
    this.#folder = folder;
  }

  /** False when there is no room, or no file can be made; nothing is thrown. */
  write(bytes: Buffer, position: number): boolean {
    if (this.#isBroken) return false;
    try {
      if (this.#fd < 0) this.#open();
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#fd, bytes, at, bytes.length - at, position + at);
      }
      return true;
    } catch {
      this.#isBroken = true;
      return false;
    }
  }

  /** Throws what the system says when the bytes cannot be read back. */
  read(target: Buffer, at: number, length: number, position: number): void {
    for (let done = 0; done < length; ) {
      const count = readSync(this.#fd, target, at + done, length - done, position + done);
      if (count === 0) throw new Error('the temporary file is shorter than what was written to it');
      done += count;
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    if (this.#directory !== null) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = null;
  }

  #open(): void {
    const directory = mkdtempSync(join(this.#folder, 'smtpscope-'));
    this.#fd = openSync(join(directory, 'sessions'), 'wx+', 0o600);
    try {
      rmSync(directory, { recursive: true });
    } catch {
      this.#directory = directory;
    }
  }
}
