/**
 * What happened to one mail over several sessions, in order. Facts only: an output says them in its own words, with
 * the times as it shows times.
 */
import type { CrossFinding } from '../rule.ts';

/**
 * What became of a mail in one session. `deferred` and `rejected`: by a reply of 4xx or 5xx; `greylisted`: by a 4xx
 * whose words say so; `unanswered`: all of it was sent and no reply came; `tried`: the session ended before that.
 */
export type StepKind = 'accepted' | 'greylisted' | 'deferred' | 'rejected' | 'unanswered' | 'tried';

export interface Step {
  readonly session: number;
  /** Of the reply that decided it, else of MAIL; NaN where the packet had no time. */
  readonly timeUs: number;
  readonly kind: StepKind;
  /** Of the reply; 0 when there was none. */
  readonly code: number;
  readonly client: string;
  readonly server: string;
}

export interface Story {
  /** Message-ID with its brackets; null where it was never seen. */
  readonly messageId: string | null;
  /** Reverse-path and forward-path; '' is the null sender. */
  readonly from: string;
  readonly to: string;
  /** Recipients beyond `to`. */
  readonly others: number;
  /** In the order of time. */
  readonly steps: readonly Step[];
}

/** The stories that a finding tells; none for most. */
export function storiesOf(finding: CrossFinding): readonly Story[] {
  return 'stories' in finding && Array.isArray(finding.stories) ? (finding.stories as readonly Story[]) : [];
}

/** In the order of time; steps without a time keep their place. */
export function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => a.timeUs - b.timeUs || a.session - b.session || 0);
}

/** `mail from a@example to b@example`, as the sentences of rules name it. */
export function mailWords({ from, to }: { readonly from: string; readonly to: string }): string {
  return `mail from ${from === '' ? '<>' : from} to ${to}`;
}
