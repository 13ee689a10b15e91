/** The exit status as a function of what happened. */
import { SEVERITIES, type Severity } from '../findings/rule.ts';

export const EXIT = { analysed: 0, found: 1, failed: 2 } as const;

export interface RunResult {
  /** Something that was asked for could not be done. */
  readonly failed: boolean;
  /** The most serious finding of the selected sessions and across sessions. */
  readonly worst: Severity | null;
}

/** 2 before 1: a script must not take a half-read run for a verdict. */
export function exitCode({ failed, worst }: RunResult, failOn: Severity | null): number {
  if (failed) return EXIT.failed;
  return failOn !== null && worst !== null && atLeast(worst, failOn) ? EXIT.found : EXIT.analysed;
}

/** Is `severity` at or above `threshold`? */
export function atLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold);
}

/** The more serious of two. */
export function worse(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null || b === null) return a ?? b;
  return atLeast(a, b) ? a : b;
}
