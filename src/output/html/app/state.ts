/** What the reader has chosen, as signals; what follows from it, computed. */
import { computed, effect, signal } from '@preact/signals';
import type { EmbeddedSession } from '../embedded.ts';
import { eachPart, type Report, type SessionTable } from './data.ts';

export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'sessions' }
  | { readonly view: 'servers' }
  | { readonly view: 'session'; readonly id: number };

export type TimeView = 'offset' | 'delta' | 'clock';
export type Theme = 'auto' | 'light' | 'dark';

export const SORT_KEYS = ['id', 'start', 'client', 'server', 'duration', 'bytes', 'outcome', 'worst', 'from'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface TimeRange {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

export interface DeepSearch {
  readonly text: string;
  readonly rows: ReadonlySet<number>;
  /** Share of the dialogues, 0 to 1. */
  readonly done: number;
}

export const report = signal<Report | null>(null);
export const route = signal<Route>(readRoute());
export const query = signal('');
/** Text of an outcome, or '' for all. */
export const outcome = signal('');
/** Index into SEVERITIES: sessions with a finding at or above it; -1 for all, 4 for those without a finding. */
export const severity = signal(-1);
export const rule = signal('');
/** `address:port`, or ''. */
export const server = signal('');
export const timeRange = signal<TimeRange | null>(null);
/** Sessions of a finding that spans them, by id, with its name. */
export const among = signal<{ readonly name: string; readonly ids: ReadonlySet<number> } | null>(null);
export const sortKey = signal<SortKey>('id');
export const sortDown = signal(false);
export const timeView = signal<TimeView>('offset');
export const theme = signal<Theme>('auto');
/** Row of the list that the keyboard stands on. */
export const cursor = signal(0);
/** The page is being printed: nothing is left out because it is out of sight. */
export const printing = signal(false);

/** A search through all dialogues: what was looked for, rows that hold it, share done. */
export const deepSearch = signal<DeepSearch | null>(null);

export const isFiltered = computed(
  () =>
    query.value !== '' ||
    outcome.value !== '' ||
    severity.value !== -1 ||
    rule.value !== '' ||
    server.value !== '' ||
    timeRange.value !== null ||
    among.value !== null ||
    deepSearch.value !== null,
);

export function clearFilters(): void {
  query.value = '';
  outcome.value = '';
  severity.value = -1;
  rule.value = '';
  server.value = '';
  timeRange.value = null;
  among.value = null;
  deepSearch.value = null;
}

/** Rows that all filters but the time range let pass: what the plot shows. */
export const matching = computed<Int32Array>(() => {
  const table = report.value?.table;
  if (table === undefined) return new Int32Array(0);
  const tests = testsOf(table);
  const rows = new Int32Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    if (tests.every((test) => test(row))) rows[count++] = row;
  }
  return rows.subarray(0, count);
});

/** Rows in the order of the list. */
export const listed = computed<Int32Array>(() => {
  const table = report.value?.table;
  if (table === undefined) return new Int32Array(0);
  const range = timeRange.value;
  const { start, duration } = table;
  const rows =
    range === null
      ? matching.value.slice()
      : matching.value.filter((row) => {
          const began = start[row] as number;
          return began <= range.to && began + (duration[row] || 0) * 1000 >= range.from;
        });
  const keys = sortColumn(table, sortKey.value);
  const sign = sortDown.value ? -1 : 1;
  const { id } = table;
  return rows.sort((a, b) => {
    const x = keys[a] as number;
    const y = keys[b] as number;
    // What has no value stands last either way.
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y)))
      return Number.isNaN(x) ? 1 : Number.isNaN(y) ? -1 : (x - y) * sign;
    return (id[a] as number) - (id[b] as number);
  });
});

function testsOf(table: SessionTable): ((row: number) => boolean)[] {
  const tests: ((row: number) => boolean)[] = [];
  const chosenOutcome = table.texts.indexOf(outcome.value);
  if (outcome.value !== '') tests.push((row) => table.outcome[row] === chosenOutcome);
  const worst = severity.value;
  if (worst >= 0 && worst < 4) tests.push((row) => (table.worst[row] as number) <= worst);
  if (worst === 4) tests.push((row) => table.worst[row] === 4);
  if (rule.value !== '') {
    const wanted = new Set<number>();
    table.texts.forEach((text, index) => {
      if (/^(?:critical|error|warning|notice) /.test(text) && text.slice(text.indexOf(' ') + 1) === rule.value) {
        wanted.add(index);
      }
    });
    tests.push((row) => (table.findings[row] as number[]).some((text) => wanted.has(text)));
  }
  if (server.value !== '') {
    const at = server.value.lastIndexOf(':');
    const address = table.texts.indexOf(server.value.slice(0, at));
    const port = Number(server.value.slice(at + 1));
    tests.push((row) => table.server[row] === address && table.serverPort[row] === port);
  }
  const { value: story } = among;
  if (story !== null) tests.push((row) => story.ids.has(table.id[row] as number));
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > 0) {
    const haystack = table.haystack();
    tests.push((row) => words.every((word) => (haystack[row] as string).includes(word)));
  }
  const { value: deep } = deepSearch;
  if (deep !== null) tests.push((row) => deep.rows.has(row));
  return tests;
}

function sortColumn(table: SessionTable, key: SortKey): ArrayLike<number> {
  switch (key) {
    case 'id':
    case 'start':
    case 'duration':
    case 'bytes':
    case 'worst':
      return table[key];
    case 'client':
    case 'server':
    case 'outcome':
    case 'from':
      return table.ranks(table[key]);
  }
}

/** Between two looks at what a search has found so far: each filters the whole list. */
const SEARCH_SHOWN_MS = 400;

/** Looks through every line of every dialogue, part by part, while the page stays usable. */
export async function searchDialogues(text: string): Promise<void> {
  const table = report.value?.table;
  const wanted = text.trim().toLowerCase();
  if (table === undefined || wanted === '') return;
  const rowAt = new Map<string, number>();
  for (let row = 0; row < table.count; row++) rowAt.set(`${table.part[row]} ${table.place[row]}`, row);
  const rows = new Set<number>();
  let latest: DeepSearch = { text: wanted, rows, done: 0 };
  const show = (done: number): void => {
    latest = { text: wanted, rows: new Set(rows), done };
    deepSearch.value = latest;
  };
  show(0);
  let shownAt = performance.now();
  await eachPart((part, share, sessions) => {
    // Another search has begun, or this one was taken away.
    if (deepSearch.peek() !== latest) return false;
    sessions.forEach((session, place) => {
      const row = rowAt.get(`${part} ${place}`);
      if (row !== undefined && holdsText(session, wanted)) rows.add(row);
    });
    if (share === 1 || performance.now() - shownAt > SEARCH_SHOWN_MS) {
      show(share);
      shownAt = performance.now();
    }
    return true;
  });
}

function holdsText({ dialogue, transactions }: EmbeddedSession, wanted: string): boolean {
  const holds = (text: string | null): boolean => text?.toLowerCase().includes(wanted) === true;
  return (
    dialogue.lines.some(holds) ||
    transactions.some(({ message }) => message !== null && (holds(message.subject) || holds(message.text)))
  );
}

export function go(to: Route): void {
  location.hash = hashOf(to);
}

export function hashOf(to: Route): string {
  if (to.view === 'overview') return '#/';
  return to.view === 'session' ? `#/session/${to.id}` : `#/${to.view}`;
}

/** Goes to the session that stands so many places behind this one in the list. */
export function step(id: number, by: number): void {
  const next = neighbour(id, by);
  if (next !== null) go({ view: 'session', id: next });
}

/** Number of the session that stands so many places behind that one in the list, or null. */
export function neighbour(id: number, by: number): number | null {
  const table = report.value?.table;
  const row = table?.rowOf(id);
  if (table === undefined || row === undefined) return null;
  const at = listed.value.indexOf(row);
  const next = at < 0 ? undefined : listed.value[at + by];
  return next === undefined ? null : (table.id[next] as number);
}

function readRoute(): Route {
  const session = /^#\/session\/(\d{1,9})$/.exec(location.hash);
  if (session !== null) return { view: 'session', id: Number(session[1]) };
  if (location.hash === '#/sessions') return { view: 'sessions' };
  return location.hash === '#/servers' ? { view: 'servers' } : { view: 'overview' };
}

/** What was unfolded to be printed. */
const unfolded = new Set<Element>();

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export function watchPage(): void {
  addEventListener('hashchange', () => {
    route.value = readRoute();
  });
  addEventListener('beforeprint', () => {
    printing.value = true;
    // On paper nothing can be unfolded.
    for (const details of document.querySelectorAll('details:not([open])')) {
      details.setAttribute('open', '');
      unfolded.add(details);
    }
  });
  addEventListener('afterprint', () => {
    printing.value = false;
    for (const details of unfolded) details.removeAttribute('open');
    unfolded.clear();
  });
  try {
    theme.value = THEMES.find((known) => known === localStorage.getItem('smtpscope-theme')) ?? 'auto';
  } catch {
    // A browser may keep no storage for pages from disk.
  }
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    try {
      localStorage.setItem('smtpscope-theme', theme.value);
    } catch {
      // As above.
    }
  });
  effect(() => {
    // The list has changed: the keyboard stands at its head again.
    listed.value;
    cursor.value = 0;
  });
}
