import type { CaptureFacts } from '../packet-sink.ts';
import { CaptureError } from '../packet-sink.ts';

/**
 * What the scanner asks of a format. A reader sees whole records only: it says how many bytes the next one needs, and
 * the scanner alone decides whether those lie in the chunk or have to be put together from several.
 */
export interface RecordReader {
  /**
   * Hands over every record that lies complete in `bytes[start, end)` and returns where it stopped. `base` is the byte
   * offset in the capture of `bytes[0]`. Throws `CaptureError`.
   */
  read(bytes: Buffer, start: number, end: number, base: number): number;
  /** After `read`: how many bytes from where it stopped make progress possible. Always checked against a limit. */
  needBytes: number;
  /** After `read`: how many bytes from where it stopped nobody needs to see. The scanner counts them down. */
  skipBytes: number;
  /** A block that is being passed over and has not been seen to its end yet. */
  readonly passing: { offset: number; sizeBytes: number } | null;
  /** What every capture of the format begins with, as words for the error that it ends there. */
  readonly headerName: string;
  /** What the bytes from where `read` stopped belong to: words for the warning that the capture is cut there. */
  pending(): string;
  /** The reader has a way of its own to the rest of the capture: `finish` may be called now. */
  readonly needsNoMore?: boolean;
  /** All of the capture has come: reads what could not be read before. Throws `CaptureError`. */
  finish?(): void;
}

/** The capture ends inside something: `have` bytes of it are there, of `want`. */
export function warnCut(facts: CaptureFacts, what: string, offset: number, have: number, want: number): void {
  facts.cutShort = true;
  facts.warnings.push(`The capture is cut short: ${what} at byte offset ${offset} has ${have} of ${want} bytes.`);
}

/** The capture ends inside its file header, or its first section header: there is nothing that could be analysed. */
export function cutInHeader(what: string, have: number, want: number): CaptureError {
  return new CaptureError(
    'empty',
    have,
    `The capture ends within ${what}, at byte offset ${have} of ${want}: there is not a single packet in it. ` +
      'Copy it again, or let the program that writes it come to its end.',
  );
}

/** A packet record whose captured length cannot be true. Both ways of reading classic pcap say it with these words. */
export function badCapturedLength(offset: number, frame: number, captured: number, limit: number): CaptureError {
  return new CaptureError(
    'bad-length',
    offset,
    `The record of frame ${frame} at byte offset ${offset} claims ${captured} captured bytes, but at most ${limit} are ` +
      'possible: the capture is damaged there and cannot be read further. Copy it again in binary mode, or write it anew.',
  );
}
