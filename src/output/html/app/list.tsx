/**
 * The list of sessions. Rows have one height and only those in sight are in the page, so that tens of thousands scroll
 * as ten do. To a screen reader it is a grid of all its rows.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { OutcomeBadge, SeveritySign } from './badges.tsx';
import type { Report, SessionTable } from './data.ts';
import { Filters } from './filters.tsx';
import { counted, durationText, endpointText, instantText, sizeText } from './format.ts';
import { cursor, go, hashOf, listed, printing, type SortKey, sortDown, sortKey } from './state.ts';
import { Wire } from './text.tsx';
import { Timeline } from './timeline.tsx';

const ROW = 34;
const NARROW_ROW = 78;
/** Rows beyond the edge that are there before they are scrolled to. */
const OVERSCAN = 8;
/** A printed list ends somewhere. */
const PRINTED_ROWS = 2_000;

const COLUMNS: readonly { key: SortKey; name: string; class: string }[] = [
  { key: 'id', name: '#', class: 'number' },
  { key: 'worst', name: '!', class: 'sign' },
  { key: 'start', name: 'Start', class: 'time' },
  { key: 'client', name: 'Client', class: 'wire' },
  { key: 'server', name: 'Server', class: 'wire' },
  { key: 'outcome', name: 'Outcome', class: '' },
  { key: 'duration', name: 'Duration', class: 'number' },
  { key: 'bytes', name: 'Size', class: 'number' },
  { key: 'from', name: 'Envelope and headline', class: 'words' },
];

/** Where the list stood when it was left. */
let keptScroll = 0;

export function SessionList({ report }: { report: Report }) {
  const { table } = report;
  const body = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: keptScroll, height: 600 });
  const [isNarrow, setNarrow] = useState(matchMedia('(max-width: 760px)').matches);
  const rowHeight = isNarrow ? NARROW_ROW : ROW;
  const rows = listed.value;
  const isPrinting = printing.value;

  useEffect(() => {
    const media = matchMedia('(max-width: 760px)');
    const changed = (): void => setNarrow(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);

  useLayoutEffect(() => {
    const element = body.current as HTMLDivElement;
    element.scrollTop = keptScroll;
    const measure = (): void => {
      keptScroll = element.scrollTop;
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, []);

  const move = (to: number): void => {
    const at = Math.max(0, Math.min(rows.length - 1, to));
    cursor.value = at;
    const element = body.current as HTMLDivElement;
    if (at * rowHeight < element.scrollTop) element.scrollTop = at * rowHeight;
    else if ((at + 1) * rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = (at + 1) * rowHeight - element.clientHeight;
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      move(cursor.value + by);
    } else if (event.key === 'Enter') {
      const row = rows[cursor.value];
      if (row !== undefined) go({ view: 'session', id: table.id[row] as number });
    }
  };

  const first = isPrinting ? 0 : Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const end = isPrinting
    ? Math.min(rows.length, PRINTED_ROWS)
    : Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const shown = rows.subarray(first, end);
  const active = Math.min(cursor.value, rows.length - 1);
  return (
    <div class="sessions" style={{ '--start': isOneDay(table) ? '104px' : '176px' }}>
      <h1 class="offscreen">Sessions</h1>
      <Timeline report={report} height={124} />
      <Filters report={report} />
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot leave out the rows that are out of sight */}
      <div
        class="grid"
        role="grid"
        aria-label="Sessions"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={active >= first && active < end ? `row-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <Head />
        {/* biome-ignore lint/a11y/useSemanticElements: part of the grid */}
        <div class="body" ref={body} role="rowgroup" tabIndex={-1}>
          {rows.length === 0 ? <p class="empty">No session passes these filters.</p> : null}
          <div class="canvas" style={isPrinting ? {} : { height: `${rows.length * rowHeight}px` }}>
            <div class="window" style={isPrinting ? {} : { transform: `translateY(${first * rowHeight}px)` }}>
              {[...shown].map((row, at) => (
                <Row key={row} table={table} row={row} at={first + at} isActive={first + at === active} />
              ))}
            </div>
          </div>
        </div>
      </div>
      {isPrinting && rows.length > PRINTED_ROWS ? (
        <p>
          Printed: the first {counted(PRINTED_ROWS, 'session')} of {counted(rows.length, 'session')}.
        </p>
      ) : null}
    </div>
  );
}

function Head() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid above
    // biome-ignore lint/a11y/useFocusableInteractive: the grid itself takes the focus
    <div class="row head" role="row" aria-rowindex={1}>
      {COLUMNS.map(({ key, name, class: kind }) => {
        const isSorted = sortKey.value === key;
        const order = isSorted ? (sortDown.value ? 'descending' : 'ascending') : undefined;
        return (
          // biome-ignore lint/a11y/useSemanticElements: part of the grid above
          // biome-ignore lint/a11y/useFocusableInteractive: the button in it takes the focus
          <div key={key} role="columnheader" class={`cell ${key} ${kind}`} aria-sort={order}>
            <button type="button" onClick={() => sortBy(key)} title={`Sort by ${TITLES[key] ?? name.toLowerCase()}`}>
              {name}
              <span class="order" aria-hidden="true">
                {isSorted ? (sortDown.value ? '▼' : '▲') : ''}
              </span>
            </button>
          </div>
        );
      })}
    </div>
  );
}

const TITLES: Partial<Record<SortKey, string>> = { id: 'number', worst: 'severity', from: 'sender' };

function sortBy(key: SortKey): void {
  if (sortKey.value === key) {
    sortDown.value = !sortDown.value;
    return;
  }
  sortKey.value = key;
  sortDown.value = key === 'duration' || key === 'bytes';
}

function Row({ table, row, at, isActive }: { table: SessionTable; row: number; at: number; isActive: boolean }) {
  const id = table.id[row] as number;
  const from = table.text(table.from, row);
  const to = table.text(table.to, row);
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid above
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={`row-${at}`}
      class={isActive ? 'row active' : 'row'}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isActive}
      tabIndex={-1}
      onClick={({ ctrlKey, metaKey }) => {
        cursor.value = at;
        if (!ctrlKey && !metaKey && getSelection()?.isCollapsed !== false) go({ view: 'session', id });
      }}
    >
      <Cell kind="id number">
        <a href={hashOf({ view: 'session', id })} tabIndex={-1}>
          {id}
        </a>
      </Cell>
      <Cell kind="worst sign">
        <SeveritySign index={table.worst[row] as number} />
      </Cell>
      <Cell kind="start time">{startText(table, row)}</Cell>
      <Cell kind="client wire">{endpointText(table.text(table.client, row), table.clientPort[row] as number)}</Cell>
      <Cell kind="server wire">
        {endpointText(table.text(table.server, row), table.serverPort[row] as number)}
        {table.tls[row] === 1 ? (
          <span class="lock" title="TLS">
            TLS
          </span>
        ) : null}
      </Cell>
      <Cell kind="outcome">
        <OutcomeBadge outcome={table.text(table.outcome, row)} />
      </Cell>
      <Cell kind="duration number">{durationText(table.duration[row] as number)}</Cell>
      <Cell kind="bytes number">{sizeText(table.bytes[row] as number)}</Cell>
      <Cell kind="from words">
        {from === '' && to === '' ? null : (
          <span class="envelope">
            <Wire text={firstOf(from) || '<>'} most={60} /> → <Wire text={firstOf(to) || '–'} most={60} />
          </span>
        )}
        <Wire text={table.text(table.headline, row)} most={220} />
      </Cell>
    </div>
  );
}

/** The date is left out where all sessions begin on one day: the plot above names it. */
function startText(table: SessionTable, row: number): string {
  const text = instantText(table.start[row] as number);
  return isOneDay(table) ? text.slice(-12) : text;
}

/** Of several paths the first, with a sign that there are more. */
function firstOf(paths: string): string {
  const end = paths.indexOf(', ');
  return end < 0 ? paths : `${paths.slice(0, end)}, …`;
}

function isOneDay({ firstStart, lastStart }: SessionTable): boolean {
  return instantText(firstStart).slice(0, 10) === instantText(lastStart).slice(0, 10);
}

function Cell({ kind, children }: { kind: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid above
    // biome-ignore lint/a11y/useFocusableInteractive: the grid itself takes the focus
    <div role="gridcell" class={`cell ${kind}`}>
      {children}
    </div>
  );
}
