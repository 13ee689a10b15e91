/**
 * `json` and `ndjson`: the records, one after another, so that no run is ever held in memory. JSON.stringify escapes C0
 * and lone surrogates; what else could act on a terminal or break a line is escaped here.
 */
import { type RecordOptions, sessionRecord, summaryRecord } from '../../report/record.ts';
import type { ReportWriter } from '../writer.ts';

/** DEL, C1, the line and paragraph separators, and every bidirectional control. */
const ACTS = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of JSON without a line end. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.search(ACTS) < 0 ? text : text.replace(ACTS, escaped);
}

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

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
