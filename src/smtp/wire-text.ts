/** Text from the wire: UTF-8 where its bytes are valid UTF-8, else each byte as Latin-1. */
import { isUtf8 } from 'node:buffer';

/** Decodes `bytes[start, end)`. Control bytes are kept: making them harmless is the output's work. */
export function decodeWireText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) > 127) {
      const part = bytes.subarray(start, end);
      return isUtf8(part) ? part.utf8Slice(0, part.length) : part.latin1Slice(0, part.length);
    }
  }
  return bytes.latin1Slice(start, end);
}
