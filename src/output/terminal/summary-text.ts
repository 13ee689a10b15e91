/**
 * The end of a run: what matters most, then how the sessions ended, what was found, what was read. While sessions go
 * by, only one entry a rule is kept.
 */
import { type CrossFinding, type Finding, SEVERITIES, type Severity } from '../../findings/rule.ts';
import type { SessionReport, SummaryReport } from '../../report/report.ts';
import type { Outcome } from '../../smtp/session.ts';
import { printable } from '../printable.ts';
import { writeExplanation } from './explanations.ts';
import { counted, grouped, type Layout, styled } from './layout.ts';
import { GOOD_OUTCOMES, OUTCOME_WORDS } from './verdict.ts';
import { wrap } from './wrap.ts';

/** Sessions that are named of each rule. */
const NAMED_SESSIONS = 5;

interface Tally {
  readonly rule: string;
  severity: Severity;
  title: string;
  /** Message of the first finding of that severity. */
  message: string;
  count: number;
  sessions: number;
  readonly named: number[];
  lastSession: number;
}

export class SummaryText {
  readonly #tallies = new Map<string, Tally>();

  /** Called for every session, before it is forgotten. */
  add({ session, findings }: SessionReport): void {
    for (const finding of findings) this.#tally(finding, session.id);
  }

  write(layout: Layout, summary: SummaryReport): void {
    const { page, styles } = layout;
    for (const finding of summary.crossFindings) this.#tally(finding, ...finding.sessions);
    styled(page, styles.heading, 'Summary');
    page.newline();
    const tallies = [...this.#tallies.values()].sort(byWeight);
    this.#writeFirst(layout, summary, tallies);
    writeOutcomes(layout, summary);
    if (tallies.length > 0) writeTallies(layout, tallies);
    if (summary.crossFindings.length > 0) writeCross(layout, summary.crossFindings);
    writeCaptures(layout, summary);
    if (summary.warnings.length > 0) {
      page.newline();
      for (const warning of summary.warnings) {
        page.text(wrap(printable(warning), layout.width, '  Warning: ', '           '));
      }
    }
  }

  #writeFirst(layout: Layout, summary: SummaryReport, tallies: readonly Tally[]): void {
    const { page, styles, width } = layout;
    const first = tallies[0];
    if (summary.sessions === 0) {
      page.text(wrap('No SMTP session was found.', width, '  ', '  '));
    } else if (summary.selected === 0) {
      page.text(wrap(`None of ${counted(summary.sessions, 'session')} was selected.`, width, '  ', '  '));
    } else if (first === undefined || first.severity === 'notice') {
      const bad = [...summary.outcomes].filter(([outcome]) => !GOOD_OUTCOMES.has(outcome));
      const text =
        bad.length === 0
          ? 'Nothing went wrong in what was captured.'
          : 'No finding above notice; the sessions that were not delivered are counted below.';
      page.text(wrap(text, width, '  ', '  '));
    }
    if (first === undefined || first.severity === 'notice') return;
    const label = `  ${first.severity} ${first.rule}`;
    const where =
      first.named.length === 0
        ? ''
        : ` (${sessionList(first)}; ${grouped(first.sessions)} of ${grouped(summary.selected)} sessions)`;
    const text = first.sessions > 1 ? first.title : first.message;
    const place = first.sessions > 1 ? where : first.named.length === 1 ? ` (session #${first.named[0]})` : '';
    page.text('  ');
    styled(page, styles[first.severity], label.slice(2));
    page.text(wrap(`: ${printable(text)}${place}`, width, label, '    ').slice(label.length));
  }

  #tally(finding: Finding, ...sessions: readonly number[]): void {
    let tally = this.#tallies.get(finding.rule);
    const { rule, severity, title, message } = finding;
    if (tally === undefined) {
      tally = { rule, severity, title, message, count: 0, sessions: 0, named: [], lastSession: -1 };
      this.#tallies.set(rule, tally);
    } else if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(tally.severity)) {
      tally.severity = severity;
      tally.message = message;
    }
    tally.count++;
    for (const id of sessions) {
      if (id === tally.lastSession) continue;
      tally.lastSession = id;
      tally.sessions++;
      if (tally.named.length < NAMED_SESSIONS) tally.named.push(id);
    }
  }
}

/** Most serious first, then most sessions, then by name, so that the order never depends on chance. */
function byWeight(a: Tally, b: Tally): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.sessions - a.sessions ||
    (a.rule < b.rule ? -1 : 1)
  );
}

function sessionList({ named, sessions }: Tally): string {
  return `#${named.join(', #')}${sessions > named.length ? ', …' : ''}`;
}

function writeOutcomes({ page, styles, width }: Layout, summary: SummaryReport): void {
  if (summary.sessions === 0) return;
  const outcomes = [...summary.outcomes].sort((a, b) => b[1] - a[1]);
  const words = outcomes.map(([outcome, count]: [Outcome, number]) => `${grouped(count)} ${OUTCOME_WORDS[outcome]}`);
  const all =
    summary.selected === summary.sessions
      ? counted(summary.sessions, 'session')
      : `${grouped(summary.selected)} of ${counted(summary.sessions, 'session')} selected`;
  page.newline();
  page.put(styles.heading.open);
  page.text(`  ${all}`);
  page.put(styles.heading.close);
  const text = words.length === 0 ? '' : `: ${words.join(', ')}`;
  page.text(wrap(text, width, `  ${all}`, '    ').slice(all.length + 2));
}

function writeTallies({ page, styles }: Layout, tallies: readonly Tally[]): void {
  page.newline();
  styled(page, styles.heading, '  Findings');
  page.newline();
  const rules = Math.max(...tallies.map(({ rule }) => rule.length));
  const counts = Math.max(...tallies.map(({ count }) => grouped(count).length));
  for (const tally of tallies) {
    page.text(`    ${grouped(tally.count).padStart(counts)}  `);
    styled(page, styles[tally.severity], tally.severity.padEnd(8));
    const where = tally.named.length === 0 ? '' : `  ${sessionList(tally)}`;
    page.text(`  ${where === '' ? tally.rule : tally.rule.padEnd(rules)}${where}\n`);
  }
}

function writeCross(layout: Layout, findings: readonly CrossFinding[]): void {
  const { page, styles, width } = layout;
  page.newline();
  styled(page, styles.heading, '  Across sessions');
  page.newline();
  for (const finding of findings) {
    const label = `    ${finding.severity} ${finding.rule}`;
    const named = finding.sessions.slice(0, NAMED_SESSIONS * 2);
    const more = finding.sessions.length > named.length ? ', …' : '';
    const where = named.length === 0 ? '' : ` (#${named.join(', #')}${more})`;
    page.text('    ');
    styled(page, styles[finding.severity], label.slice(4));
    page.text(wrap(`: ${printable(finding.message)}${where}`, width, label, '      ').slice(label.length));
    if (finding.severity !== 'notice' || layout.verbose) writeExplanation(layout, finding);
  }
}

function writeCaptures({ page, width }: Layout, summary: SummaryReport): void {
  page.newline();
  for (const { name, format, compression, packets, bytes, cutShort } of summary.captures) {
    const packed = compression === null ? '' : `, ${compression}`;
    const cut = cutShort ? ', cut short in its last packet' : '';
    const size = `${counted(packets, 'packet')}, ${counted(bytes, 'byte')}`;
    page.text(wrap(`${printable(name)}: ${format}${packed}, ${size}${cut}`, width, '  Read ', '       '));
  }
}
