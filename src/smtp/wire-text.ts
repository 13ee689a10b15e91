/** Text from the wire: UTF-8 where its bytes are valid UTF-8, else each byte as Latin-1. */
import { isUtf8 } from 'node:buffer';
import { latin1, utf8 } from '../bytes/text.ts';

/** Decodes `bytes[start, end)`. Control bytes are kept: making them harmless is the output's work. */
export function decodeWireText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) > 127) {
      return isUtf8(bytes.subarray(start, end)) ? utf8(bytes, start, end) : latin1(bytes, start, end);
    }
  }
  return latin1(bytes, start, end);
}
