/** Which sessions are shown. Values of one option are alternatives; different options must all hold. */
import type { SessionReport } from '../report/report.ts';
import { atLeast } from './exit-code.ts';

export interface Selection {
  readonly flagged: boolean;
  readonly rules: readonly string[];
  readonly sessions: readonly number[];
  /** Addresses in canonical form. */
  readonly hosts: readonly string[];
  /** Part of a path, any case. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly codes: readonly number[];
  readonly sinceUs: number | null;
  readonly untilUs: number | null;
}

type Test = (report: SessionReport) => boolean;

/** One test for all of them; null when every session is selected. */
export function selector(selection: Selection): Test | null {
  const tests = testsOf(selection).map(([, test]) => test);
  if (tests.length === 0) return null;
  return (report) => tests.every((test) => test(report));
}

/** The first option that a session does not meet; null when it is selected. */
export function unmetOption(selection: Selection): (report: SessionReport) => string | null {
  const tests = testsOf(selection);
  return (report) => tests.find(([, test]) => !test(report))?.[0] ?? null;
}

function testsOf(selection: Selection): [option: string, test: Test][] {
  const tests: [string, Test][] = [];
  const { flagged, rules, sessions, hosts, codes, sinceUs, untilUs } = selection;
  if (flagged) {
    tests.push(['--flagged', ({ findings }) => findings.some(({ severity }) => atLeast(severity, 'warning'))]);
  }
  if (rules.length > 0) tests.push(['--rule', ({ findings }) => findings.some(({ rule }) => rules.includes(rule))]);
  if (sessions.length > 0) tests.push(['--session', ({ session }) => sessions.includes(session.id)]);
  if (hosts.length > 0) {
    tests.push([
      '--host',
      ({ session }) => hosts.includes(session.client.address) || hosts.includes(session.server.address),
    ]);
  }
  if (selection.from.length > 0) {
    const parts = selection.from.map((part) => part.toLowerCase());
    tests.push(['--from', ({ session }) => session.transactions.some(({ from }) => holds(from, parts))]);
  }
  if (selection.to.length > 0) {
    const parts = selection.to.map((part) => part.toLowerCase());
    tests.push([
      '--to',
      ({ session }) => session.transactions.some((mail) => mail.recipients.some(({ to }) => holds(to, parts))),
    ]);
  }
  if (codes.length > 0) {
    tests.push([
      '--code',
      ({ session }) => session.turns.some((turn) => turn.kind === 'reply' && codes.includes(turn.code)),
    ]);
  }
  // The session's span must touch the time asked for; a session without times touches none.
  if (sinceUs !== null) tests.push(['--since', ({ session }) => session.end.us >= sinceUs]);
  if (untilUs !== null) tests.push(['--until', ({ session }) => session.start.us <= untilUs]);
  return tests;
}

function holds(path: string, parts: readonly string[]): boolean {
  const lower = path.toLowerCase();
  return parts.some((part) => lower.includes(part));
}
