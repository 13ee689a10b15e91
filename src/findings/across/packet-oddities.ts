/**
 * What the packets of the sessions show of the place where the capture was made: segments larger than any wire carries,
 * segments that stand twice. Counted a capture.
 */
import type { HalfFacts } from '../../reassembly/transport-facts.ts';
import type { Session } from '../../smtp/session.ts';
import { MOST_SESSIONS } from './collector.ts';

export interface Oddities {
  /** The largest segment that is above the maximum segment size which its receiver announced; 0 for none. */
  largest: number;
  /** What that receiver announced. */
  mss: number;
  duplicates: number;
  /** Segments with payload of the sessions with duplicates, each counted once. */
  segments: number;
  /** Sessions with large segments, and with duplicates; all are counted, the first ones named. */
  offloads: number;
  readonly offloaded: number[];
  readonly doubled: number[];
}

export class PacketOddities {
  readonly #captures: (Oddities | undefined)[] = [];

  see(session: Session): void {
    const { transport } = session;
    const { client, server } = transport;
    const isLarge = isAbove(client, transport.serverMss) || isAbove(server, transport.clientMss);
    const duplicates = client.duplicates + server.duplicates;
    if (!isLarge && duplicates === 0) return;
    const oddities = this.#of(session.capture);
    if (isLarge) {
      note(oddities, client.largestSegment, transport.serverMss);
      note(oddities, server.largestSegment, transport.clientMss);
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
