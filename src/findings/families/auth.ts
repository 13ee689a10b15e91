/** AUTH: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import auth432 from '../rules/auth-432.ts';
import auth454 from '../rules/auth-454.ts';
import auth501 from '../rules/auth-501.ts';
import auth503 from '../rules/auth-503.ts';
import auth504 from '../rules/auth-504.ts';
import auth530 from '../rules/auth-530.ts';
import auth534 from '../rules/auth-534.ts';
import auth535 from '../rules/auth-535.ts';
import auth538 from '../rules/auth-538.ts';
import authBruteforce from '../rules/auth-bruteforce.ts';
import authMechDowngradeChoice from '../rules/auth-mech-downgrade-choice.ts';
import authNotOfferedButSent from '../rules/auth-not-offered-but-sent.ts';
import authSuccessThenFailure from '../rules/auth-success-then-failure.ts';
import authTooManyErrors from '../rules/auth-too-many-errors.ts';
import credentialsInClear from '../rules/credentials-in-clear.ts';

export const AUTH_RULES: readonly AnyRule[] = [
  auth535,
  auth534,
  auth538,
  auth530,
  auth454,
  auth504,
  auth501,
  auth432,
  auth503,
  authTooManyErrors,
  authNotOfferedButSent,
  authMechDowngradeChoice,
  credentialsInClear,
  authBruteforce,
  authSuccessThenFailure,
];
