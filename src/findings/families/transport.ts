/** The message on its way, and TCP: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import clientVanishes from '../rules/client-vanishes.ts';
import dataStall from '../rules/data-stall.ts';
import eodNeverSent from '../rules/eod-never-sent.ts';
import lostConnectionInData from '../rules/lost-connection-in-data.ts';
import noReplyAfterDot from '../rules/no-reply-after-dot.ts';
import pmtuBlackhole from '../rules/pmtu-blackhole.ts';
import retransmissionStorm from '../rules/retransmission-storm.ts';
import rstInjected from '../rules/rst-injected.ts';
import serverClosesFirst from '../rules/server-closes-first.ts';
import slowClient from '../rules/slow-client.ts';
import slowServer from '../rules/slow-server.ts';
import zeroWindowStall from '../rules/zero-window-stall.ts';

export const TRANSPORT_RULES: readonly AnyRule[] = [
  noReplyAfterDot,
  dataStall,
  lostConnectionInData,
  eodNeverSent,
  pmtuBlackhole,
  zeroWindowStall,
  retransmissionStorm,
  rstInjected,
  serverClosesFirst,
  clientVanishes,
  slowServer,
  slowClient,
];
