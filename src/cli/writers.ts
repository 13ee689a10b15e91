/** Which writer a format has, and what it needs from outside. Each is loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import type { ReportWriter } from '../output/writer.ts';
import { stylesFor } from './color.ts';
import { Complaint } from './complaint.ts';
import type { FormatName, InspectOptions } from './options.ts';
import { packageVersion } from './version.ts';

export interface WriterOptions
  extends Pick<InspectOptions, 'body' | 'reveal' | 'time' | 'color' | 'palette' | 'verbose' | 'output'> {
  readonly format: FormatName;
  /** Names of the run's captures, in order; it may grow while the run goes on. */
  readonly captures: readonly string[];
  readonly severalCaptures: boolean;
}

export async function writerFor(options: WriterOptions): Promise<ReportWriter> {
  switch (options.format) {
    case 'text':
      return await textWriter(options);
    case 'json':
      return (await import('../output/json/json.ts')).jsonWriter(options);
    case 'ndjson':
      return (await import('../output/json/json.ts')).ndjsonWriter(options);
    case 'markdown':
      return (await import('../output/markdown/markdown.ts')).markdownWriter(options);
    case 'zeek':
      return (await import('../output/zeek/zeek.ts')).zeekWriter(options);
    case 'zeek-json':
      return (await import('../output/zeek/zeek.ts')).zeekJsonWriter(options);
    case 'eve':
      return (await import('../output/eve/eve.ts')).eveWriter(options);
    case 'ecs':
      return (await import('../output/ecs/ecs.ts')).ecsWriter(options);
    case 'html': {
      if (options.output === null && process.stdout.isTTY === true) {
        throw new Complaint('html is a page for a browser and not for a terminal; give -o report.html');
      }
      const { htmlWriter } = await import('../output/html/html.ts');
      const program = `smtpscope ${packageVersion()}`;
      return htmlWriter({ ...options, program, app: { script: builtFile('app.js'), style: builtFile('app.css') } });
    }
  }
}

async function textWriter(options: WriterOptions): Promise<ReportWriter> {
  const { terminalWriter } = await import('../output/terminal/terminal.ts');
  const isTerminal = options.output === null && process.stdout.isTTY === true;
  const styles = await stylesFor(options.color, options.palette, isTerminal);
  return terminalWriter({ ...options, styles, columns: isTerminal ? process.stdout.columns : undefined });
}

/** A file of the report's page, which `npm run build` makes beside the compiled program. */
function builtFile(name: string): string {
  try {
    return readFileSync(new URL(`../output/html/${name}`, import.meta.url), 'utf8');
  } catch {
    throw new Complaint(`the page of the HTML report (${name}) is missing from this installation; run npm run build`);
  }
}
