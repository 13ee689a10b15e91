/** Types of truth.js, for tests that hold small corpora against it. */

import type { CorpusTruth } from './corpora.d.ts';

export interface TruthResult {
  ok: boolean;
  sessions: number;
  floodSessions: number;
  differences: number;
  wrongByPromise: Record<string, number>;
  /** The first differences, in words. */
  shown: string[];
}

export class TruthCheck {
  constructor(truth: CorpusTruth);
  /** One record of ndjson. */
  record(record: unknown): void;
  /** Call after the last record. */
  finish(): TruthResult;
}
