/**
 * A capture that is still being made, by another program or by `live`: somebody waits for each session. A capture that
 * was made before is read whole, and waits longer for stragglers.
 */

/** A running capture brings stragglers sooner than one that is merged: a closed session is told after this. */
export const RUNNING_LINGER_US = 500_000;
/** A stream runs where its first packet is no older, as two machines' clocks go. */
const FRESH_US = 10_000_000;

/** Whether a stream whose first packet is of `timeUs` is made now. */
export function isRunning(timeUs: number, nowMs: number): boolean {
  return Math.abs(nowMs * 1000 - timeUs) <= FRESH_US;
}
