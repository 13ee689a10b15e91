/**
 * Captures that take no more room than was allowed: packets go to FILE, and when that is full it becomes FILE.1 (with
 * the number before its ending), FILE.1 becomes FILE.2, and the last one is gone. Each is a whole pcapng at any time.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { extname } from 'node:path';
import type { PacketMeta } from '../../capture/packet-sink.ts';
import { PcapngWriter } from '../../capture/write/pcapng-writer.ts';
import { Complaint, systemWords } from '../complaint.ts';
import { packageVersion } from '../version.ts';

export interface Rotation {
  readonly fileBytes: number;
  /** Files that are kept, the one that is being written included. */
  readonly files: number;
}

export interface CommentedPacket {
  readonly bytes: Buffer;
  readonly meta: PacketMeta;
  readonly comments: readonly string[];
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export class RotatingCapture {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #force: boolean;
  #writer = newWriter();
  #fd = -1;
  #bytes = 0;
  #isEmpty = true;
  /** Files that were taken away, to make room. */
  removed = 0;

  constructor(path: string, force: boolean, rotation: Rotation) {
    this.#path = path;
    this.#force = force;
    this.#rotation = rotation;
  }

  /** Makes the first file. Throws `Complaint`, also where a file that will be needed is there and may not be replaced. */
  open(): void {
    for (let number = 0; number < this.#rotation.files; number++) {
      const path = this.#numbered(number);
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (there === undefined) continue;
      if (!there.isFile()) throw new Complaint(`${path}: is no file; --write makes files, and replaces nothing else`);
      if (!this.#force) {
        throw new Complaint(`${path}: is already there; choose another name, or give --force to replace it`);
      }
      this.#attempt(() => rmSync(path));
    }
    this.#attempt(() => this.#begin());
  }

  /**
   * The packets of one session: in one file where they fit into one. Throws `Complaint` where the system takes no more;
   * what is half written is taken away.
   */
  write(packets: readonly CommentedPacket[]): void {
    this.#attempt(() => {
      let whole = 0;
      for (const { bytes } of packets) whole += bytes.length;
      if (!this.#isEmpty && this.#bytes + whole > this.#rotation.fileBytes) this.#rotate();
      for (const packet of packets) {
        if (!this.#isEmpty && this.#bytes + packet.bytes.length > this.#rotation.fileBytes) this.#rotate();
        const { bytes, meta, comments } = packet;
        this.#put(Buffer.concat(this.#writer.packet(bytes, 0, bytes.length, meta, comments)));
        this.#isEmpty = false;
      }
    });
  }

  /** Closes what is there. Where nothing was ever written nothing stays, unless `keep`. Never throws. */
  close(keep: boolean): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
    if (!keep && this.#isEmpty) rmSync(this.#path, { force: true });
  }

  #begin(): void {
    this.#fd = openSync(this.#path, CREATE, 0o600);
    fchmodSync(this.#fd, 0o600);
    this.#writer = newWriter();
    this.#bytes = 0;
    this.#isEmpty = true;
    this.#put(this.#writer.begin());
  }

  #rotate(): void {
    closeSync(this.#fd);
    this.#fd = -1;
    const last = this.#rotation.files - 1;
    if (existsSync(this.#numbered(last))) this.removed++;
    for (let number = last; number > 0; number--) {
      const newer = this.#numbered(number - 1);
      if (existsSync(newer)) renameSync(newer, this.#numbered(number));
    }
    if (last === 0) rmSync(this.#path);
    this.#begin();
  }

  #put(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      this.#bytes += bytes.length;
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
  }

  #numbered(number: number): string {
    if (number === 0) return this.#path;
    const ending = extname(this.#path);
    return `${this.#path.slice(0, this.#path.length - ending.length)}.${number}${ending}`;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw new Complaint(`${this.#path}: cannot be written: ${systemWords(error)}`);
    }
  }
}

function newWriter(): PcapngWriter {
  return new PcapngWriter(`smtpscope ${packageVersion()}`);
}
