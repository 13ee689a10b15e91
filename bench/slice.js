/** The beginning of a classic little-endian pcap, cut where a record ends. */

import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** @param {string} from @param {string} to @param {number} bytes at most this long */
export function sliceCapture(from, to, bytes) {
  const source = openSync(from, 'r');
  const buffer = Buffer.allocUnsafe(bytes);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes; length += read)
    read = readSync(source, buffer, length, bytes - length, null);
  closeSync(source);
  let end = 24;
  while (end + 16 <= length) {
    const next = end + 16 + buffer.readUInt32LE(end + 8);
    if (next > length) break;
    end = next;
  }
  const target = openSync(to, 'w');
  for (let written = 0; written < end; ) written += writeSync(target, buffer, written, end - written);
  closeSync(target);
}
