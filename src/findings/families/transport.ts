/** The message on its way, and TCP: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';

export const TRANSPORT_RULES: readonly AnyRule[] = [];
