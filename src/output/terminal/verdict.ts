/** How a session ended, in a few words. */
import { type Finding, SEVERITIES, type Severity } from '../../findings/rule.ts';
import type { SessionReport } from '../../report/report.ts';
import { OUTCOME_WORDS } from '../outcome-words.ts';

export { GOOD_OUTCOMES, OUTCOME_WORDS } from '../outcome-words.ts';

/** `aborted, 1 error`; notices are counted only by the lines that show them. */
export function verdict({ session, findings }: SessionReport): string {
  const words = OUTCOME_WORDS[session.outcome];
  if (findings.length === 0) return words;
  const worst = worstSeverity(findings);
  if (worst === null || worst === 'notice') return words;
  let count = 0;
  for (const finding of findings) if (finding.severity === worst) count++;
  return `${words}, ${count} ${worst}${count > 1 && worst !== 'critical' ? 's' : ''}`;
}

/** The most serious severity of the findings; null when there are none. */
export function worstSeverity(findings: readonly Finding[]): Severity | null {
  for (const severity of SEVERITIES) {
    for (const finding of findings) if (finding.severity === severity) return severity;
  }
  return null;
}
