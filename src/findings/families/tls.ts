/** STARTTLS and TLS: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import starttlsOfferedUnused from '../rules/starttls-offered-unused.ts';

export const TLS_RULES: readonly AnyRule[] = [starttlsOfferedUnused];
