/** EHLO and what it offers: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import authEmptyOrOdd from '../rules/auth-empty-or-odd.ts';
import authEqualsSyntax from '../rules/auth-equals-syntax.ts';
import authOnlyAfterTls from '../rules/auth-only-after-tls.ts';
import ehloQuitAuthOffered from '../rules/ehlo-quit-auth-offered.ts';
import ehloQuitNoAuth from '../rules/ehlo-quit-no-auth.ts';
import ehloRejectedHeloFallback from '../rules/ehlo-rejected-helo-fallback.ts';
import heloMismatch from '../rules/helo-mismatch.ts';
import heloName from '../rules/helo-name.ts';
import noEhloAfterStarttls from '../rules/no-ehlo-after-starttls.ts';
import plaintextAuthOfferedInClear from '../rules/plaintext-auth-offered-in-clear.ts';

export const EHLO_RULES: readonly AnyRule[] = [
  ehloQuitAuthOffered,
  ehloQuitNoAuth,
  authOnlyAfterTls,
  noEhloAfterStarttls,
  authEqualsSyntax,
  authEmptyOrOdd,
  plaintextAuthOfferedInClear,
  ehloRejectedHeloFallback,
  heloName,
  heloMismatch,
];
