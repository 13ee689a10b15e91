/** The first view: what matters most, how sessions ended, what was found, when. */
import { useMemo } from 'preact/hooks';
import type { CrossFindingRecord } from '../../../report/record.ts';
import { SessionLinks, SeverityBadge } from './badges.tsx';
import { type Report, SEVERITIES, type SessionTable, type Severity } from './data.ts';
import { FindingCard } from './finding.tsx';
import { counted, grouped, outcomeText, sizeText, toneOf } from './format.ts';
import { among, clearFilters, go, outcome, rule, severity } from './state.ts';
import { Wire } from './text.tsx';
import { Timeline } from './timeline.tsx';

export function Overview({ report }: { report: Report }) {
  const { summary, table } = report;
  const tallies = useMemo(() => talliesOf(table), [table]);
  const stories = useMemo(() => storiesOf(summary.crossFindings), [summary]);
  return (
    <div class="overview">
      <section class="lead">
        <h1>{leadText(report)}</h1>
        <First report={report} tallies={tallies} />
        <Severities table={table} />
      </section>

      {stories.length === 0 ? null : (
        <section aria-labelledby="across">
          <h2 id="across">Across sessions</h2>
          <Stories stories={stories.slice(0, FIRST_STORIES)} />
          {stories.length <= FIRST_STORIES ? null : (
            <details class="rest">
              <summary>{grouped(stories.length - FIRST_STORIES)} more across sessions</summary>
              <Stories stories={stories.slice(FIRST_STORIES)} />
            </details>
          )}
        </section>
      )}

      {table.count === 0 ? null : (
        <div class="pair">
          <section aria-labelledby="outcomes" class="panel">
            <h2 id="outcomes">How the sessions ended</h2>
            <Outcomes table={table} />
          </section>
          <section class="panel" aria-label="Sessions over time">
            <Timeline report={report} height={250} />
          </section>
        </div>
      )}

      {tallies.length === 0 ? null : (
        <section aria-labelledby="findings" class="panel">
          <h2 id="findings">Findings</h2>
          <div class="scroll">
            <table class="tallies">
              <thead>
                <tr>
                  <th scope="col">Severity</th>
                  <th scope="col">Finding</th>
                  <th scope="col" class="number">
                    Sessions
                  </th>
                  <th scope="col">For example</th>
                </tr>
              </thead>
              <tbody>
                {tallies.map((tally) => (
                  <tr key={tally.text}>
                    <td>
                      <SeverityBadge severity={tally.severity} />
                    </td>
                    <td>
                      <button type="button" class="link" onClick={() => showRule(tally)}>
                        {summary.titles[tally.rule] ?? tally.rule}
                      </button>
                      <code class="muted">{tally.rule}</code>
                    </td>
                    <td class="number">{grouped(tally.sessions)}</td>
                    <td>
                      <SessionLinks ids={tally.named} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}

      <section aria-labelledby="read" class="panel">
        <h2 id="read">What was read</h2>
        <div class="scroll">
          <table class="tallies">
            <thead>
              <tr>
                <th scope="col">Capture</th>
                <th scope="col">Format</th>
                <th scope="col" class="number">
                  Packets
                </th>
                <th scope="col" class="number">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {summary.summary.captures.map(({ name, format, packets, bytes, cutShort }, at) => (
                <tr key={at}>
                  <td class="wire">
                    <Wire text={name === '-' ? 'standard input' : name} />
                  </td>
                  <td>
                    {format}
                    {cutShort ? ', cut short' : ''}
                  </td>
                  <td class="number">{grouped(packets)}</td>
                  <td class="number">{sizeText(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {summary.summary.warnings.map((warning) => (
          <p class="warned" key={warning}>
            <strong>Warning:</strong> <Wire text={warning} />
          </p>
        ))}
      </section>
    </div>
  );
}

interface Tally {
  /** `severity rule` */
  readonly text: string;
  readonly severity: Severity;
  readonly rule: string;
  sessions: number;
  readonly named: number[];
}

const NAMED = 4;

/** The most serious first, then by sessions. */
function talliesOf(table: SessionTable): Tally[] {
  const tallies = new Map<number, Tally>();
  for (let row = 0; row < table.count; row++) {
    for (const text of new Set(table.findings[row])) {
      let tally = tallies.get(text);
      if (tally === undefined) {
        const [named = '', id = ''] = (table.texts[text] as string).split(' ');
        tally = { text: `${named} ${id}`, severity: named as Severity, rule: id, sessions: 0, named: [] };
        tallies.set(text, tally);
      }
      tally.sessions++;
      if (tally.named.length < NAMED) tally.named.push(table.id[row] as number);
    }
  }
  const rank = ({ severity: named }: Tally): number => SEVERITIES.indexOf(named);
  for (const { named } of tallies.values()) named.sort((a, b) => a - b);
  return [...tallies.values()].sort(
    (a, b) => rank(a) - rank(b) || b.sessions - a.sessions || (a.rule < b.rule ? -1 : 1),
  );
}

function leadText({ summary, table }: Report): string {
  const { sessions } = summary.summary;
  if (sessions === 0) return 'No SMTP session was found';
  if (table.count === 0) return `None of ${counted(sessions, 'session')} was selected`;
  const all = counted(table.count, 'session');
  const troubled = table.worst.reduce((sum, worst) => sum + (worst <= 1 ? 1 : 0), 0);
  if (troubled > 0) return `${all}, ${troubled === table.count ? 'all' : grouped(troubled)} with errors`;
  const warned = table.worst.reduce((sum, worst) => sum + (worst === 2 ? 1 : 0), 0);
  return warned > 0 ? `${all}, ${grouped(warned)} with warnings` : `${all}, nothing above a notice`;
}

/** Findings that are told in a sentence before anything else. */
const FIRST_FINDINGS = 3;

function First({ report, tallies }: { report: Report; tallies: readonly Tally[] }) {
  const worst = tallies[0]?.severity;
  if (worst === undefined || worst === 'notice') return null;
  const { summary } = report;
  return (
    <ul class="first">
      {tallies
        .filter((tally) => tally.severity === worst)
        .slice(0, FIRST_FINDINGS)
        .map((tally) => {
          return (
            <li key={tally.text}>
              <SeverityBadge severity={tally.severity} label={tally.rule} /> {summary.titles[tally.rule] ?? tally.rule}{' '}
              <span class="muted">
                (<SessionLinks ids={tally.named} />
                {tally.sessions > tally.named.length ? `, … ${grouped(tally.sessions)} in all` : ''})
              </span>
            </li>
          );
        })}
    </ul>
  );
}

/** How many sessions have a finding of that severity as their worst. */
function Severities({ table }: { table: SessionTable }) {
  const counts = [0, 0, 0, 0, 0];
  for (const worst of table.worst) counts[worst] = (counts[worst] as number) + 1;
  return (
    <ul class="cards" aria-label="Sessions by their worst finding">
      {[...SEVERITIES, 'none' as const].map((name, index) => (
        <li key={name}>
          <button
            type="button"
            class={`card ${name}`}
            disabled={counts[index] === 0}
            onClick={() => showSeverity(index)}
          >
            <span class="big">{grouped(counts[index] as number)}</span>
            {name === 'none' ? <span>nothing found</span> : <SeverityBadge severity={name} />}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Outcomes({ table }: { table: SessionTable }) {
  const counts = new Map<string, number>();
  for (let row = 0; row < table.count; row++) {
    const name = table.text(table.outcome, row);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const outcomes = [...counts].sort((a, b) => b[1] - a[1]);
  if (outcomes.length === 0) return <p class="muted">No session.</p>;
  return (
    <ul class="outcomes">
      {outcomes.map(([name, count]) => (
        <li key={name}>
          <button type="button" onClick={() => showOutcome(name)}>
            <span class="name">{outcomeText(name)}</span>
            <meter class={toneOf(name)} min={0} max={table.count} value={count} aria-hidden="true" />
            <span class="number">{grouped(count)}</span>
            <span class="share">{shareText(count, table.count)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function shareText(count: number, all: number): string {
  const share = (count / all) * 100;
  return share > 0 && share < 1 ? '<1 %' : `${Math.round(share)} %`;
}

/** Stories that are seen before the reader asks for the rest. */
const FIRST_STORIES = 4;

/** Findings of one rule and severity belong together: a capture may hold the same story a hundred times. */
function storiesOf(findings: readonly CrossFindingRecord[]): CrossFindingRecord[][] {
  const groups = new Map<string, CrossFindingRecord[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const rank = ([first]: CrossFindingRecord[]): number => SEVERITIES.indexOf(first?.severity ?? 'notice');
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

function Stories({ stories }: { stories: readonly (readonly CrossFindingRecord[])[] }) {
  return (
    <div class="stories">
      {stories.map(([first, ...others]) =>
        first === undefined ? null : <Story key={first.severity + first.rule} finding={first} others={others} />,
      )}
    </div>
  );
}

function Story({ finding, others }: { finding: CrossFindingRecord; others: readonly CrossFindingRecord[] }) {
  return (
    <div class="story">
      <FindingCard finding={finding} open={false} />
      {finding.sessions.length + others.length === 0 ? null : (
        <div class="of">
          <StorySessions finding={finding} />
          {others.length === 0 ? null : (
            <details>
              <summary>{grouped(others.length)} more like it</summary>
              <ul class="more">
                {others.map((other, at) => (
                  <li key={at}>
                    <Wire text={other.message} />
                    <StorySessions finding={other} />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </div>
  );
}

function StorySessions({ finding: { rule: name, sessions } }: { finding: CrossFindingRecord }) {
  if (sessions.length === 0) return null;
  return (
    <p>
      <button
        type="button"
        class="link"
        onClick={() => {
          clearFilters();
          among.value = { name, ids: new Set(sessions) };
          go({ view: 'sessions' });
        }}
      >
        {counted(sessions.length, 'session')}
      </button>
      <SessionLinks ids={sessions} />
    </p>
  );
}

function showRule(tally: Tally): void {
  clearFilters();
  rule.value = tally.rule;
  go({ view: 'sessions' });
}

function showSeverity(index: number): void {
  clearFilters();
  severity.value = index;
  go({ view: 'sessions' });
}

function showOutcome(name: string): void {
  clearFilters();
  outcome.value = name;
  go({ view: 'sessions' });
}
