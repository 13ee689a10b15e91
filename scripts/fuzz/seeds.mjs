// What inputs are made from: the captures of this repository and the faults that were found, taken apart into packets.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LARGEST_BYTES = 40_000;

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(root, folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= LARGEST_BYTES && !path.endsWith('.md'));
}

/** Whole files, as bytes. */
export const files = [...filesIn('captures'), ...filesIn('test/fuzz/fixtures')].map((path) => readFileSync(path));

/** Of the classic little-endian ones: link type and packets. */
export const captures = files
  .filter((bytes) => bytes.length > 24 && bytes.readUInt32LE(0) === 0xa1b2c3d4)
  .map((bytes) => {
    const packets = [];
    for (let at = 24; at + 16 <= bytes.length; ) {
      const length = bytes.readUInt32LE(at + 8);
      if (at + 16 + length > bytes.length) break;
      packets.push({
        timeUs: bytes.readUInt32LE(at) * 1e6 + bytes.readUInt32LE(at + 4),
        data: bytes.subarray(at + 16, at + 16 + length),
      });
      at += 16 + length;
    }
    return { linkType: bytes.readUInt32LE(20), packets };
  })
  .filter(({ packets }) => packets.length > 0);
