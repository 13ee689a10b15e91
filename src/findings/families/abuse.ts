/** Wrong protocols and abuse: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';

export const ABUSE_RULES: readonly AnyRule[] = [];
