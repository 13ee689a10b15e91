/**
 * What single packets of the sessions show of the place where the capture was made: segments larger than any wire
 * carries, checksums that the network card fills in later, packets that stand twice. Counted a capture.
 */
import type { HalfFacts } from '../../reassembly/transport-facts.ts';
import type { Session } from '../../smtp/session.ts';
import { MOST_SESSIONS } from './collector.ts';

/** Counters of one direction that the assembler keeps; 0 where they are absent. */
export interface OddHalf {
  /** Segments with more payload than the maximum segment size that their receiver announced. */
  readonly oversized?: number;
  /** Packets whose TCP checksum is wrong, though all of them was captured. */
  readonly badChecksums?: number;
  /** Packets that are the one before them again: same IP ID, sequence number and length, within 1 ms. */
  readonly duplicates?: number;
}

export interface Oddities {
  oversized: number;
  badChecksums: number;
  duplicates: number;
  /** Packets of the sessions with duplicates, those included. */
  packets: number;
  readonly offloaded: number[];
  readonly doubled: number[];
}

export class PacketOddities {
  readonly #captures: (Oddities | undefined)[] = [];

  see(session: Session): void {
    const client: HalfFacts & OddHalf = session.transport.client;
    const server: HalfFacts & OddHalf = session.transport.server;
    const oversized = (client.oversized ?? 0) + (server.oversized ?? 0);
    const duplicates = (client.duplicates ?? 0) + (server.duplicates ?? 0);
    const fromClient = client.badChecksums ?? 0;
    const fromServer = server.badChecksums ?? 0;
    if (oversized + duplicates + fromClient + fromServer === 0) return;
    const oddities = this.#of(session.capture);
    // Bad ones from both sides are damage, or a tool that rewrote addresses.
    const badChecksums = fromClient > 0 && fromServer > 0 ? 0 : fromClient + fromServer;
    oddities.oversized += oversized;
    oddities.badChecksums += badChecksums;
    if (oversized + badChecksums > 0) push(oddities.offloaded, session.id);
    if (duplicates === 0) return;
    oddities.duplicates += duplicates;
    oddities.packets += session.frames.count;
    push(oddities.doubled, session.id);
  }

  /** Null when nothing odd was seen in it. */
  ofCapture(index: number): Oddities | null {
    return this.#captures[index] ?? null;
  }

  #of(capture: number): Oddities {
    let oddities = this.#captures[capture];
    if (oddities === undefined) {
      oddities = { oversized: 0, badChecksums: 0, duplicates: 0, packets: 0, offloaded: [], doubled: [] };
      this.#captures[capture] = oddities;
    }
    return oddities;
  }
}

function push(ids: number[], id: number): void {
  if (ids.length < MOST_SESSIONS) ids.push(id);
}
