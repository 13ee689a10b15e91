/** AUTH: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import auth530 from '../rules/auth-530.ts';
import auth535 from '../rules/auth-535.ts';
import credentialsInClear from '../rules/credentials-in-clear.ts';

export const AUTH_RULES: readonly AnyRule[] = [auth535, auth530, credentialsInClear];
