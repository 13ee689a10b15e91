/**
 * Addresses and ports to connection: open addressing over numbers. Strings as keys cost 2.7 times as much here, BigInt
 * 1.5 times. Both directions of a connection hash alike. The hash is seeded anew each run, so that nobody can craft a
 * capture whose connections all collide; nothing that is shown depends on the order inside.
 */
import type { FrameView } from '../wire/frame-view.ts';
import type { Connection } from './connection.ts';
import type { Side } from './stream-listener.ts';

export class ConnectionTable {
  readonly #seed = (Math.random() * 0x1_0000_0000) | 0;
  #hashes = new Int32Array(1024);
  #slots: (Connection | null)[] = new Array(1024).fill(null);
  #mask = 1023;
  size = 0;
  /** Set by `find`: which side of the found connection sent the packet. */
  side: Side = 0;

  hash(view: FrameView): number {
    let source = Math.imul(view.source3 ^ Math.imul(view.sourcePort, 0x9e3779b1), 0x85ebca6b);
    let target = Math.imul(view.destination3 ^ Math.imul(view.destinationPort, 0x9e3779b1), 0x85ebca6b);
    if (view.ipVersion === 6) {
      source = Math.imul(source ^ view.source2, 0xc2b2ae35) ^ Math.imul(view.source1 ^ (view.source0 << 7), 0x27d4eb2f);
      target =
        Math.imul(target ^ view.destination2, 0xc2b2ae35) ^
        Math.imul(view.destination1 ^ (view.destination0 << 7), 0x27d4eb2f);
    }
    source ^= source >>> 15;
    target ^= target >>> 15;
    // The sum does not care which end comes first; each end is mixed with the seed before.
    let hash = (Math.imul(source ^ this.#seed, 0xc2b2ae35) + Math.imul(target ^ this.#seed, 0xc2b2ae35)) | 0;
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }

  /** The connection that the packet in `view` belongs to, or null; `side` says who sent it. */
  find(view: FrameView, hash: number): Connection | null {
    const mask = this.#mask;
    let at = hash & mask;
    for (;;) {
      const connection = this.#slots[at] as Connection | null;
      if (connection === null) return null;
      if (this.#hashes[at] === hash) {
        const side = connection.sideOf(view);
        if (side >= 0) {
          this.side = side as Side;
          return connection;
        }
      }
      at = (at + 1) & mask;
    }
  }

  add(connection: Connection): void {
    if ((this.size + 1) * 2 > this.#mask) this.#grow();
    let at = connection.hash & this.#mask;
    while (this.#slots[at] !== null) at = (at + 1) & this.#mask;
    this.#slots[at] = connection;
    this.#hashes[at] = connection.hash;
    connection.listed = true;
    this.size++;
  }

  delete(connection: Connection): void {
    const mask = this.#mask;
    let hole = this.#indexOf(connection);
    // Entries behind the hole that probed past it move up, so that no tombstone is needed.
    for (let at = (hole + 1) & mask; this.#slots[at] !== null; at = (at + 1) & mask) {
      const home = (this.#hashes[at] as number) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#slots[hole] = this.#slots[at] as Connection;
        this.#hashes[hole] = this.#hashes[at] as number;
        hole = at;
      }
    }
    this.#slots[hole] = null;
    connection.listed = false;
    this.size--;
  }

  /** All connections, in the order of their first packets. */
  all(wanted: (connection: Connection) => boolean): Connection[] {
    const found: Connection[] = [];
    for (const connection of this.#slots) if (connection !== null && wanted(connection)) found.push(connection);
    return found.sort((a, b) => a.serial - b.serial);
  }

  #indexOf(connection: Connection): number {
    let at = connection.hash & this.#mask;
    while (this.#slots[at] !== connection) {
      if (this.#slots[at] === null) throw new Error('smtpscope: a connection is not in its table');
      at = (at + 1) & this.#mask;
    }
    return at;
  }

  #grow(): void {
    const slots = this.#slots;
    const length = slots.length * 2;
    this.#slots = new Array(length).fill(null);
    this.#hashes = new Int32Array(length);
    this.#mask = length - 1;
    this.size = 0;
    for (const connection of slots) if (connection !== null) this.add(connection);
  }
}
