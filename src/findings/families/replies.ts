/** Replies to the envelope and the message: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import deferredOther from '../rules/deferred-other.ts';
import rejectedOther from '../rules/rejected-other.ts';
import relayDenied from '../rules/relay-denied.ts';

export const REPLIES_RULES: readonly AnyRule[] = [relayDenied, rejectedOther, deferredOther];
