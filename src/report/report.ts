/**
 * What a reader needs to see of a session and of a run: the session, its findings in the order to be read, one
 * sentence for a person. Every output room is given these and nothing else.
 */
import type { CaptureFacts } from '../capture/packet-sink.ts';
import type { CrossFinding, Finding } from '../findings/rule.ts';
import type { Outcome, Session } from '../smtp/session.ts';

export interface SessionReport {
  readonly session: Session;
  /** The one that explains the outcome first, then by severity, confidence, turn. */
  readonly findings: readonly Finding[];
  /** The first finding's message when it explains the outcome, else the outcome in words. */
  readonly headline: string;
  /** What was written about packets of this capture, by frame number; untrusted text. Null for nothing. */
  readonly comments?: ReadonlyMap<number, string> | null;
}

export interface CaptureReport extends CaptureFacts {
  /** As the user named it; `-` for standard input. */
  readonly name: string;
  /** Time of its latest packet, whatever it was; NaN where none had one. */
  readonly lastUs: number;
  /** Link types of which packets were passed over. */
  readonly unread: readonly { readonly linkType: number; readonly name: string; readonly packets: number }[];
  /** Where the time of a packet lies more than 1 ms before that of the packet before it; null for nowhere. */
  readonly timeBack: { readonly count: number; readonly largestUs: number; readonly frame: number } | null;
  /** Taken live by a program that stamps packets itself, after the kernel handed them over. */
  readonly userlandTimes?: boolean;
}

export interface SummaryReport {
  readonly captures: readonly CaptureReport[];
  /** All sessions, selected or not. */
  readonly sessions: number;
  readonly selected: number;
  /** Of the selected sessions. */
  readonly outcomes: ReadonlyMap<Outcome, number>;
  /** Rule id to number of findings, of the selected sessions and across sessions. */
  readonly findings: ReadonlyMap<string, number>;
  readonly crossFindings: readonly CrossFinding[];
  readonly warnings: readonly string[];
}

/** All that a reader must be warned of: what was odd about each capture, then what acted during the run. */
export function warningsOf(summary: SummaryReport): readonly string[] {
  const ofCaptures = summary.captures.flatMap(({ name, warnings }) =>
    warnings.map((warning) => `${name === '-' ? 'standard input' : name}: ${warning}`),
  );
  return [...new Set([...ofCaptures, ...summary.warnings])];
}
