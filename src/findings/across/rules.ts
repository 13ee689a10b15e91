/**
 * The rules that span sessions or are about a capture. Those that one session can prove too (`starttls-stripped`, …) stand
 * in the lists of rules of one session, and here only what they say of several.
 */
import type { AnyCrossRule } from '../rule.ts';
import { deferredGiveup } from './4xx-giveup.ts';
import { rejectedRetry } from './5xx-retry.ts';
import { backscatter } from './backscatter.ts';
import { clockJump } from './clock-jump.ts';
import { drops } from './drops.ts';
import { duplicateDelivery } from './duplicate-delivery-seen.ts';
import { duplicatePackets } from './duplicate-packets.ts';
import { fileCutShort } from './file-cut-short.ts';
import { linkedFailures } from './linked-failures.ts';
import { linktype } from './linktype.ts';
import { offload } from './offload.ts';
import { port25Blocked } from './port25-blocked-587-works.ts';
import { rcptHarvest } from './rcpt-harvest.ts';
import { retrySeries } from './retry-series.ts';
import { sameMailSeveralHosts } from './same-mail-several-hosts.ts';
import { spamBotPattern } from './spam-bot-pattern.ts';
import { staleCredentialDevice } from './stale-credential-device.ts';
import { tsUserland } from './ts-userland.ts';

export const CROSS_RULES: readonly AnyCrossRule[] = [
  linkedFailures,
  retrySeries,
  port25Blocked,
  staleCredentialDevice,
  rejectedRetry,
  deferredGiveup,
  duplicateDelivery,
  sameMailSeveralHosts,
  rcptHarvest,
  backscatter,
  spamBotPattern,
  offload,
  duplicatePackets,
  clockJump,
  drops,
  linktype,
  fileCutShort,
  tsUserland,
];
