/** The results as Markdown tables: for the terminal and for docs/performance.md. */

import { median } from './measure.js';

/** @param {any} result */
export function machineLines({ machine, size, rounds, checked, startup }) {
  const tools = Object.entries(machine.tools).map(([tool, version]) => version ?? `${tool}: not installed`);
  return [
    `${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB, Node ${machine.node}; ${tools.join('; ')}`,
    '',
    `Corpora of ${size}, rounds: ${rounds}${checked ? '' : '; the truth was not checked'}.` +
      `${size === '1G' ? '' : ' The aims are for 1G: below, start-up weighs too much.'}`,
    `Start-up: \`smtpscope --version\` ${startup.oursSeconds.toFixed(3)} CPU s, \`node -e 0\` ` +
      `${startup.emptySeconds.toFixed(3)} CPU s over ${startup.runs} runs each: ratio ${startup.ratio.toFixed(2)} ` +
      `(aim ≤ ${startup.aim}${verdict(startup.reached)}), wall ${startup.wallRatio.toFixed(2)}.`,
  ].join('\n');
}

/** @param {any} result */
export function comparisonTable({ series, ratios }) {
  const rows = [];
  for (const { corpus, tool, costs } of series) {
    const cpu = costs.map((/** @type {any} */ cost) => cost.cpuSeconds);
    const wall = costs.map((/** @type {any} */ cost) => cost.wallSeconds).sort(ascending);
    const peak = Math.max(...costs.map((/** @type {any} */ cost) => cost.peakMiB));
    const sorted = [...cpu].sort(ascending);
    const ratio = ratios.find((/** @type {any} */ one) => one.corpus === corpus && one.tool === tool);
    rows.push([
      corpus,
      tool,
      sorted[0].toFixed(2),
      median(sorted).toFixed(2),
      median(wall).toFixed(2),
      peak.toFixed(0),
      ratio ? `${share(ratio.best)} (${share(ratio.median)})` : '',
      ratio ? `≤ ${share(ratio.aim)}${verdict(ratio.reached)}` : '',
    ]);
  }
  const head = [
    'corpus',
    'program',
    'CPU s, best',
    'CPU s, median',
    'wall s, median',
    'peak MiB',
    'smtpscope’s CPU against it: best (median)',
    'aim',
  ];
  return table(head, rows);
}

/** @param {any} result */
export function memoryTable({ memory }) {
  return table(
    ['smtpscope’s memory', 'peak MiB', 'aim'],
    memory.map((/** @type {any} */ row) => [row.what, row.peakMiB.toFixed(0), `≤ ${row.aim}${verdict(row.reached)}`]),
  );
}

/** @param {number} a @param {number} b */
function ascending(a, b) {
  return a - b;
}

/** Small ratios read better as fractions. @param {number} ratio */
function share(ratio) {
  return ratio < 0.5 ? `1/${(1 / ratio).toFixed(1).replace(/\.0$/, '')}` : String(Number(ratio.toFixed(2)));
}

/** @param {boolean} reached */
function verdict(reached) {
  return reached ? '' : ', missed';
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
