/**
 * How deep one packet's headers may lie inside each other.
 *
 * Real ones have three or four: a VLAN tag and PPPoE at home, MPLS below VXLAN in a data centre, GTP in GRE at a mobile
 * operator. Without a bound, a packet of nested headers alone would be a way to the end of the call stack.
 */

import type { FrameView } from './frame-view.ts';

export interface WireLimits {
  /** Headers of one packet that may lie in each other. */
  readonly nesting: number;
}

export const WIRE_LIMITS: WireLimits = { nesting: 8 };

/** Counts one more header in; false, and nothing is counted in, when there are too many. */
export function enter(view: FrameView): boolean {
  if (view.depth === view.maxDepth) {
    view.tooDeep++;
    return false;
  }
  view.depth++;
  return true;
}

/** To be called after every `enter` that was true. */
export function leave(view: FrameView): void {
  view.depth--;
}
