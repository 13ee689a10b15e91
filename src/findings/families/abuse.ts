/** Wrong protocols and abuse: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import exploitProbe from '../rules/exploit-probe.ts';
import httpOnSmtp from '../rules/http-on-smtp.ts';
import internalInfoLeak from '../rules/internal-info-leak.ts';
import lmtpVsSmtp from '../rules/lmtp-vs-smtp.ts';
import openRelayEvidence from '../rules/open-relay-evidence.ts';
import proxyProtocolMismatch from '../rules/proxy-protocol-mismatch.ts';
import turnEtrnAtrn from '../rules/turn-etrn-atrn.ts';
import vrfyExpnHarvest from '../rules/vrfy-expn-harvest.ts';
import xclientXforwardAbuse from '../rules/xclient-xforward-abuse.ts';

export const ABUSE_RULES: readonly AnyRule[] = [
  httpOnSmtp,
  proxyProtocolMismatch,
  vrfyExpnHarvest,
  lmtpVsSmtp,
  openRelayEvidence,
  exploitProbe,
  xclientXforwardAbuse,
  turnEtrnAtrn,
  internalInfoLeak,
];
