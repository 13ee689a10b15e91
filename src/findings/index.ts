/** Every rule there is: those of one session in the order in which they run, then those that span sessions. */
import { CROSS_RULES } from './across/rules.ts';
import type { AnyCrossRule, AnyRule } from './rule.ts';
import auth530 from './rules/auth-530.ts';
import auth535 from './rules/auth-535.ts';
import connectIcmpUnreachable from './rules/connect-icmp-unreachable.ts';
import credentialsInClear from './rules/credentials-in-clear.ts';
import deferredOther from './rules/deferred-other.ts';
import dropBeforeGreeting from './rules/drop-before-greeting.ts';
import ehloQuitAuthOffered from './rules/ehlo-quit-auth-offered.ts';
import ehloQuitNoAuth from './rules/ehlo-quit-no-auth.ts';
import gap from './rules/gap.ts';
import greeting4xx from './rules/greeting-4xx.ts';
import greeting5xx from './rules/greeting-5xx.ts';
import greetingTimeout from './rules/greeting-timeout.ts';
import heloName from './rules/helo-name.ts';
import midStream from './rules/mid-stream.ts';
import oneSideMissing from './rules/one-side-missing.ts';
import overlapConflict from './rules/overlap-conflict.ts';
import port25RstToSyn from './rules/port25-rst-to-syn.ts';
import port25SynUnanswered from './rules/port25-syn-unanswered.ts';
import rejectedOther from './rules/rejected-other.ts';
import relayDenied from './rules/relay-denied.ts';
import snaplenTruncated from './rules/snaplen-truncated.ts';
import starttlsOfferedUnused from './rules/starttls-offered-unused.ts';

export const SESSION_RULES: readonly AnyRule[] = [
  port25SynUnanswered,
  port25RstToSyn,
  connectIcmpUnreachable,
  dropBeforeGreeting,
  greetingTimeout,
  greeting4xx,
  greeting5xx,
  ehloQuitAuthOffered,
  ehloQuitNoAuth,
  heloName,
  auth535,
  auth530,
  credentialsInClear,
  starttlsOfferedUnused,
  relayDenied,
  rejectedOther,
  deferredOther,
  midStream,
  oneSideMissing,
  gap,
  snaplenTruncated,
  overlapConflict,
];

export const ALL_RULES: readonly (AnyRule | AnyCrossRule)[] = [...SESSION_RULES, ...CROSS_RULES];

const BY_ID: ReadonlyMap<string, AnyRule | AnyCrossRule> = new Map(ALL_RULES.map((rule) => [rule.id, rule]));

export function findRule(id: string): AnyRule | AnyCrossRule | undefined {
  return BY_ID.get(id);
}
