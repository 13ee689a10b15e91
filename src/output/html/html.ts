/**
 * `html`: one page that needs nothing else. What it shows is embedded as compressed parts (see embedded.ts), each
 * written as soon as it is full: a run holds one part of sessions, one of the index, and what is counted per server.
 *
 * Nothing of a capture is ever markup: parts are base64, and the page makes text nodes of what is in them. Its policy
 * allows one script and one style sheet, by their hashes, and nothing from anywhere else.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type RecordOptions, sessionRecord, summaryRecord } from '../../report/record.ts';
import type { ReportWriter } from '../writer.ts';
import { PART_TYPE, type SummaryPart } from './embedded.ts';
import { IndexColumns } from './index-columns.ts';
import { Servers } from './servers.ts';
import { SessionsPartText } from './sessions-part.ts';

export interface HtmlOptions extends RecordOptions {
  /** The page's program and its style sheet, as built from app/. */
  readonly app: { readonly script: string; readonly style: string };
  /** Name and version of this program. */
  readonly program: string;
  readonly time: SummaryPart['time'];
}

/** Characters of JSON in a part of sessions: one is decoded to show one session of it. */
const PART_CHARACTERS = 192 * 1024;
const INDEX_SESSIONS = 4_000;
/** Nearly as small as the default of 6, in half of its time. */
const LEVEL = 4;

export function htmlWriter(options: HtmlOptions): ReportWriter {
  const sessions = new SessionsPartText();
  const index = new IndexColumns();
  const servers = new Servers();
  const titles = new Map<string, string>();
  let parts = 0;
  const closePart = (): string => {
    parts++;
    return part('sessions', sessions.take());
  };
  const closeIndex = (): string => part('index', index.take());
  return {
    begin: () => pageHead(options),
    session(report) {
      const record = sessionRecord(report, options);
      for (const { rule, title } of record.findings) titles.set(rule, title);
      servers.add(record);
      index.add(report, record, { part: parts, place: sessions.count });
      sessions.add(record);
      let text = sessions.length >= PART_CHARACTERS ? closePart() : '';
      if (index.count >= INDEX_SESSIONS) text += closeIndex();
      return text;
    },
    end(report) {
      const { crossFindings, ...summary } = summaryRecord(report);
      for (const { rule, title } of crossFindings) titles.set(rule, title);
      const last: SummaryPart = {
        program: options.program,
        summary,
        crossFindings,
        titles: Object.fromEntries(titles),
        ...servers.entries(),
        time: options.time,
        reveal: options.reveal,
      };
      return [
        sessions.count > 0 ? closePart() : '',
        index.count > 0 ? closeIndex() : '',
        part('summary', JSON.stringify(last)),
        `<script type="module">${options.app.script}</script>\n</body>\n</html>\n`,
      ].join('');
    },
  };
}

function part(name: string, json: string): string {
  // Lone surrogates come out of JSON.stringify as escapes, so UTF-8 loses nothing.
  const packed = deflateRawSync(json, { level: LEVEL }).toString('base64');
  return `<script type="${PART_TYPE}" data-part="${name}">${packed}</script>\n`;
}

function pageHead({ app }: HtmlOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(app.script)}`,
    `style-src ${hashOf(app.style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>SMTP report</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%23256abf'/%3E%3Cpath d='M3 5h7M8 3l2.5 2L8 7M13 11H6m2-2-2.5 2L8 13' fill='none' stroke='%23fff' stroke-width='1.5'/%3E%3C/svg%3E">
<style>${app.style}</style>
</head>
<body>
<div id="app"><p class="loading">The report is being read …</p></div>
<noscript><p class="loading">This report is a program that runs in the browser, without any network. Where scripts are not
allowed, <code>smtpscope -f markdown</code> gives the same as a text.</p></noscript>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}
