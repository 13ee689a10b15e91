/** EHLO and what it offers: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import ehloQuitAuthOffered from '../rules/ehlo-quit-auth-offered.ts';
import ehloQuitNoAuth from '../rules/ehlo-quit-no-auth.ts';
import heloName from '../rules/helo-name.ts';

export const EHLO_RULES: readonly AnyRule[] = [ehloQuitAuthOffered, ehloQuitNoAuth, heloName];
