/**
 * The whole pipeline on one page: packets in, explained sessions out. This is the place that joins the rooms; it has
 * no I/O and no clock.
 */
import type { CaptureFacts, PacketSink } from './capture/packet-sink.ts';
import type { SessionReport, SummaryReport } from './report/report.ts';

export interface AnalysisOptions {
  /** Server ports, or `any`: SMTP is found on every port by what is said. */
  readonly ports: readonly number[] | 'any';
  /** Keep whole message texts (`--body full`). */
  readonly keepBodies: boolean;
  /** Count the lines of messages; costs time, so only where a format shows them. */
  readonly countLines: boolean;
  /** Which sessions are handed on; numbers and cross findings do not depend on it. */
  readonly select?: (report: SessionReport) => boolean;
}

export const DEFAULT_PORTS: readonly number[] = [24, 25, 465, 587, 2525];

export interface Analysis extends PacketSink {
  /** The packets that follow belong to this capture. */
  beginCapture(name: string): void;
  /** The current capture ends; `facts` come from its source. */
  endCapture(facts: CaptureFacts): void;
  /** No packet came, but the capture's clock stands here now: sessions age and are handed on. */
  tick(timeUs: number): void;
  /** Hands on what is still open and closes the run. */
  finish(): SummaryReport;
}

/** `onSession` is called for each selected session as it ends; what it is given is lent until it returns. */
export function createAnalysis(_options: AnalysisOptions, _onSession: (report: SessionReport) => void): Analysis {
  throw new Error('not yet joined');
}
