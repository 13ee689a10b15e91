/** What narrows the list of sessions. */
import { useMemo, useState } from 'preact/hooks';
import type { Report } from './data.ts';
import { endpointText, grouped, instantText, outcomeText } from './format.ts';
import {
  among,
  clearFilters,
  deepSearch,
  isFiltered,
  listed,
  outcome,
  query,
  rule,
  searchDialogues,
  server,
  severity,
  timeRange,
} from './state.ts';

export function Filters({ report }: { report: Report }) {
  const { table, summary } = report;
  const outcomes = useMemo(
    () => [...new Set(table.outcome)].map((text) => table.texts[text] as string).sort(),
    [table],
  );
  const rules = useMemo(
    () =>
      [...new Set(table.findings.flat().map((text) => (table.texts[text] as string).split(' ')[1] as string))].sort(),
    [table],
  );
  const servers = useMemo(() => serversOf(report), [report]);
  const deep = deepSearch.value;
  const [isUnfolded, setUnfolded] = useState(false);
  const story = among.value;
  return (
    <search class={isUnfolded ? 'filters open' : 'filters'}>
      <label class="search">
        <span class="offscreen">Search the sessions</span>
        <input
          id="search"
          type="search"
          placeholder="Search: address, path, code, rule …"
          autocomplete="off"
          spellcheck={false}
          value={query.value}
          onInput={({ currentTarget }) => {
            query.value = currentTarget.value;
          }}
        />
      </label>
      <button
        type="button"
        disabled={query.value.trim() === ''}
        title="Look for the text in every line of every dialogue"
        onClick={() => {
          const text = query.value;
          query.value = '';
          void searchDialogues(text);
        }}
      >
        in dialogues
      </button>
      <button type="button" class="unfold" aria-expanded={isUnfolded} onClick={() => setUnfolded(!isUnfolded)}>
        Filters
      </button>
      <div class="field">
        <label for="by-severity">Severity</label>
        <select
          id="by-severity"
          value={String(severity.value)}
          onChange={({ currentTarget }) => {
            severity.value = Number(currentTarget.value);
          }}
        >
          <option value="-1">all</option>
          <option value="0">critical</option>
          <option value="1">error or worse</option>
          <option value="2">warning or worse</option>
          <option value="3">any finding</option>
          <option value="4">nothing found</option>
        </select>
      </div>
      <div class="field">
        <label for="by-outcome">Outcome</label>
        <select
          id="by-outcome"
          value={outcome.value}
          onChange={({ currentTarget }) => {
            outcome.value = currentTarget.value;
          }}
        >
          <option value="">all</option>
          {outcomes.map((name) => (
            <option key={name} value={name}>
              {outcomeText(name)}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="by-finding">Finding</label>
        <select
          id="by-finding"
          value={rule.value}
          onChange={({ currentTarget }) => {
            rule.value = currentTarget.value;
          }}
        >
          <option value="">all</option>
          {rules.map((id) => (
            <option key={id} value={id} title={summary.titles[id]}>
              {id}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="by-server">Server</label>
        <select
          id="by-server"
          value={server.value}
          onChange={({ currentTarget }) => {
            server.value = currentTarget.value;
          }}
        >
          <option value="">all</option>
          {servers.map(({ name, text, sessions }) => (
            <option key={name} value={name}>
              {text} ({grouped(sessions)})
            </option>
          ))}
        </select>
      </div>
      <TimeField name="From" bound="from" report={report} />
      <TimeField name="To" bound="to" report={report} />
      <p class="hits" role="status">
        {deep !== null && deep.done < 1
          ? `searching ${Math.round(deep.done * 100)} % …`
          : `${grouped(listed.value.length)} of ${grouped(table.count)}`}
      </p>
      {deep === null ? null : (
        <Chip
          text={`dialogues with “${deep.text}”`}
          onRemove={() => {
            deepSearch.value = null;
          }}
        />
      )}
      {story === null ? null : (
        <Chip
          text={`sessions of ${story.name}`}
          onRemove={() => {
            among.value = null;
          }}
        />
      )}
      {isFiltered.value ? (
        <button type="button" onClick={clearFilters}>
          Show all
        </button>
      ) : null}
    </search>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <button type="button" class="chip" onClick={onRemove}>
      {text} <span aria-hidden="true">×</span>
      <span class="offscreen">take this filter away</span>
    </button>
  );
}

/** The plot's brush for those who do not use a mouse. */
function TimeField({ name, bound, report: { table } }: { name: string; bound: 'from' | 'to'; report: Report }) {
  if (Number.isNaN(table.firstStart)) return null;
  const range = timeRange.value;
  const textOf = (ms: number): string => instantText(ms).slice(0, 19);
  const whole = { from: table.firstStart, to: table.lastStart };
  return (
    <div class="field">
      <label for={`by-${bound}`}>{name}, UTC</label>
      <input
        id={`by-${bound}`}
        type="text"
        class="moment"
        autocomplete="off"
        pattern="\s*(\d{4}-\d\d-\d\d[ T])?\d\d:\d\d(:\d\d(\.\d+)?)?\s*"
        title="A time, or a date and a time: 2007-08-12 13:17:23"
        placeholder={textOf(whole[bound])}
        value={range === null ? '' : textOf(range[bound])}
        onChange={({ currentTarget }) => {
          const chosen = momentOf(currentTarget.value, table.firstStart);
          if (chosen === null) timeRange.value = null;
          else if (!Number.isNaN(chosen)) timeRange.value = { ...(timeRange.value ?? whole), [bound]: chosen };
        }}
      />
    </div>
  );
}

/** Milliseconds since 1970; null for nothing, NaN for what is no time. A time alone is one of the first day. */
function momentOf(text: string, first: number): number | null {
  const bare = text.trim();
  if (bare === '') return null;
  const dated = bare.length > 12 ? bare.replace(' ', 'T') : `${instantText(first).slice(0, 10)}T${bare}`;
  return Date.parse(`${dated}Z`);
}

const MOST_SERVERS = 200;

function serversOf({ table }: Report): { name: string; text: string; sessions: number }[] {
  const counts = new Map<string, { name: string; text: string; sessions: number }>();
  for (let row = 0; row < table.count; row++) {
    const address = table.text(table.server, row);
    const port = table.serverPort[row] as number;
    const name = `${address}:${port}`;
    const known = counts.get(name);
    if (known === undefined) counts.set(name, { name, text: endpointText(address, port), sessions: 1 });
    else known.sessions++;
  }
  return [...counts.values()].sort((a, b) => b.sessions - a.sessions).slice(0, MOST_SERVERS);
}
