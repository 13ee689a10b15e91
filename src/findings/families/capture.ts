/** The capture itself: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import gap from '../rules/gap.ts';
import midStream from '../rules/mid-stream.ts';
import oneSideMissing from '../rules/one-side-missing.ts';
import overlapConflict from '../rules/overlap-conflict.ts';
import snaplenTruncated from '../rules/snaplen-truncated.ts';

export const CAPTURE_RULES: readonly AnyRule[] = [midStream, oneSideMissing, gap, snaplenTruncated, overlapConflict];
