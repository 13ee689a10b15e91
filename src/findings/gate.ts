/**
 * The quality gate: what a rule may still say where bytes that it looked at, or past, were not captured. It stands
 * outside the rules, so that none can forget it.
 */
import type { HalfFacts } from '../reassembly/transport-facts.ts';
import type { Session } from '../smtp/session.ts';
import type { AnyRule, Evidence, Need, Needs } from './rule.ts';
import { count } from './words.ts';

export interface Verdict {
  readonly withhold: boolean;
  /** A reason for each step by which the finding is less sure. */
  readonly doubts: readonly string[];
  /** A hole touches what the finding stands on: it is a hint at most. */
  readonly isTorn: boolean;
}

const SURE: Verdict = { withhold: false, doubts: [], isTorn: false };

export function passGate(rule: AnyRule, session: Session, evidence: readonly Evidence[]): Verdict {
  const { needs } = rule;
  // Nearly every session: all was captured, and nothing need be counted.
  if (isCapturedWhole(session)) return SURE;
  const doubts: string[] = [];
  let withhold = false;
  const fail = (need: Need, reason: string | null): boolean => {
    if (need === 'any' || reason === null) return false;
    if (need === 'withhold') withhold = true;
    doubts.push(reason);
    return true;
  };
  const isOfAbsence = needs.absence === true;
  const until = isOfAbsence ? Number.POSITIVE_INFINITY : lastTurn(evidence);
  let isTorn = false;
  for (const direction of ['client', 'server'] as const) {
    const need = needs[direction];
    const isTouched = need !== 'any' && touchesHole(session, direction, evidence);
    const isMissing = fail(need, whatIsMissing(session, direction, until));
    // The hole may lie behind the evidence and have torn its end off.
    if (isTouched && !isMissing) fail(need, `what the ${direction} said is not whole`);
    // What was not said may have been said in the hole: nothing is left but a hint.
    if (isTouched || (isMissing && isOfAbsence)) isTorn = true;
  }
  fail(startNeed(needs), session.startCaptured ? null : 'the capture does not show how the connection began');
  return { withhold, doubts, isTorn };
}

/**
 * What the evidence shows touches a hole of its direction: the hole lies in it, before it (its beginning may be what is
 * left of something else), or behind it where its end is missing.
 */
function touchesHole(session: Session, direction: 'client' | 'server', evidence: readonly Evidence[]): boolean {
  for (const gap of session.turns) {
    if (gap.kind !== 'gap' || gap.from !== direction) continue;
    const gapEnd = gap.offset + gap.bytes;
    for (const one of evidence) {
      const turn = one.turn === null ? undefined : session.turns[one.turn];
      if ((turn?.from ?? one.direction) !== direction) continue;
      const { offset } = turn ?? one;
      const end = offset + (turn?.bytes ?? one.length);
      // Behind a hole what is no line of SMTP may be anything: the rest of a message, of a TLS record.
      if (gapEnd < offset && turn?.kind !== 'unparsed') continue;
      if (gap.offset < end || (gap.offset === end && turn?.complete !== true)) return true;
    }
  }
  return false;
}

function startNeed(needs: Needs): Need {
  return needs.start ?? 'any';
}

/** Every byte of both sides, from the connection’s start on. */
export function isCapturedWhole(session: Session): boolean {
  const { client, server } = session.transport;
  return (
    session.startCaptured &&
    client.missingBytes === 0 &&
    server.missingBytes === 0 &&
    unseenEnd(client) === 0 &&
    unseenEnd(server) === 0 &&
    !hasGap(session)
  );
}

/**
 * Bytes at the end of a direction of which only what came later tells: the peer acknowledged them, or the sender’s own
 * RST stands behind them, where no FIN says where it ended. A FIN is acknowledged as one byte.
 */
function unseenEnd({ bytes, missingBytes, ackedBytes, rstAhead, fin }: HalfFacts): number {
  const acked = ackedBytes - bytes - missingBytes;
  return acked > 1 ? acked : rstAhead > 1 && fin === null ? rstAhead : 0;
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
  if (until === Number.POSITIVE_INFINITY && missing === 0 && unseenEnd(half) > 0) {
    return `the end of the ${direction}’s side was not captured`;
  }
  return missing === 0 ? null : `${count(missing, 'byte')} of the ${direction}’s side were not captured`;
}
