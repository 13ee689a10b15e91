/** Replies to the envelope and the message: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import midSession421 from '../rules/421-mid-session.ts';
import bounceNullSenderRejected from '../rules/bounce-null-sender-rejected.ts';
import codeClassMismatch from '../rules/code-class-mismatch.ts';
import contentRejected from '../rules/content-rejected.ts';
import deferredOther from '../rules/deferred-other.ts';
import dkim from '../rules/dkim.ts';
import dmarc from '../rules/dmarc.ts';
import dnsbl from '../rules/dnsbl.ts';
import enhancedAsCode from '../rules/enhanced-as-code.ts';
import greylisting from '../rules/greylisting.ts';
import mailboxFull from '../rules/mailbox-full.ts';
import nullMx from '../rules/null-mx.ts';
import rateLimit from '../rules/rate-limit.ts';
import rdns from '../rules/rdns.ts';
import rejectedOther from '../rules/rejected-other.ts';
import relayDenied from '../rules/relay-denied.ts';
import senderDomain from '../rules/sender-domain.ts';
import senderRejected from '../rules/sender-rejected.ts';
import sizeDeclaredTooBig from '../rules/size-declared-too-big.ts';
import sizeMidData from '../rules/size-mid-data.ts';
import smtputf8Missing from '../rules/smtputf8-missing.ts';
import spf from '../rules/spf.ts';
import tempLocalError from '../rules/temp-local-error.ts';
import tooManyRcpts from '../rules/too-many-rcpts.ts';
import userUnknown from '../rules/user-unknown.ts';

export const REPLIES_RULES: readonly AnyRule[] = [
  relayDenied,
  userUnknown,
  nullMx,
  senderDomain,
  dnsbl,
  spf,
  dkim,
  dmarc,
  rdns,
  greylisting,
  rateLimit,
  midSession421,
  mailboxFull,
  sizeDeclaredTooBig,
  sizeMidData,
  tooManyRcpts,
  senderRejected,
  contentRejected,
  tempLocalError,
  bounceNullSenderRejected,
  smtputf8Missing,
  enhancedAsCode,
  codeClassMismatch,
  rejectedOther,
  deferredOther,
];
