/**
 * Runs the rules on one session. A rule is run only where the session shows what triggers it, and a session that
 * shows nothing of the kind costs one AND; nothing is allocated until a rule finds something.
 */
import { Fact, type FactName, type Session, Sign, type SignName } from '../smtp/session.ts';
import { passGate } from './gate.ts';
import type { History } from './history.ts';
import { SESSION_RULES } from './index.ts';
import { compareFindings, explains } from './order.ts';
import { REFUSAL_KINDS, type RefusalKind } from './refusal-kinds.ts';
import { refusals } from './refusals.ts';
import { type AnyRule, CONFIDENCES, type Confidence, type Detection, type Finding, NOTHING } from './rule.ts';

/** What triggers a rule: facts, signs and kinds of refusal, each as one number. */
interface Mask {
  readonly facts: number;
  readonly signs: number;
  readonly kinds: number;
}

const MASKS: readonly Mask[] = SESSION_RULES.map(({ triggers, refusals: kinds = NOTHING }) => {
  let facts = 0;
  let signs = 0;
  for (const name of triggers) {
    if (name in Fact) facts |= Fact[name as FactName];
    else signs |= Sign[name as SignName];
  }
  return { facts, signs, kinds: kinds.reduce((mask, kind) => mask | bitOf(kind), 0) };
});
const REFUSED = Fact.refusal5xx | Fact.refusal4xx;
/** By kinds of refusal, and then by facts and signs: the rules that they trigger. Sessions of one kind show the same. */
const RULES_FOR = new Map<number, Map<number, readonly AnyRule[]>>();
/** Combinations that are remembered; a capture may be made to show as many as there are. */
const MAX_KINDS = 4_096;
let remembered = 0;

function rulesFor(session: Session): readonly AnyRule[] {
  const { facts, signs } = session;
  const kinds = (facts & REFUSED) === 0 ? 0 : kindsOf(session);
  // Signs are fewer than 21: both fit into the 53 bits of a number.
  const key = signs * 2 ** 32 + (facts >>> 0);
  const known = RULES_FOR.get(kinds)?.get(key);
  if (known !== undefined) return known;
  const rules = SESSION_RULES.filter((_, i) => {
    const mask = MASKS[i] as Mask;
    return (facts & mask.facts) !== 0 || (signs & mask.signs) !== 0 || (kinds & mask.kinds) !== 0;
  });
  if (remembered >= MAX_KINDS) {
    RULES_FOR.clear();
    remembered = 0;
  }
  const ofKinds = RULES_FOR.get(kinds) ?? new Map<number, readonly AnyRule[]>();
  RULES_FOR.set(kinds, ofKinds.set(key, rules));
  remembered++;
  return rules;
}

function kindsOf(session: Session): number {
  let kinds = 0;
  for (const { kind } of refusals(session)) kinds |= bitOf(kind);
  return kinds;
}

function bitOf(kind: RefusalKind): number {
  return 1 << REFUSAL_KINDS.indexOf(kind);
}

/** The findings of a session, in the order to be read. `history` must not yet have seen this session. */
export function diagnose(session: Session, history: History): readonly Finding[] {
  const rules = rulesFor(session);
  let findings: Finding[] | null = null;
  let head: Finding | null = null;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as AnyRule;
    const detections = rule.detect(session, history);
    for (let d = 0; d < detections.length; d++) {
      const finding = judge(rule, session, detections[d] as Detection<unknown>);
      if (finding === null) continue;
      findings ??= [];
      findings.push(finding);
      const isHead = explains(rule, finding.severity, session.outcome);
      if (isHead && (head === null || compareFindings(finding, head) < 0)) head = finding;
    }
  }
  if (findings === null) return NOTHING;
  findings.sort((a, b) => (a === head ? -1 : b === head ? 1 : compareFindings(a, b)));
  return findings;
}

function judge(rule: AnyRule, session: Session, detection: Detection<unknown>): Finding | null {
  const { withhold, doubts, isTorn } = passGate(rule, session, detection.evidence);
  if (withhold) return null;
  const reasons = [...(detection.doubts ?? []), ...doubts];
  const message = rule.message(detection.data);
  return {
    rule: rule.id,
    severity: detection.severity ?? rule.severity,
    confidence: isTorn ? 'hint' : lowered(detection.confidence ?? rule.confidence, doubts.length),
    title: rule.title,
    message: reasons.length === 0 ? message : `${message} (less sure: ${reasons.join('; ')})`,
    actor: detection.actor ?? rule.actor,
    evidence: detection.evidence,
    causes: rule.causes(detection.data),
    remedies: rule.remedies(detection.data),
    references: rule.references,
  };
}

function lowered(confidence: Confidence, steps: number): Confidence {
  return CONFIDENCES[Math.min(CONFIDENCES.indexOf(confidence) + steps, CONFIDENCES.length - 1)] as Confidence;
}
