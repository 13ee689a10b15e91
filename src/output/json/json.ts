/** `json` and `ndjson`: the records, one after another, so that no run is ever held in memory. */
import { type RecordOptions, sessionRecord, summaryRecord } from '../../report/record.ts';
import { jsonText } from '../json-text.ts';
import type { ReportWriter } from '../writer.ts';

/** One record a line; the summary is the last. */
export function ndjsonWriter(options: RecordOptions): ReportWriter {
  return {
    begin: () => '',
    session: (report) => `${jsonText(sessionRecord(report, options))}\n`,
    end: (summary) => `${jsonText(summaryRecord(summary))}\n`,
  };
}

/** One document: `{ "sessions": [...], "summary": {...} }`. */
export function jsonWriter(options: RecordOptions): ReportWriter {
  let separator = '\n';
  return {
    begin: () => '{"sessions":[',
    session(report) {
      const text = separator + jsonText(sessionRecord(report, options));
      separator = ',\n';
      return text;
    },
    end: (summary) => `\n],\n"summary":${jsonText(summaryRecord(summary))}}\n`,
  };
}
