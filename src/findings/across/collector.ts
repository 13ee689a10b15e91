/** The shape of what gathers findings across sessions, and how such a finding is put together. */
import type { Session } from '../../smtp/session.ts';
import type { Confidence, CrossFinding, CrossRule, Evidence, Finding } from '../rule.ts';

/** What the capture itself tells of its quality; a `CaptureReport` is one. */
export interface CaptureQuality {
  readonly name: string;
  readonly packets: number;
  readonly cutShort: boolean;
  /** Packets dropped by the file's own counters; 0 when it does not say. */
  readonly dropped: number;
}

/** Sees every session as it ends, keeps bounded notes, and tells at the end. */
export interface Collector {
  see(session: Session, findings: readonly Finding[]): void;
  finish(captures: readonly CaptureQuality[]): readonly CrossFinding[];
}

/** How many sessions a finding names at most; its message counts all of them. */
export const MOST_SESSIONS = 100;

export interface CrossCase<Data> {
  readonly data: Data;
  readonly sessions: readonly number[];
  readonly evidence?: readonly Evidence[];
  readonly confidence?: Confidence;
}

export function crossFinding<Data>(rule: CrossRule<Data>, found: CrossCase<Data>): CrossFinding {
  return {
    rule: rule.id,
    severity: rule.severity,
    confidence: found.confidence ?? rule.confidence,
    title: rule.title,
    message: rule.message(found.data),
    actor: rule.actor,
    evidence: found.evidence ?? [],
    causes: rule.causes(found.data),
    remedies: rule.remedies(found.data),
    references: rule.references,
    sessions: [...found.sessions].sort((a, b) => a - b).slice(0, MOST_SESSIONS),
  };
}
