/** What stands around every view: the name, the way between views, the keys. */
import { useEffect, useRef } from 'preact/hooks';
import type { Report } from './data.ts';
import { counted, fileName, spanText } from './format.ts';
import { SessionList } from './list.tsx';
import { Overview } from './overview.tsx';
import { Servers } from './servers.tsx';
import { SessionView } from './session.tsx';
import { go, hashOf, type Route, route, step, type Theme, theme } from './state.ts';
import { Wire } from './text.tsx';

export function Shell({ report }: { report: Report }) {
  const keys = useRef<HTMLDialogElement>(null);
  const { summary, table } = report;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event, keys.current);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  const shown = route.value;
  useEffect(() => {
    // A new view is read from its head, by eye and by ear.
    scrollTo(0, 0);
    if (shown.view !== 'sessions') document.getElementById('view')?.focus({ preventScroll: true });
  }, [shown]);
  const { captures } = summary.summary;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('view')?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <div class="brand">
          <strong>smtpscope</strong>
          <span class="captures">
            <Wire
              text={captures.map(({ name }) => (name === '-' ? 'standard input' : fileName(name))).join(', ')}
              most={120}
            />
          </span>
        </div>
        <nav aria-label="Views">
          <Tab to={{ view: 'overview' }} name="Overview" />
          <Tab to={{ view: 'sessions' }} name="Sessions" count={table.count} />
          <Tab to={{ view: 'servers' }} name="Servers" count={summary.servers.length + summary.serversOmitted} />
        </nav>
        <div class="tools">
          <ThemeChoice />
          <button type="button" class="quiet" onClick={() => keys.current?.showModal()} aria-label="Keys">
            ?
          </button>
        </div>
      </header>
      <main id="view" tabIndex={-1}>
        <View route={shown} report={report} />
      </main>
      <footer>
        {summary.program} · {counted(table.count, 'session')}
        {summary.summary.selected < summary.summary.sessions
          ? ` of ${counted(summary.summary.sessions, 'session')}`
          : ''}
        {Number.isNaN(table.firstStart) ? '' : ` · ${spanText(table.firstStart, table.lastStart)}`} · times are UTC
        {summary.reveal ? ' · credentials are shown in this report' : ''}
      </footer>
      <dialog ref={keys} class="keys" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search the sessions'],
  ['↑ ↓', 'move in the list'],
  ['Enter', 'open the session'],
  ['n p', 'next and previous session of the list'],
  ['Esc', 'back to the list'],
  ['g', 'overview'],
  ['l', 'list of sessions'],
  ['v', 'servers'],
  ['?', 'this page'],
];

function View({ route: shown, report }: { route: Route; report: Report }) {
  switch (shown.view) {
    case 'overview':
      return <Overview report={report} />;
    case 'sessions':
      return <SessionList report={report} />;
    case 'servers':
      return <Servers report={report} />;
    case 'session':
      return <SessionView key={shown.id} report={report} id={shown.id} />;
  }
}

function Tab({ to, name, count }: { to: Route; name: string; count?: number }) {
  const isCurrent = route.value.view === to.view || (to.view === 'sessions' && route.value.view === 'session');
  return (
    <a href={hashOf(to)} aria-current={isCurrent ? 'page' : undefined}>
      {name}
      {count === undefined ? null : <span class="count">{count.toLocaleString('en-US')}</span>}
    </a>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const THEME_SIGNS: Readonly<Record<Theme, string>> = { auto: '◐', light: '☀', dark: '☾' };

function ThemeChoice() {
  const now = theme.value;
  return (
    <button
      type="button"
      class="quiet"
      title={`Colours: ${now}`}
      aria-label={`Colours: ${now}. Change to ${NEXT_THEME[now]}`}
      onClick={() => {
        theme.value = NEXT_THEME[now];
      }}
    >
      {THEME_SIGNS[now]}
    </button>
  );
}

function onKey(event: KeyboardEvent, keys: HTMLDialogElement | null): void {
  if (event.ctrlKey || event.metaKey || event.altKey || keys?.open) return;
  const target = event.target as HTMLElement;
  const isTyping = /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  if (event.key === 'Escape') {
    if (isTyping) target.blur();
    else if (route.value.view === 'session') go({ view: 'sessions' });
    return;
  }
  if (isTyping) return;
  switch (event.key) {
    case '/':
      event.preventDefault();
      if (route.value.view !== 'sessions') go({ view: 'sessions' });
      setTimeout(() => document.getElementById('search')?.focus());
      return;
    case '?':
      keys?.showModal();
      return;
    case 'g':
      go({ view: 'overview' });
      return;
    case 'l':
      go({ view: 'sessions' });
      return;
    case 'v':
      go({ view: 'servers' });
      return;
    case 'n':
    case 'p': {
      const { value: shown } = route;
      if (shown.view === 'session') step(shown.id, event.key === 'n' ? 1 : -1);
      return;
    }
  }
}
