/** The transcript of reports, as text. */

import { PLAIN_STYLES } from '../../src/output/terminal/style.ts';
import { type TerminalOptions, terminalWriter } from '../../src/output/terminal/terminal.ts';
import type { ReportWriter } from '../../src/output/writer.ts';
import type { SessionReport, SummaryReport } from '../../src/report/report.ts';

export function plainWriter(options: Partial<TerminalOptions> = {}): ReportWriter {
  return terminalWriter({
    styles: PLAIN_STYLES,
    time: 'offset',
    body: 'headers',
    reveal: false,
    verbose: false,
    captures: ['relay.pcap'],
    severalCaptures: false,
    ...options,
  });
}

export function textOf(writer: ReportWriter, report: SessionReport): string {
  return Buffer.from(writer.session(report)).toString();
}

export function transcript(report: SessionReport, options: Partial<TerminalOptions> = {}): string {
  return textOf(plainWriter(options), report);
}

export function endOf(writer: ReportWriter, summary: SummaryReport): string {
  return Buffer.from(writer.end(summary)).toString();
}
