/**
 * The end of a run: what matters most, then how the sessions ended, what was found, what was read. While sessions go
 * by, only one entry a rule and severity is kept.
 */
import { type CrossFinding, type Finding, SEVERITIES, type Severity } from '../../findings/rule.ts';
import { type SessionReport, type SummaryReport, warningsOf } from '../../report/report.ts';
import type { Outcome } from '../../smtp/session.ts';
import { printable } from '../printable.ts';
import { writeExplanation } from './explanations.ts';
import { counted, grouped, type Layout, styled } from './layout.ts';
import { writeStories } from './stories-text.ts';
import { GOOD_OUTCOMES, OUTCOME_WORDS } from './verdict.ts';
import { wrap } from './wrap.ts';

/** Sessions that are named of each rule. */
const NAMED_SESSIONS = 5;

/** Rules that are told in a sentence before anything else. */
const FIRST_FINDINGS = 3;

interface Tally {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** Of the first finding. */
  readonly message: string;
  count: number;
  sessions: number;
  readonly named: number[];
  lastSession: number;
}

export class SummaryText {
  /** A rule may be serious in one session and a notice in another: each is counted for itself. */
  readonly #tallies: Readonly<Record<Severity, Map<string, Tally>>> = {
    critical: new Map(),
    error: new Map(),
    warning: new Map(),
    notice: new Map(),
  };

  /** Called for every session, before it is forgotten. */
  add({ session, findings }: SessionReport): void {
    for (const finding of findings) this.#tally(finding, session.id);
  }

  write(layout: Layout, summary: SummaryReport): void {
    const { page, styles } = layout;
    for (const finding of summary.crossFindings) this.#tally(finding, ...finding.sessions);
    styled(page, styles.heading, 'Summary');
    page.newline();
    const tallies = SEVERITIES.flatMap((severity) => [...this.#tallies[severity].values()].sort(byWeight));
    this.#writeFirst(layout, summary, tallies);
    writeOutcomes(layout, summary);
    if (tallies.length > 0) writeTallies(layout, tallies);
    if (summary.crossFindings.length > 0) {
      writeCross(layout, summary.crossFindings);
      writeStories(layout, summary.crossFindings);
    }
    writeCaptures(layout, summary);
    const warnings = warningsOf(summary);
    if (warnings.length > 0) {
      page.newline();
      for (const warning of warnings) {
        page.text(wrap(printable(warning), layout.width, '  Warning: ', '           '));
      }
    }
  }

  /** The worst findings in a sentence each; where there are none above notice, how it went. */
  #writeFirst(layout: Layout, summary: SummaryReport, tallies: readonly Tally[]): void {
    const { page, styles, width } = layout;
    const worst = tallies[0]?.severity ?? 'notice';
    if (worst === 'notice') {
      page.text(wrap(calmWords(summary), width, '  ', '  '));
      return;
    }
    const first = tallies.filter(({ severity }) => severity === worst);
    for (const tally of first.slice(0, FIRST_FINDINGS)) {
      const label = `  ${tally.severity} ${tally.rule}`;
      const text = tally.sessions > 1 ? tally.title : tally.message;
      page.text('  ');
      styled(page, styles[tally.severity], label.slice(2));
      page.text(wrap(`: ${printable(text)}${placeOf(tally, summary)}`, width, label, '    ').slice(label.length));
    }
  }

  #tally(finding: Finding, ...sessions: readonly number[]): void {
    const { rule, severity, title, message } = finding;
    const byRule = this.#tallies[severity];
    let tally = byRule.get(rule);
    if (tally === undefined) {
      tally = { rule, severity, title, message, count: 0, sessions: 0, named: [], lastSession: -1 };
      byRule.set(rule, tally);
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

function calmWords({ sessions, selected, outcomes }: SummaryReport): string {
  if (sessions === 0) return 'No SMTP session was found.';
  if (selected === 0) return `None of ${counted(sessions, 'session')} was selected.`;
  return [...outcomes.keys()].every((outcome) => GOOD_OUTCOMES.has(outcome))
    ? 'Nothing went wrong in what was captured.'
    : 'No finding above notice; the sessions that came to no good end are counted below.';
}

function placeOf(tally: Tally, { selected }: SummaryReport): string {
  if (tally.named.length === 0) return '';
  if (tally.sessions === 1) return ` (session #${tally.named[0]})`;
  return ` (${sessionList(tally)}; ${grouped(tally.sessions)} of ${counted(selected, 'session')})`;
}

/** Most sessions first, then as they came, so that the order never depends on chance. */
function byWeight(a: Tally, b: Tally): number {
  return b.sessions - a.sessions || (a.named[0] ?? 0) - (b.named[0] ?? 0) || (a.rule < b.rule ? -1 : 1);
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

function writeTallies({ page, styles, width }: Layout, tallies: readonly Tally[]): void {
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
  // The others are explained above.
  const notice = tallies.find(({ severity }) => severity === 'notice');
  if (notice === undefined) return;
  page.text(wrap(`What a notice means: smtpscope explain ${notice.rule}, for example.`, width, '    ', '    '));
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
    const cut = cutShort ? ', cut short' : '';
    const size = `${counted(packets, 'packet')}, ${counted(bytes, 'byte')}`;
    page.text(wrap(`${printable(name)}: ${format}${packed}, ${size}${cut}`, width, '  Read ', '       '));
  }
}
