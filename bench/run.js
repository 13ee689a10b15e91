/**
 * `npm run bench`: makes the corpora that are missing, checks on each that the program reproduces its truth, and only
 * then measures it beside tcpdump, tcpflow and tshark, in rounds that take turns. See docs/performance.md.
 *
 *   --size 1G            size of each corpus (100M for a quick look)
 *   --rounds 3           rounds of measuring
 *   --corpora a,b        of dense, mixed, open, hostile; `none` measures the start-up alone
 *   --seed 1             of the generator
 *   --no-check           measure without looking at the truth first (the result says so)
 *   --no-tshark          tshark takes a minute and gigabytes a run
 *   --tshark-slice 250M  show tshark, and the program for comparison, only the beginning of the corpus
 *   --markdown           put the tables into docs/performance.md
 *
 * Results go to bench/last.json. Exit 1 when a truth is not reproduced; an aim that is missed is shown, no error.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GENERATOR_VERSION } from './corpora.js';
import { measure, median, PROGRAM, versionOf, warm } from './measure.js';
import { comparisonTable, machineLines, memoryTable } from './report.js';
import { sliceCapture } from './slice.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CORPORA = join(HERE, 'corpora');
const PERFORMANCE_PAGE = join(HERE, '..', 'docs', 'performance.md');
const FILTER = 'tcp port 25 or tcp port 587';
const STARTUP_RUNS = 30;

/** CPU ratios to reach: smtpscope's CPU is at most `ratio` times the tool's. */
export const AIMS = [
  { corpus: 'dense', tool: 'tcpdump', ratio: 1.2 },
  { corpus: 'dense', tool: 'tcpflow', ratio: 1 / 5 },
  { corpus: 'dense', tool: 'tshark', ratio: 1 / 40 },
  { corpus: 'mixed', tool: 'tcpdump', ratio: 0.9 },
  { corpus: 'open', tool: 'tcpdump', ratio: 4 },
  { corpus: 'hostile', tool: 'tcpflow', ratio: 1 / 10 },
];

/** Peak memory to stay within, in MiB. */
const MEMORY_AIMS = { dense: 100, mixed: 100, open: 250 };
/** What a million SYNs may add: `hostile` against `hostile-quiet`. */
const FLOOD_MEMORY_AIM = 16;
const STARTUP_AIM = 1.25;

/** @typedef {import('./measure.js').Cost} Cost */
/** @typedef {{ tool: string, corpus: string, costs: Cost[] }} Series */

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '1G' },
    rounds: { type: 'string', default: '3' },
    corpora: { type: 'string', default: 'dense,mixed,open,hostile' },
    seed: { type: 'string', default: '1' },
    'no-check': { type: 'boolean', default: false },
    'no-tshark': { type: 'boolean', default: false },
    'tshark-slice': { type: 'string' },
    markdown: { type: 'boolean', default: false },
  },
});

/** @param {string} text `1G`, `100M`, `500k` or a number of bytes */
function bytesOf(text) {
  const match = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text);
  if (!match) throw new Error(`${text} is not a size: write 1G, 100M or a number of bytes`);
  return Number(match[1]) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[/** @type {'' | 'k' | 'M' | 'G'} */ (match[2])];
}

/** The path of a corpus, made first where it is missing or of another generator. @param {string} kind */
function corpusPath(kind) {
  const path = join(CORPORA, `${kind}-${options.size}-seed${options.seed}-v${GENERATOR_VERSION}.pcap`);
  if (existsSync(`${path}.truth.json`)) return path;
  mkdirSync(CORPORA, { recursive: true });
  const args = [join(HERE, 'make.js'), kind, path, String(bytesOf(options.size)), options.seed];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`the corpus ${kind} could not be made`);
  return path;
}

/** @param {string} kind @param {string} path */
function checkTruth(kind, path) {
  const begun = process.hrtime.bigint();
  const { stdout } = spawnSync(process.execPath, [join(HERE, 'check.js'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  const seconds = (Number(process.hrtime.bigint() - begun) / 1e9).toFixed(1);
  /** @type {ReturnType<import('./truth.js').TruthCheck['finish']>} */
  const result = stdout.trim()
    ? JSON.parse(stdout)
    : { ok: false, sessions: 0, differences: 0, wrongByPromise: {}, shown: ['no result'] };
  if (result.ok) {
    say(`${kind}: truth reproduced, ${result.sessions} sessions (${seconds} s)`);
  } else {
    say(`${kind}: TRUTH NOT REPRODUCED, ${result.differences} differences ${JSON.stringify(result.wrongByPromise)}`);
    for (const line of result.shown) say(`  ${line}`);
  }
  return result;
}

/** @param {string} text */
function say(text) {
  console.error(text);
}

/** The commands that are compared, by name. @param {string} path @param {string} emptyDirectory */
function commandsFor(path, emptyDirectory) {
  return /** @type {const} */ ({
    smtpscope: { command: process.execPath, args: [PROGRAM, path], cwd: undefined },
    tcpdump: { command: 'tcpdump', args: ['-n', '-r', path, FILTER, '-w', '/dev/null'], cwd: undefined },
    // tcpflow leaves a report.xml where it runs.
    tcpflow: { command: 'tcpflow', args: ['-q', '-c', '-r', path, FILTER], cwd: emptyDirectory },
    tshark: {
      command: 'tshark',
      args: [
        ...['-n', '-r', path, '-Y', 'smtp', '-T', 'fields', '-e', 'tcp.stream', '-e', 'smtp.req.command'],
        ...['-e', 'smtp.req.parameter', '-e', 'smtp.response.code', '-e', 'smtp.rsp.parameter'],
      ],
      cwd: undefined,
    },
  });
}

/**
 * Measures some tools on one capture, taking turns.
 * @param {string} corpus @param {string} path @param {('smtpscope' | 'tcpdump' | 'tcpflow' | 'tshark')[]} tools
 * @param {number} rounds
 */
async function takeTurns(corpus, path, tools, rounds) {
  const emptyDirectory = mkdtempSync(join(tmpdir(), 'smtpscope-bench-'));
  /** @type {Series[]} */
  const series = tools.map((tool) => ({ tool, corpus, costs: [] }));
  try {
    warm(path);
    const commands = commandsFor(path, emptyDirectory);
    for (let round = 1; round <= rounds; round++) {
      for (const { tool, costs } of series) {
        const { command, args, cwd } = commands[/** @type {keyof typeof commands} */ (tool)];
        const cost = await measure(command, [...args], cwd ? { cwd } : {});
        costs.push(cost);
        const { cpuSeconds, wallSeconds, peakMiB } = cost;
        say(
          `${corpus} ${round}/${rounds} ${tool}: CPU ${cpuSeconds.toFixed(2)} s, wall ${wallSeconds.toFixed(2)} s, ` +
            `peak ${peakMiB.toFixed(0)} MiB`,
        );
      }
    }
  } finally {
    rmSync(emptyDirectory, { recursive: true });
  }
  return series;
}

/** @param {readonly Series[]} series */
function compare(series) {
  /** @param {string} corpus @param {string} tool */
  const find = (corpus, tool) => series.find((one) => one.corpus === corpus && one.tool === tool);
  return AIMS.flatMap(({ corpus, tool, ratio }) => {
    // tshark may have seen a slice: then its partner is the program's run on that same slice.
    const where = find(`${corpus}-slice`, tool) ? `${corpus}-slice` : corpus;
    const ours = find(where, 'smtpscope')?.costs;
    const theirs = find(where, tool)?.costs;
    if (!ours || !theirs) return [];
    const [ourBest, theirBest] = [ours, theirs].map((costs) => Math.min(...costs.map((cost) => cost.cpuSeconds)));
    const [ourMedian, theirMedian] = [ours, theirs].map((costs) => median(costs.map((cost) => cost.cpuSeconds)));
    const best = Number(ourBest) / Number(theirBest);
    return [
      {
        corpus: where,
        tool,
        aim: ratio,
        best,
        median: Number(ourMedian) / Number(theirMedian),
        wall: median(ours.map((cost) => cost.wallSeconds)) / median(theirs.map((cost) => cost.wallSeconds)),
        reached: best <= ratio,
      },
    ];
  });
}

/** @param {readonly Series[]} series */
function compareMemory(series) {
  /** @param {string} corpus */
  const peak = (corpus) => {
    const costs = series.find((one) => one.corpus === corpus && one.tool === 'smtpscope')?.costs;
    return costs ? Math.max(...costs.map((cost) => cost.peakMiB)) : null;
  };
  const rows = Object.entries(MEMORY_AIMS).map(([corpus, aim]) => ({ what: corpus, peakMiB: peak(corpus), aim }));
  const [loud, quiet] = [peak('hostile'), peak('hostile-quiet')];
  const added = loud === null || quiet === null ? null : loud - quiet;
  rows.push({ what: 'a flood of SYNs, added to hostile', peakMiB: added, aim: FLOOD_MEMORY_AIM });
  return rows.flatMap((row) =>
    row.peakMiB === null ? [] : [{ ...row, peakMiB: row.peakMiB, reached: row.peakMiB <= row.aim }],
  );
}

/** `--version` beside an empty Node, taking turns. */
async function compareStartup() {
  /** @type {Record<'ours' | 'empty', Cost[]>} */
  const costs = { ours: [], empty: [] };
  for (let run = -1; run < STARTUP_RUNS; run++) {
    const ours = await measure(process.execPath, [PROGRAM, '--version']);
    const empty = await measure(process.execPath, ['-e', '0']);
    // The first pair only warms the cache.
    if (run < 0) continue;
    costs.ours.push(ours);
    costs.empty.push(empty);
  }
  // The account of CPU moves in ticks of 10 ms: sums over the runs are finer than any one of them.
  const [ours, empty] = [costs.ours, costs.empty].map((list) => list.reduce((sum, cost) => sum + cost.cpuSeconds, 0));
  const [ourWall, emptyWall] = [costs.ours, costs.empty].map((list) => median(list.map((cost) => cost.wallSeconds)));
  const ratio = Number(ours) / Number(empty);
  return {
    runs: STARTUP_RUNS,
    oursSeconds: Number(ours) / STARTUP_RUNS,
    emptySeconds: Number(empty) / STARTUP_RUNS,
    ratio,
    wallRatio: Number(ourWall) / Number(emptyWall),
    aim: STARTUP_AIM,
    reached: ratio <= STARTUP_AIM,
  };
}

async function main() {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing`);
  const rounds = Math.max(1, Number(options.rounds));
  const corpora = options.corpora === 'none' ? [] : options.corpora.split(',');
  const tools = /** @type {const} */ (['tcpdump', 'tcpflow', 'tshark']);
  const versions = Object.fromEntries(tools.map((tool) => [tool, versionOf(tool)]));
  for (const tool of tools) if (versions[tool] === null) say(`${tool} is not installed: its rows are left out`);
  const startup = await compareStartup();

  /** @type {Series[]} */
  const series = [];
  /** @type {Record<string, unknown>} */
  const truth = {};
  let reproduced = true;
  for (const corpus of corpora) {
    const path = corpusPath(corpus);
    if (!options['no-check']) {
      const result = checkTruth(corpus, path);
      truth[corpus] = result;
      if (!result.ok) {
        reproduced = false;
        continue;
      }
    }
    const beside = tools.filter((tool) => tool !== 'tshark' && versions[tool] !== null);
    series.push(...(await takeTurns(corpus, path, ['smtpscope', ...beside], rounds)));
    if (corpus === 'dense' && versions.tshark !== null && !options['no-tshark']) {
      const sliced = options['tshark-slice'];
      if (sliced === undefined) {
        series.push(...(await takeTurns(corpus, path, ['tshark'], 1)));
      } else {
        const slice = join(CORPORA, 'slice.pcap');
        sliceCapture(path, slice, bytesOf(sliced));
        series.push(...(await takeTurns(`${corpus}-slice`, slice, ['smtpscope', 'tshark'], 1)));
        rmSync(slice);
      }
    }
    if (corpus === 'hostile') {
      const quiet = corpusPath('hostile-quiet');
      series.push(...(await takeTurns('hostile-quiet', quiet, ['smtpscope'], rounds)));
    }
  }

  const result = {
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      tools: versions,
    },
    size: options.size,
    rounds,
    checked: !options['no-check'],
    files: Object.fromEntries(corpora.map((corpus) => [corpus, statSync(corpusPath(corpus)).size])),
    truth,
    startup,
    series,
    ratios: compare(series),
    memory: compareMemory(series),
  };
  writeFileSync(join(HERE, 'last.json'), `${JSON.stringify(result, null, 2)}\n`);
  const report = [machineLines(result), comparisonTable(result), memoryTable(result)].join('\n\n');
  console.log(report);
  if (options.markdown) {
    const page = readFileSync(PERFORMANCE_PAGE, 'utf8');
    const marked = /(<!-- bench:begin -->\n)[\s\S]*(<!-- bench:end -->)/;
    if (!marked.test(page)) throw new Error(`${PERFORMANCE_PAGE} has no place between bench:begin and bench:end`);
    writeFileSync(
      PERFORMANCE_PAGE,
      page.replace(marked, (_all, begin, end) => `${begin}\n${report}\n\n${end}`),
    );
  }
  if (!reproduced) process.exitCode = 1;
}

await main();
