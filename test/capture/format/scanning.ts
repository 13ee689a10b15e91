import { createScanner } from '../../../src/capture/format/scan.ts';
import type { CaptureFacts } from '../../../src/capture/packet-sink.ts';
import { CaptureError } from '../../../src/capture/packet-sink.ts';
import type { SeenPacket } from '../../support/pcap-bytes.ts';
import { collectingSink } from '../../support/pcap-bytes.ts';

/** What became of a capture: packets and facts, and the error that ended it, if one did. */
export interface Scan {
  seen: SeenPacket[];
  facts: CaptureFacts;
  error: { code: string; offset: number; message: string } | null;
}

/**
 * Scans `bytes` in chunks of the given sizes (the last one repeats). Each chunk lies in the middle of a buffer that is
 * overwritten after the call: what the scanner may not keep, it does not find again.
 */
export function scan(bytes: Buffer, ...sizes: number[]): Scan {
  const sink = collectingSink();
  const scanner = createScanner(sink);
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = Math.min(sizes[Math.min(turn, sizes.length - 1)] ?? bytes.length, bytes.length - at);
      const lent = Buffer.alloc(size + 7, 0xaa);
      bytes.copy(lent, 3, at, at + size);
      scanner.push(lent, 3, 3 + size);
      lent.fill(0xbb);
      at += size;
    }
    return { seen: sink.seen, facts: scanner.finish(), error: null };
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    const { code, offset, message } = error;
    return { seen: sink.seen, facts: scanner.facts, error: { code, offset, message } };
  }
}
