/**
 * How large V8's young generation becomes. What a session leaves behind is garbage soon: let grow as V8 would, the young
 * generation costs a third more memory and spares nothing; kept as small as it begins, a sixth of the CPU goes into
 * copying what lives on (docs/performance.md). No flag sets its size once V8 runs, but one sets the factor of its growth:
 * it is let grow to a part of all that is in use.
 */
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';

/** It has two halves, and begins with one MiB each. */
const YOUNG_BYTES = 2 * 2 * 2 ** 20;
/** What it may grow to where so much is in use that it makes no difference: tens of thousands of open sessions. */
const YOUNG_BYTES_OF_MANY = 2 * 8 * 2 ** 20;
const MANY_BYTES = 96 * 2 ** 20;
/** To look costs some fifteen microseconds. */
const CALLS_A_LOOK = 4;

const GROW = '--semi-space-growth-factor=2';
const STAY = '--semi-space-growth-factor=1';

/** To be set before anything is allocated that lasts. */
export const YOUNG_FLAGS: readonly string[] = [
  GROW,
  // A few helpers for so little wait for each other longer than they work.
  '--no-parallel-scavenge',
];

let calls = 0;
let flag = GROW;

/** Lets it grow, or not. To be called all the time: with every chunk that is read. */
export function holdYoungGeneration(): void {
  if (calls++ % CALLS_A_LOOK !== 0) return;
  const wanted = getHeapStatistics().used_heap_size > MANY_BYTES ? YOUNG_BYTES_OF_MANY : YOUNG_BYTES;
  // It never shrinks here, so that the smaller size is looked for once.
  if (flag === STAY && wanted === YOUNG_BYTES) return;
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  const next = young === undefined || young.space_size >= wanted ? STAY : GROW;
  if (next !== flag) setFlagsFromString(next);
  flag = next;
}
