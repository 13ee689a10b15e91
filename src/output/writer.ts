/** What every format of the output is: the head of a run, its sessions as they end, its summary. */
import type { SessionReport, SummaryReport } from '../report/report.ts';

/** A string, or bytes that are lent until the writer's next call. */
export type Chunk = string | Uint8Array;

export interface ReportWriter {
  begin(): Chunk;
  session(report: SessionReport): Chunk;
  end(summary: SummaryReport): Chunk;
}
