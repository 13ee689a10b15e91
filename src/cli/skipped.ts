/** What a run passed over, and why: for `-v`. */
import type { SessionReport, SummaryReport } from '../report/report.ts';
import { type Selection, unmetOption } from './select.ts';

export class Skipped {
  readonly #unmet: (report: SessionReport) => string | null;
  /** Option to the number of sessions that met all before it, and not it. */
  readonly #sessions = new Map<string, number>();
  #packets = 0;

  constructor(selection: Selection) {
    this.#unmet = unmetOption(selection);
  }

  /** Counts a session; true where it is selected. */
  readonly select = (report: SessionReport): boolean => {
    this.#packets += report.session.frames.count;
    const option = this.#unmet(report);
    if (option === null) return true;
    this.#sessions.set(option, (this.#sessions.get(option) ?? 0) + 1);
    return false;
  };

  /** A sentence for each kind of thing that was skipped; none where nothing was. */
  sentences({ captures, sessions, selected }: SummaryReport, ports: readonly number[] | 'any'): string[] {
    const said: string[] = [];
    const all = captures.reduce((sum, { packets }) => sum + packets, 0);
    const others = all - this.#packets;
    if (others > 0) {
      const why =
        ports === 'any'
          ? 'other protocols, or nothing by which SMTP is known'
          : `other ports than ${ports.join(', ')}, or no TCP; --ports any looks at every port`;
      said.push(`skipped: ${others} of ${all} packets, which are of no session (${why})`);
    }
    if (selected < sessions) {
      const by = [...this.#sessions].map(([option, count]) => `${count} by ${option}`);
      said.push(`skipped: ${sessions - selected} of ${sessions} sessions, not selected (${by.join(', ')})`);
    }
    return said;
  }
}
