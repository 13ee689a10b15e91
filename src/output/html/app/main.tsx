/** The page of a report: reads what is embedded, then shows it. */
import { render } from 'preact';
import { readReport } from './data.ts';
import { Shell } from './shell.tsx';
import { report, timeView, watchPage } from './state.ts';

const root = document.getElementById('app') as HTMLElement;

try {
  const read = await readReport();
  report.value = read;
  timeView.value = read.summary.time;
  watchPage();
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
