/**
 * The last packets of a wire, kept until it is known whether their connection is wanted: for a source that cannot be
 * read again. What it holds is bounded; the oldest packets go first, and their number is told. Pieces of fragmented
 * segments are not kept, because which connection they belong to is known too late.
 */

import { decodeFrame, FrameView, ICMP_ERROR, TCP } from '../../wire/frame.ts';
import type { PacketMeta, PacketSink } from '../packet-sink.ts';
import { keyOfConnection, keyOfQuoted, keyOfSegment } from './connection-key.ts';
import type { WantedConnection } from './wanted-frames.ts';

export interface KeptPacket {
  readonly bytes: Buffer;
  readonly meta: PacketMeta;
}

interface Entry extends KeptPacket {
  /** An ICMP error about the connection, and no packet of it. */
  readonly isQuote: boolean;
  /** Of a connection that has been taken or forgotten. */
  gone: boolean;
}

/** What a packet costs besides its bytes: three objects, a place in two lists. */
const ENTRY_BYTES = 300;

export class PacketRing implements PacketSink {
  /** Packets that had to go before their session ended. */
  lost = 0;
  readonly #limitBytes: number;
  readonly #view: FrameView;
  readonly #byConnection = new Map<string, Entry[]>();
  /** Oldest first, from `#from` on. */
  #all: Entry[] = [];
  #from = 0;
  #bytes = 0;
  /** Entries of `#all` that nobody wants any more, and that would keep their bytes alive. */
  #gone = 0;

  /** @param ports as in `FrameView`: packets on other ports are not kept */
  constructor(ports: Uint8Array, limitBytes: number) {
    this.#view = new FrameView(ports);
    this.#limitBytes = limitBytes;
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const view = this.#view;
    const kind = decodeFrame(bytes, start, end, meta.linkType, meta.originalLength, view);
    if (kind !== TCP && kind !== ICMP_ERROR) return;
    const entry: Entry = {
      bytes: Buffer.from(bytes.subarray(start, end)),
      meta: { ...meta },
      isQuote: kind === ICMP_ERROR,
      gone: false,
    };
    const key = kind === TCP ? keyOfSegment(view) : keyOfQuoted(view);
    const entries = this.#byConnection.get(key);
    if (entries === undefined) this.#byConnection.set(key, [entry]);
    else entries.push(entry);
    this.#all.push(entry);
    this.#bytes += entry.bytes.length + ENTRY_BYTES;
    while (this.#bytes > this.#limitBytes && this.#from < this.#all.length) this.#dropOldest();
  }

  /** The packets of a connection that has ended, as far as they are still there. They are no longer held. */
  take(connection: WantedConnection): KeptPacket[] {
    const { frames } = connection;
    const key = keyOfConnection(connection);
    const entries = this.#byConnection.get(key) ?? [];
    // Of an earlier connection between the same ends nothing is asked for any more; later packets are the next one's.
    const later = entries.findIndex(({ meta, isQuote }) => meta.frame > frames.last && !isQuote);
    const end = later < 0 ? entries.length : later;
    const taken = entries.slice(0, end).filter(({ meta, gone }) => !gone && meta.frame >= frames.first);
    for (const entry of entries.slice(0, end)) this.#forget(entry);
    if (later < 0) this.#byConnection.delete(key);
    else this.#byConnection.set(key, entries.slice(end));
    if (this.#gone > 1024 && this.#gone * 2 > this.#all.length) this.#compact();
    return taken;
  }

  #dropOldest(): void {
    const entry = this.#all[this.#from++] as Entry;
    if (entry.gone) return;
    this.lost++;
    this.#forget(entry);
    if (this.#gone > 1024 && this.#gone * 2 > this.#all.length) {
      this.#compact();
      this.#sweep();
    }
  }

  #compact(): void {
    this.#all = this.#all.filter(({ gone }) => !gone);
    this.#from = 0;
    this.#gone = 0;
  }

  #forget(entry: Entry): void {
    if (entry.gone) return;
    entry.gone = true;
    this.#gone++;
    this.#bytes -= entry.bytes.length + ENTRY_BYTES;
  }

  #sweep(): void {
    for (const [key, entries] of this.#byConnection) {
      const kept = entries.filter(({ gone }) => !gone);
      if (kept.length === 0) this.#byConnection.delete(key);
      else if (kept.length < entries.length) this.#byConnection.set(key, kept);
    }
  }
}
