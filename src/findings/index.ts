/** Every rule there is: those of one session in the order in which they run, then those that span sessions. */
import { CROSS_RULES } from './across/rules.ts';
import { ABUSE_RULES } from './families/abuse.ts';
import { AUTH_RULES } from './families/auth.ts';
import { CAPTURE_RULES } from './families/capture.ts';
import { CONNECT_RULES } from './families/connect.ts';
import { EHLO_RULES } from './families/ehlo.ts';
import { REPLIES_RULES } from './families/replies.ts';
import { SYNTAX_RULES } from './families/syntax.ts';
import { TLS_RULES } from './families/tls.ts';
import { TRANSPORT_RULES } from './families/transport.ts';
import type { AnyCrossRule, AnyRule } from './rule.ts';

export const SESSION_RULES: readonly AnyRule[] = [
  ...CONNECT_RULES,
  ...EHLO_RULES,
  ...AUTH_RULES,
  ...TLS_RULES,
  ...REPLIES_RULES,
  ...TRANSPORT_RULES,
  ...SYNTAX_RULES,
  ...ABUSE_RULES,
  ...CAPTURE_RULES,
];

export const ALL_RULES: readonly (AnyRule | AnyCrossRule)[] = [...SESSION_RULES, ...CROSS_RULES];

const BY_ID: ReadonlyMap<string, AnyRule | AnyCrossRule> = new Map(ALL_RULES.map((rule) => [rule.id, rule]));

export function findRule(id: string): AnyRule | AnyCrossRule | undefined {
  return BY_ID.get(id);
}
