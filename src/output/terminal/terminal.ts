/** `text`: the transcript for a person. */
import type { BodyView } from '../../report/record.ts';
import type { ReportWriter } from '../writer.ts';
import { Explanations } from './explanations.ts';
import { columnsMaker, type Layout, type TimeView } from './layout.ts';
import { Page } from './page.ts';
import { writeSession } from './session-text.ts';
import type { Styles } from './style.ts';
import { SummaryText } from './summary-text.ts';
import { columnsOrAny, proseWidth } from './wrap.ts';

export interface TerminalOptions {
  readonly styles: Styles;
  /** Of the terminal; prose is wrapped for it. */
  readonly columns?: number | undefined;
  readonly time: TimeView;
  readonly body: BodyView;
  readonly reveal: boolean;
  readonly verbose: boolean;
  /** Names of the run's captures, in order; it may grow while the run goes on. */
  readonly captures: readonly string[];
  /** The run was given more than one capture: each session then says in which one it stands. */
  readonly severalCaptures: boolean;
}

export function terminalWriter(options: TerminalOptions): ReportWriter {
  const page = new Page();
  const layout: Layout = {
    page,
    styles: options.styles,
    width: proseWidth(options.columns),
    room: columnsOrAny(options.columns),
    time: options.time,
    body: options.body,
    reveal: options.reveal,
    captures: options.captures,
    severalCaptures: options.severalCaptures,
    verbose: options.verbose,
    columns: columnsMaker(options.styles),
  };
  const explanations = new Explanations();
  const summaryText = new SummaryText();
  return {
    begin: () => '',
    session(report) {
      page.clear();
      summaryText.add(report);
      writeSession(layout, explanations, report);
      return page.view();
    },
    end(summary) {
      page.clear();
      summaryText.write(layout, summary);
      return page.view();
    },
  };
}
