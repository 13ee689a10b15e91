/** Sessions over time, by what was found in them, as a plot that can be brushed: the range then filters the list. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Report, SessionTable } from './data.ts';
import { counted, spanText } from './format.ts';
import { matching, theme, timeRange } from './state.ts';

/** From the bottom of a bar to its top. */
const BANDS = [
  { name: 'critical or error', color: '--plot-error', severities: [0, 1] },
  { name: 'warning', color: '--plot-warning', severities: [2] },
  { name: 'notice', color: '--plot-notice', severities: [3] },
  { name: 'nothing found', color: '--calm', severities: [4] },
] as const;

const BAR_PIXELS = 7;

export function Timeline({ report, height }: { report: Report; height: number }) {
  const { table } = report;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const rows = matching.value;
  const range = timeRange.value;
  const now = theme.value;

  useEffect(() => {
    const element = host.current;
    if (element === null || Number.isNaN(table.firstStart)) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = makePlot(element, table, matching.peek(), height);
      showRange(plot.current);
    };
    make();
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width || element.clientWidth === 0) return;
      width = element.clientWidth;
      make();
    });
    observer.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', make);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [table, height, now]);

  useEffect(() => {
    if (plot.current !== null && host.current !== null) {
      plot.current.setData(stacked(table, rows, host.current.clientWidth).data);
      showRange(plot.current);
    }
  }, [rows, table]);

  useEffect(() => {
    if (plot.current !== null) showRange(plot.current);
  }, [range]);

  if (Number.isNaN(table.firstStart)) return <p class="muted">The packets of this capture have no times.</p>;
  return (
    <figure class="timeline">
      <figcaption>
        <span>
          Sessions by start
          <span class="muted"> · {spanText(table.firstStart, table.lastStart)} · drag to choose a time</span>
        </span>
        <span class="legend">
          {BANDS.map(({ name, color }) => (
            <span key={name}>
              <i class={`swatch ${color.slice(2)}`} /> {name}
            </span>
          ))}
        </span>
        {range === null ? null : (
          <button
            type="button"
            class="chip"
            onClick={() => {
              timeRange.value = null;
            }}
          >
            {spanText(range.from, range.to)} <span aria-hidden="true">×</span>
            <span class="offscreen">take this time range away</span>
          </button>
        )}
      </figcaption>
      <div
        ref={host}
        role="img"
        aria-label={`${counted(rows.length, 'session')} over time; the list can be narrowed by From and To`}
      />
    </figure>
  );
}

function makePlot(element: HTMLElement, table: SessionTable, rows: Int32Array, height: number): uPlot {
  const style = getComputedStyle(element);
  // A variable may hold light-dark(): only a property that uses it has the colour.
  const probe = document.createElement('span');
  element.append(probe);
  const colorOf = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, grid] = [colorOf('--muted'), colorOf('--line')];
  const colors = BANDS.map(({ color }) => colorOf(color));
  probe.remove();
  const { data, seconds } = stacked(table, rows, element.clientWidth);
  const axis: uPlot.Axis = {
    stroke: ink,
    font: `11px ${style.fontFamily}`,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
    gap: 3,
  };
  const bars = uPlot.paths.bars?.({ size: [0.9, 60], align: 1, gap: 0 });
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      tzDate: (timestamp) => uPlot.tzDate(new Date(timestamp * 1000), 'UTC'),
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
      legend: { show: false },
      scales: {
        x: { time: true, range: [seconds.first, seconds.last] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.05)] },
      },
      axes: [
        {
          ...axis,
          space: 90,
          size: 36,
          values: (_plot, splits, _axis, _space, step) =>
            splits.map((at, index) => tickText(at, splits[index - 1], step)),
        },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5] },
      ],
      // The tallest first, so that each lower band is painted over it.
      series: [
        {},
        ...[...BANDS.keys()].reverse().map((band): uPlot.Series => {
          const series: uPlot.Series = { fill: colors[band] as string, width: 0, points: { show: false } };
          return bars === undefined ? series : { ...series, paths: bars };
        }),
      ],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 2) return;
            const from = plot.posToVal(left, 'x') * 1000;
            const to = plot.posToVal(left + width, 'x') * 1000;
            if (timeRange.peek()?.from !== from) timeRange.value = { from, to };
          },
        ],
      },
    },
    data,
    element,
  );
}

/** `13:05` of the second `at`, with seconds or milliseconds where the step has them, and the date where it changes. */
function tickText(at: number, before: number | undefined, step: number): string {
  const text = new Date(at * 1000).toISOString();
  const clock = text.slice(11, step < 1 ? 23 : step < 60 ? 19 : 16);
  const date = text.slice(0, 10);
  const isNewDay = before === undefined || new Date(before * 1000).toISOString().slice(0, 10) !== date;
  return isNewDay ? `${clock}\n${date}` : clock;
}

function showRange(plot: uPlot): void {
  const { value: range } = timeRange;
  const height = plot.over.clientHeight;
  if (range === null) {
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    return;
  }
  const left = Math.max(0, plot.valToPos(range.from / 1000, 'x'));
  const right = Math.min(plot.over.clientWidth, plot.valToPos(range.to / 1000, 'x'));
  plot.setSelect({ left, top: 0, width: Math.max(2, right - left), height }, false);
}

/** Sums from the bottom, in as many slices of time as there is room for bars. */
function stacked(
  table: SessionTable,
  rows: Int32Array,
  width: number,
): { data: uPlot.AlignedData; seconds: { first: number; last: number } } {
  const first = table.firstStart / 1000;
  const span = Math.max(1, table.lastStart / 1000 - first);
  const slices = Math.max(10, Math.floor((width - 60) / BAR_PIXELS));
  const step = niceStep(span / slices);
  const begin = Math.floor(first / step) * step;
  const count = Math.floor((first + span - begin) / step) + 1;
  const bandOf = [0, 0, 1, 2, 3];
  const sums = BANDS.map(() => new Float64Array(count));
  for (const row of rows) {
    const start = table.start[row] as number;
    if (Number.isNaN(start)) continue;
    const slice = Math.floor((start / 1000 - begin) / step);
    const band = sums[bandOf[table.worst[row] as number] as number] as Float64Array;
    band[slice] = (band[slice] ?? 0) + 1;
  }
  for (let band = 1; band < sums.length; band++) {
    const below = sums[band - 1] as Float64Array;
    const here = sums[band] as Float64Array;
    for (let at = 0; at < count; at++) here[at] = (here[at] as number) + (below[at] as number);
  }
  const times = Float64Array.from({ length: count }, (_, at) => begin + at * step);
  return { data: [times, ...sums.reverse()], seconds: { first: begin, last: begin + count * step } };
}

/** The next step that a clock knows. */
function niceStep(seconds: number): number {
  const steps = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  ];
  return steps.find((step) => step >= seconds) ?? Math.ceil(seconds / 3600) * 3600;
}
