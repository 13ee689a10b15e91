/** What `rejected-other` and `deferred-other` have in common: refusals that no other rule speaks for. */
import type { Session } from '../smtp/session.ts';
import { isOfEnvelope, type Refusal, refusalsAs } from './refusals.ts';
import { byEffect, evidenceOf, type Refused, refusedOf, worstOf } from './refused.ts';
import { type Detection, NOTHING } from './rule.ts';
import { syntaxRefusals } from './syntax-refusals.ts';
import { openTransfer, type TransferVerdict } from './transfer.ts';

/** Kinds of refusal that are told apart in one session. */
const MOST_FINDINGS = 5;

const GIVEN_UP: ReadonlySet<TransferVerdict | null> = new Set(['no-end', 'stall']);

/** One finding for each verb and code, with the first one's words. */
export function otherRefusals(session: Session, digit: 4 | 5): readonly Detection<Refused>[] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusalsAs(session, 'other')) {
    const { reply, verb, request } = refusal;
    // Of a message whose end never came it says that the server gave up: eod-never-sent and data-stall tell why.
    if (verb === 'message' && !request.complete && GIVEN_UP.has(openTransfer(session)?.verdict ?? null)) continue;
    if (!isOfEnvelope(refusal) || Math.floor(reply.code / 100) !== digit || syntaxRefusals(session).has(reply))
      continue;
    const key = `${verb} ${reply.code} ${reply.enhancedCode ?? ''}`;
    const group = groups.get(key);
    if (group !== undefined) group.push(refusal);
    else if (groups.size < MOST_FINDINGS) groups.set(key, [refusal]);
  }
  if (groups.size === 0) return NOTHING;
  return [...groups.values()].map((group) => {
    const worst = worstOf(group);
    return {
      evidence: evidenceOf(group),
      data: refusedOf(session, worst, group.length),
      severity: byEffect(worst),
    };
  });
}
