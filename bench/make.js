/**
 * Makes one corpus: `node bench/make.js <kind> <path> <bytes> <seed>`. A process of its own, so that what measures
 * afterwards is small.
 */

import { CORPUS_KINDS, writeCorpus } from './corpora.js';

const [kind, path, bytes, seed] = process.argv.slice(2);
const known = CORPUS_KINDS.find((candidate) => candidate === kind);
if (!known || !path || !(Number(bytes) > 0)) {
  console.error(`usage: node bench/make.js <${CORPUS_KINDS.join('|')}> <path> <bytes> [seed]`);
  process.exitCode = 2;
} else {
  const {
    packets,
    bytes: written,
    totals,
  } = writeCorpus(known, path, { bytes: Number(bytes), seed: Number(seed ?? 1) });
  console.log(
    `${known}: ${written} bytes, ${packets} packets, ${totals.sessions} sessions, ${totals.messages} messages`,
  );
}
