/**
 * How large V8's young generation becomes. What a session leaves behind is garbage soon: let grow as V8 would, the young
 * generation costs a third more memory and spares nothing; kept as small as it begins, a sixth of the CPU goes into
 * copying what lives on (docs/performance.md). No flag sets its size once V8 runs, but one sets the factor of its growth:
 * it is let grow once, and once more where tens of thousands of open sessions make the whole heap large.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** What each of its halves, which begin with one MiB, is let grow to; between two looks it may grow by a step more. */
const HALF_BYTES = 2 * 2 ** 20;
const HALF_BYTES_OF_LARGE = 4 * 2 ** 20;
/** Beyond this a few MiB more are little, and every collection looks at all pages of the old generation. */
const LARGE_BYTES = 64 * 2 ** 20;
/** To look costs some fifteen microseconds. */
const CALLS_A_LOOK = 4;

/** To be set before anything is allocated that lasts. */
export const YOUNG_FLAGS: readonly string[] = [
  '--semi-space-growth-factor=2',
  // A few helpers for so little wait for each other longer than they work.
  '--no-parallel-scavenge',
];

let calls = 0;
let wanted = HALF_BYTES;
let isHeld = false;

/** Has it grown? Then it grows no more. To be called all the time: with every chunk that is read. */
export function holdYoungGeneration(): void {
  const isDone = isHeld && wanted === HALF_BYTES_OF_LARGE;
  if (isDone || (isHeld && calls++ % CALLS_A_LOOK !== 0)) return;
  let young = 0;
  let old = 0;
  for (const { space_name, space_size, space_used_size } of getHeapSpaceStatistics()) {
    if (space_name === 'new_space') young = space_size;
    else if (space_name === 'old_space') old = space_used_size;
  }
  if (isHeld && old > LARGE_BYTES) {
    wanted = HALF_BYTES_OF_LARGE;
    isHeld = false;
    setFlagsFromString('--semi-space-growth-factor=2');
    // What is open then is nearly all that there is: to look for garbage in it so often finds little.
    setFlagsFromString('--heap-growing-percent=100');
  } else if (!isHeld && young >= 2 * wanted) {
    setFlagsFromString('--semi-space-growth-factor=1');
    isHeld = true;
  }
}
