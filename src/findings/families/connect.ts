/** Connecting and the greeting: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import connectIcmpUnreachable from '../rules/connect-icmp-unreachable.ts';
import dropBeforeGreeting from '../rules/drop-before-greeting.ts';
import greeting4xx from '../rules/greeting-4xx.ts';
import greeting5xx from '../rules/greeting-5xx.ts';
import greetingTimeout from '../rules/greeting-timeout.ts';
import port25RstToSyn from '../rules/port25-rst-to-syn.ts';
import port25SynUnanswered from '../rules/port25-syn-unanswered.ts';

export const CONNECT_RULES: readonly AnyRule[] = [
  port25SynUnanswered,
  port25RstToSyn,
  connectIcmpUnreachable,
  dropBeforeGreeting,
  greetingTimeout,
  greeting4xx,
  greeting5xx,
];
