/** Which finding comes first, and which of them explains how the session ended. */
import type { Outcome } from '../smtp/session.ts';
import { type AnyRule, CONFIDENCES, type Finding, SEVERITIES, type Severity } from './rule.ts';

/** Most serious first, then surest, then as it happened. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence) ||
    (a.evidence[0]?.turn ?? -1) - (b.evidence[0]?.turn ?? -1)
  );
}

/** True when a finding of this rule and severity is why the session ended as it did. */
export function explains(rule: AnyRule, severity: Severity, outcome: Outcome): boolean {
  return (
    rule.explains.includes(outcome) && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(rule.explainsFrom ?? 'notice')
  );
}
