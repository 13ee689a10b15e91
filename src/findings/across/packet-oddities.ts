/**
 * What the packets of the sessions show of the place where the capture was made: segments larger than any wire carries,
 * checksums that the network card fills in later, segments that stand twice. Counted a capture.
 */
import type { HalfFacts } from '../../reassembly/transport-facts.ts';
import type { Session } from '../../smtp/session.ts';
import { MOST_SESSIONS } from './collector.ts';

/** A direction whose TCP checksums were looked at. */
export interface CheckedHalf {
  /** Packets whose TCP checksum is wrong, though all of them was captured; absent where nobody looked. */
  readonly badChecksums?: number;
}

export interface Oddities {
  /** The largest segment that is above the maximum segment size which its receiver announced; 0 for none. */
  largest: number;
  /** What that receiver announced. */
  mss: number;
  badChecksums: number;
  duplicates: number;
  /** Segments with payload of the sessions with duplicates, each counted once. */
  segments: number;
  /** Sessions with large segments or bad checksums, and with duplicates; all are counted, the first ones named. */
  offloads: number;
  readonly offloaded: number[];
  readonly doubled: number[];
}

export class PacketOddities {
  readonly #captures: (Oddities | undefined)[] = [];

  see(session: Session): void {
    const { transport } = session;
    const client: HalfFacts & CheckedHalf = transport.client;
    const server: HalfFacts & CheckedHalf = transport.server;
    const isLarge = isAbove(client, transport.serverMss) || isAbove(server, transport.clientMss);
    const duplicates = client.duplicates + server.duplicates;
    const fromClient = client.badChecksums ?? 0;
    const fromServer = server.badChecksums ?? 0;
    if (!isLarge && duplicates + fromClient + fromServer === 0) return;
    const oddities = this.#of(session.capture);
    if (isLarge) {
      note(oddities, client.largestSegment, transport.serverMss);
      note(oddities, server.largestSegment, transport.clientMss);
    }
    // Bad ones from both sides are damage, or a tool that rewrote addresses.
    const badChecksums = fromClient > 0 && fromServer > 0 ? 0 : fromClient + fromServer;
    oddities.badChecksums += badChecksums;
    if (isLarge || badChecksums > 0) {
      oddities.offloads++;
      push(oddities.offloaded, session.id);
    }
    if (duplicates === 0) return;
    oddities.duplicates += duplicates;
    oddities.segments += client.dataSegments + server.dataSegments;
    push(oddities.doubled, session.id);
  }

  /** Null when nothing odd was seen in it. */
  ofCapture(index: number): Oddities | null {
    return this.#captures[index] ?? null;
  }

  #of(capture: number): Oddities {
    let oddities = this.#captures[capture];
    if (oddities === undefined) {
      oddities = {
        largest: 0,
        mss: 0,
        badChecksums: 0,
        duplicates: 0,
        segments: 0,
        offloads: 0,
        offloaded: [],
        doubled: [],
      };
      this.#captures[capture] = oddities;
    }
    return oddities;
  }
}

/** `mss` as the other side announced it in its SYN; -1 when that was not seen. */
function isAbove({ largestSegment }: HalfFacts, mss: number): boolean {
  return mss > 0 && largestSegment > mss;
}

function note(oddities: Oddities, largest: number, mss: number): void {
  if (mss <= 0 || largest <= mss || largest <= oddities.largest) return;
  oddities.largest = largest;
  oddities.mss = mss;
}

function push(ids: number[], id: number): void {
  if (ids.length < MOST_SESSIONS) ids.push(id);
}
