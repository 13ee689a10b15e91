/**
 * Tells of each segment of a run which of some chosen connections it belongs to. A connection takes as many segments as
 * it was counted to have, from its first frame on: one that uses the same four ends later has its own.
 */
import type { FrameView } from '../../wire/frame-view.ts';
import { keyOfConnection, keyOfQuoted, keyOfSegment } from './connection-key.ts';
import type { WantedConnection } from './wanted-frames.ts';

interface Followed<T> {
  readonly wanted: T;
  taken: number;
}

export class ConnectionFollower<T extends WantedConnection> {
  /** Those of the same four ends in the order in which they began. */
  readonly #connections = new Map<string, Followed<T>[]>();
  #capture = -1;

  constructor(wanted: readonly T[]) {
    const ordered = [...wanted].sort((a, b) => a.capture - b.capture || a.frames.first - b.frames.first);
    for (const connection of ordered) {
      const key = keyOfConnection(connection);
      const followed = this.#connections.get(key);
      if (followed === undefined) this.#connections.set(key, [{ wanted: connection, taken: 0 }]);
      else followed.push({ wanted: connection, taken: 0 });
    }
  }

  /** The packets that follow are of the next capture. */
  beginCapture(): void {
    this.#capture++;
  }

  /** Whose the segment in the view is; null for none. `isWhole`: it counts as one of its packets. */
  of(view: FrameView, frame: number, isWhole = true): T | null {
    for (const followed of this.#connections.get(keyOfSegment(view)) ?? []) {
      if (!this.#hasBegun(followed, frame)) return null;
      if (followed.taken >= followed.wanted.frames.count) continue;
      if (isWhole) followed.taken++;
      return followed.wanted;
    }
    return null;
  }

  /** Which of them the ICMP error in the view is about; null for none. */
  quotedIn(view: FrameView, frame: number): T | null {
    const all = this.#connections.get(keyOfQuoted(view)) ?? [];
    return all.findLast((followed) => this.#hasBegun(followed, frame))?.wanted ?? null;
  }

  #hasBegun({ wanted }: Followed<T>, frame: number): boolean {
    return this.#capture > wanted.capture || (this.#capture === wanted.capture && frame >= wanted.frames.first);
  }
}
