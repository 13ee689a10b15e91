/** A turn whose end has not come yet: where it began, and its bytes so far. One a direction, reused. */
import { type ByteChains, Chain } from '../bytes/byte-chains.ts';
import type { SegmentInfo } from '../reassembly/stream-listener.ts';
import { Opening } from './journal.ts';

export class OpenTurn extends Opening {
  readonly text = new Chain();
  /** It has begun. */
  isOpen = false;
  /** Bytes on the wire so far. */
  bytes = 0;
  endTimeUs = Number.NaN;
  endTimeNanos = 0;
  cut = false;

  override begin(number: number, offset: number, segment: SegmentInfo): void {
    super.begin(number, offset, segment);
    this.isOpen = true;
    this.bytes = 0;
    this.cut = false;
    this.endTimeUs = segment.timeUs;
    this.endTimeNanos = segment.timeNanos;
  }

  /** Counts `bytes[start, end)` and keeps them as far as `limit` allows. */
  add(chains: ByteChains, bytes: Buffer, start: number, end: number, limit: number, segment: SegmentInfo): void {
    this.bytes += end - start;
    this.endTimeUs = segment.timeUs;
    this.endTimeNanos = segment.timeNanos;
    const room = limit - this.text.length;
    if (end - start > room) {
      this.cut = true;
      if (room > 0) chains.append(this.text, bytes, start, start + room);
    } else chains.append(this.text, bytes, start, end);
  }

  close(chains: ByteChains): void {
    this.isOpen = false;
    chains.release(this.text);
  }
}
