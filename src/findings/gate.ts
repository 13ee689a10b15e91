/**
 * The quality gate: what a rule may still say where bytes that it looked at, or past, were not captured. It stands
 * outside the rules, so that none can forget it.
 */
import type { Session } from '../smtp/session.ts';
import type { AnyRule, Evidence, Need, Needs } from './rule.ts';
import { count } from './words.ts';

export interface Verdict {
  readonly withhold: boolean;
  /** A reason for each step by which the finding is less sure. */
  readonly doubts: readonly string[];
}

const SURE: Verdict = { withhold: false, doubts: [] };

export function passGate(rule: AnyRule, session: Session, evidence: readonly Evidence[]): Verdict {
  const { needs } = rule;
  // Nearly every session: all was captured, and nothing need be counted.
  if (isWhole(session)) return SURE;
  const doubts: string[] = [];
  let withhold = false;
  const fail = (need: Need, reason: string | null) => {
    if (need === 'any' || reason === null) return;
    if (need === 'withhold') withhold = true;
    doubts.push(reason);
  };
  const until = lastTurn(evidence);
  fail(needs.client, whatIsMissing(session, 'client', until));
  fail(needs.server, whatIsMissing(session, 'server', until));
  fail(startNeed(needs), session.startCaptured ? null : 'the capture does not show how the connection began');
  return { withhold, doubts };
}

function startNeed(needs: Needs): Need {
  return needs.start ?? 'any';
}

function isWhole(session: Session): boolean {
  const { client, server } = session.transport;
  return session.startCaptured && client.missingBytes === 0 && server.missingBytes === 0 && !hasGap(session);
}

function hasGap(session: Session): boolean {
  return session.turns.some((turn) => turn.kind === 'gap');
}

/** Bytes up to the last turn of the evidence count; without a turn, all of them. */
function lastTurn(evidence: readonly Evidence[]): number {
  let last = -1;
  for (const { turn } of evidence) if (turn !== null && turn > last) last = turn;
  return last < 0 ? Number.POSITIVE_INFINITY : last;
}

function whatIsMissing(session: Session, direction: 'client' | 'server', until: number): string | null {
  const half = session.transport[direction];
  if (half.bytes === 0 && half.missingBytes > 0) return `nothing of the ${direction}’s side was captured`;
  let missing = 0;
  let shown = 0;
  for (const turn of session.turns) {
    if (turn.kind !== 'gap' || turn.from !== direction) continue;
    shown += turn.bytes;
    if (turn.index < until) missing += turn.bytes;
  }
  // What no turn stands for may lie anywhere.
  missing += Math.max(0, half.missingBytes - shown);
  return missing === 0 ? null : `${count(missing, 'byte')} of the ${direction}’s side were not captured`;
}
