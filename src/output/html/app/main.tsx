/** The page of a report: reads what is embedded, then shows it. */
import { render } from 'preact';
import { printable } from '../../printable.ts';
import { type Report, readReport } from './data.ts';
import { fileName } from './format.ts';
import { Shell } from './shell.tsx';
import { report, timeView, watchPage } from './state.ts';

/** For the browser's tab and for the name of a printed file. */
function titleOf({ summary }: Report): string {
  const names = summary.summary.captures.map(({ name }) => (name === '-' ? 'standard input' : fileName(name)));
  return `SMTP report: ${printable(names.join(', ').slice(0, 100))}`;
}

const root = document.getElementById('app') as HTMLElement;

try {
  const read = await readReport();
  report.value = read;
  timeView.value = read.summary.time;
  watchPage();
  document.title = titleOf(read);
  root.replaceChildren();
  render(<Shell report={read} />, root);
  document.documentElement.dataset.ready = 'true';
} catch (error) {
  const line = document.createElement('p');
  line.className = 'loading';
  line.setAttribute('role', 'alert');
  line.textContent =
    typeof DecompressionStream === 'undefined'
      ? 'This browser is too old to open the report: it has no DecompressionStream (Chrome 103, Firefox 113, Safari 16.4 and later have it).'
      : `The report could not be read: ${(error as Error).message}`;
  root.replaceChildren(line);
}
