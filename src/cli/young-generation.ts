/**
 * How large V8's young generation becomes. What a session leaves behind is garbage soon: let grow as V8 would, the young
 * generation costs a third more memory and spares nothing; kept as small as it begins, a sixth of the CPU goes into
 * copying what lives on (docs/performance.md). No flag sets its size once V8 runs, but one sets the factor of its growth:
 * it is let grow once.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** It has two halves, and begins with one MiB each. */
const YOUNG_BYTES = 2 * 2 * 2 ** 20;
/** To look costs some fifteen microseconds. */
const CALLS_A_LOOK = 4;

/** To be set before anything is allocated that lasts. */
export const YOUNG_FLAGS: readonly string[] = [
  '--semi-space-growth-factor=2',
  // A few helpers for so little wait for each other longer than they work.
  '--no-parallel-scavenge',
];

let calls = 0;
let isHeld = false;

/** Has it grown? Then it grows no more. To be called all the time: with every chunk that is read. */
export function holdYoungGeneration(): void {
  if (isHeld || calls++ % CALLS_A_LOOK !== 0) return;
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (young !== undefined && young.space_size < YOUNG_BYTES) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  isHeld = true;
}
