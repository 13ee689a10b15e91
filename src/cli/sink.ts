/**
 * Where output goes: standard output or a file, through one large buffer and synchronous writes, so that a run that
 * reads a file never waits for the event loop.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Chunk } from '../output/writer.ts';
import { ClosedPipe, Complaint, systemWords } from './complaint.ts';
import { beforeSignal } from './signals.ts';

const BUFFER_BYTES = 256 * 1024;
/** A pipe that is full and does not block is tried again after this many milliseconds. */
const RETRY_MS = 2;

export interface Sink {
  write(chunk: Chunk): void;
  /** Hands on what is buffered. */
  flush(): void;
  /** All was written: the output becomes what was asked for. */
  commit(): void;
  /** The run failed: what was begun is taken away. Never throws. */
  abandon(): void;
}

/** A buffer before a file descriptor. Throws `ClosedPipe` when the reader has gone, else what the system says. */
class DescriptorSink implements Sink {
  readonly #fd: number;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #length = 0;

  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  write(chunk: Chunk): void {
    const most = typeof chunk === 'string' ? chunk.length * 3 : chunk.length;
    if (this.#length + most > BUFFER_BYTES) this.flush();
    if (most > BUFFER_BYTES) {
      this.#writeAll(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    } else if (typeof chunk === 'string') {
      this.#length += this.#buffer.write(chunk, this.#length);
    } else {
      this.#buffer.set(chunk, this.#length);
      this.#length += chunk.length;
    }
  }

  flush(): void {
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.#writeAll(this.#buffer.subarray(0, length));
  }

  commit(): void {
    this.flush();
  }

  abandon(): void {}

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') throw new ClosedPipe();
        if (code !== 'EAGAIN') throw new Complaint(`${this.#name}: cannot be written: ${systemWords(error)}`);
        Atomics.wait(pause, 0, 0, RETRY_MS);
      }
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** A new file: written beside its place under a name of its own, and moved there when it is whole. Mode 0600. */
class FileSink extends DescriptorSink {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #replace: boolean;
  readonly #forgetSignals: () => void;
  #open = true;

  constructor(path: string, replace: boolean) {
    const temporary = join(dirname(path), `.${basename(path).slice(0, 200)}.${process.pid}.part`);
    const fd = attempt(path, () => openSync(temporary, CREATE, 0o600));
    super(fd, path);
    this.#path = path;
    this.#temporary = temporary;
    this.#fd = fd;
    this.#replace = replace;
    attempt(path, () => fchmodSync(fd, 0o600));
    // A signal must not leave the half-written file behind.
    this.#forgetSignals = beforeSignal(() => this.abandon());
  }

  override commit(): void {
    this.flush();
    attempt(this.#path, () => fsyncSync(this.#fd));
    this.#close();
    attempt(this.#path, () => this.#place());
  }

  override abandon(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  /** A link fails where something stands at that name since we looked; a rename would not. */
  #place(): void {
    if (this.#replace) {
      renameSync(this.#temporary, this.#path);
      return;
    }
    try {
      linkSync(this.#temporary, this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new Complaint(alreadyThere(this.#path));
      if (lstatOf(this.#path) !== null) throw new Complaint(alreadyThere(this.#path));
      renameSync(this.#temporary, this.#path); // a file system without links
      return;
    }
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
    this.#forgetSignals();
  }
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export function standardOutput(): Sink {
  return new DescriptorSink(1, 'standard output');
}

/**
 * Output to `path`. A new regular file appears whole or not at all; an existing one is refused unless `force`; a pipe or
 * device is written as it is; a symbolic link is never followed. None of `inputs` is overwritten, whatever was asked.
 */
export function fileOutput(path: string, force: boolean, inputs: readonly string[]): Sink {
  const there = attempt(path, () => lstatOf(path));
  if (there === null) return new FileSink(path, false);
  if (there.isSymbolicLink()) {
    throw new Complaint(`${path}: is a symbolic link, and those are not followed; name the file itself`);
  }
  if (there.isDirectory()) throw new Complaint(`${path}: is a directory; name a file in it`);
  if (!there.isFile()) {
    return new DescriptorSink(
      attempt(path, () => openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW)),
      path,
    );
  }
  if (inputs.some((input) => isSameFile(input, there))) {
    throw new Complaint(`${path}: is one of the captures to be read; choose another name`);
  }
  if (!force) throw new Complaint(alreadyThere(path));
  return new FileSink(path, true);
}

/** A new file of mode 0600 with that content; false where something has that name already. */
export function writeNewFile(path: string, content: Uint8Array): boolean {
  let fd: number;
  try {
    fd = openSync(path, CREATE, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Complaint(`${path}: cannot be written: ${systemWords(error)}`);
  }
  try {
    const sink = new DescriptorSink(fd, path);
    sink.write(content);
    sink.flush();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

function alreadyThere(path: string): string {
  return `${path}: is already there; choose another name, or give --force to replace it`;
}

function isSameFile(path: string, other: Stats): boolean {
  try {
    const stats = statSync(path);
    return stats.dev === other.dev && stats.ino === other.ino;
  } catch {
    return false;
  }
}

function lstatOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function attempt<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Complaint || error instanceof ClosedPipe) throw error;
    throw new Complaint(`${path}: cannot be written: ${systemWords(error)}`);
  }
}
