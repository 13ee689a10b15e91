/** Syntax, lines and order: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';

export const SYNTAX_RULES: readonly AnyRule[] = [];
