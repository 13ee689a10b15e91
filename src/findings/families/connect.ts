/** Connecting and the greeting: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import bannerHostname from '../rules/banner-hostname.ts';
import bannerMasked from '../rules/banner-masked.ts';
import connectIcmpUnreachable from '../rules/connect-icmp-unreachable.ts';
import dropBeforeGreeting from '../rules/drop-before-greeting.ts';
import earlyTalker from '../rules/early-talker.ts';
import greeting4xx from '../rules/greeting-4xx.ts';
import greeting5xx from '../rules/greeting-5xx.ts';
import greetingTimeout from '../rules/greeting-timeout.ts';
import multiLineGreetingProblem from '../rules/multi-line-greeting-problem.ts';
import port25RstToSyn from '../rules/port25-rst-to-syn.ts';
import port25SynUnanswered from '../rules/port25-syn-unanswered.ts';
import probeSession from '../rules/probe-session.ts';
import slowGreeting from '../rules/slow-greeting.ts';
import synackRetransmit from '../rules/synack-retransmit.ts';
import wrongService from '../rules/wrong-service.ts';

export const CONNECT_RULES: readonly AnyRule[] = [
  port25SynUnanswered,
  port25RstToSyn,
  connectIcmpUnreachable,
  dropBeforeGreeting,
  greetingTimeout,
  synackRetransmit,
  earlyTalker,
  greeting4xx,
  greeting5xx,
  probeSession,
  slowGreeting,
  bannerMasked,
  multiLineGreetingProblem,
  wrongService,
  bannerHostname,
];
