/**
 * Writes docs/findings-table.md: for each rule, the dialogues and captures in which it fires and those in which it stays
 * quiet. Nothing in it is kept by hand:
 *
 * - Dialogues are the cases of test/findings: tests named `fires: …` and `quiet: …` under the name of their rule. The test
 *   files are loaded here with a test runner that only takes the names down; that each is true, `npm test` shows.
 * - Captures are read by the program. Which of them real software made, stands in the tables of captures/README.md.
 *
 *   npm run build && node scripts/rules-table.mjs            writes
 *   npm run build && node scripts/rules-table.mjs --check    exit status 1 when the page is not what would be written, or
 *                                                            when a rule has no dialogue that fires or none that stays quiet
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/findings-table.md');
const { ALL_RULES } = await import(new URL('../dist/findings/index.js', import.meta.url).href);
const { readCapture } = await import(new URL('../dist/capture/source/file.js', import.meta.url).href);
const { createAnalysis, DEFAULT_PORTS } = await import(new URL('../dist/inspect.js', import.meta.url).href);

/** What stands in for `vitest`: it notes the name of every test and runs none. */
const NOTER = `
const names = [];
function each(register) {
  return (rows) => (title, ...rest) => {
    rows.forEach((row) => {
      const values = Array.isArray(row) ? row : [row];
      let next = 0;
      const name = title.replace(/%[sdijo]/g, () => String(values[next++]));
      register(name, ...rest.map((one) => (typeof one === 'function' ? () => one(...values) : one)));
    });
  };
}
export function describe(name, body) { names.push(name); body(); names.pop(); }
describe.each = each(describe);
export function it(title) { globalThis.noted.push([...names, title]); }
it.each = each(it);
it.skipIf = () => it;
it.runIf = () => it;
export const test = it;
const nothing = () => {};
export { nothing as beforeAll, nothing as afterAll, nothing as beforeEach, nothing as afterEach, nothing as expect };
`;

/** rule → { fires, quiet }: the names of its dialogues. */
async function dialogues() {
  const folder = mkdtempSync(join(tmpdir(), 'rules-table-'));
  try {
    const files = ['rules', 'across'].flatMap((room) =>
      readdirSync(join(root, 'test/findings', room))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => join(root, 'test/findings', room, name)),
    );
    const outfile = join(folder, 'cases.mjs');
    await build({
      stdin: { contents: files.map((file) => `import ${JSON.stringify(file)};`).join('\n'), resolveDir: root },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'error',
      // Nothing is to be dropped as unused: each test file is there for what it does when it is loaded.
      ignoreAnnotations: true,
      external: ['cap'],
      // What is bundled may ask for modules of Node in the old way and for its own place.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      plugins: [
        {
          name: 'noter',
          setup(bundle) {
            bundle.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'noter' }));
            bundle.onLoad({ filter: /.*/, namespace: 'noter' }, () => ({ contents: NOTER }));
            bundle.onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, ({ path }) => ({
              contents: readFileSync(path, 'utf8').replaceAll(
                'import.meta.url',
                JSON.stringify(pathToFileURL(path).href),
              ),
              loader: 'ts',
            }));
          },
        },
      ],
    });
    globalThis.noted = [];
    await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const found = new Map(ALL_RULES.map(({ id }) => [id, { fires: [], quiet: [] }]));
  for (const names of globalThis.noted) {
    const [, kind, title] = /^(fires|quiet): (.*)$/.exec(names.at(-1)) ?? [];
    if (kind !== undefined) found.get(names.findLast((name) => found.has(name)))?.[kind].push(title);
  }
  return found;
}

/** Who made each capture, from the second column of its row in captures/README.md. */
function makers() {
  const rows = readFileSync(join(root, 'captures/README.md'), 'utf8').matchAll(/^\| (`[^|]+`) \| ([^|]+) \|/gm);
  const made = new Map();
  for (const [, files, who] of rows) {
    const kind = /^cop(y|ies)\b/.test(who)
      ? 'copy'
      : /packet by packet/.test(who)
        ? 'written'
        : /\bscripted\b/.test(who)
          ? 'scripted'
          : 'real';
    for (const [, file] of files.matchAll(/`([^`]+)`/g)) made.set(file, kind);
  }
  return made;
}

/** rule → the captures in which it fires, each with its kind. */
async function captures() {
  const made = makers();
  const names = readdirSync(join(root, 'captures'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(pcap(ng)?(\.(gz|zst|xz|lz4))?|snoop|cap)$/.test(path))
    .sort();
  const found = new Map(ALL_RULES.map(({ id }) => [id, []]));
  for (const name of names) {
    const kind = made.get(name);
    if (kind === undefined) throw new Error(`captures/README.md has no row for ${name}`);
    const rules = new Set();
    const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ findings }) => {
      for (const { rule } of findings) rules.add(rule);
    });
    analysis.beginCapture(name);
    analysis.endCapture(await readCapture(join(root, 'captures', name), analysis));
    for (const { rule } of analysis.finish().crossFindings) rules.add(rule);
    for (const rule of rules) found.get(rule).push({ name, kind });
  }
  return { found, count: names.length, healthy: names.filter((name) => /^(healthy|controls)\//.test(name)).length };
}

const RANK = ['real', 'scripted', 'copy', 'written'];
const NOTES = { real: '', scripted: ' (scripted)', copy: ' (copy)', written: ' (written)' };

/** Where real software shows it, nothing else is listed; else the next best. */
function best(list) {
  const kind = RANK.find((one) => list.some((capture) => capture.kind === one));
  const ofKind = list.filter((capture) => capture.kind === kind || (kind === 'real' && capture.kind === 'scripted'));
  return { kind, list: ofKind };
}

function escaped(text) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? part.replaceAll('|', '\\|') : part.replace(/[\\`*_<>[\]|~]/g, '\\$&')))
    .join('');
}

/** Rules that speak of what no file holds, and where they are seen instead. */
const NOT_IN_FILES = { 'ts-userland': 'live only: [test/live/transcript.test.ts](../test/live/transcript.test.ts)' };

function cell(items, otherwise = '**none**') {
  return items.length === 0 ? otherwise : items.join('; ');
}

const said = await dialogues();
const seen = await captures();
const rows = ALL_RULES.map(({ id }) => {
  const { fires, quiet } = said.get(id);
  const { kind, list } = best(seen.found.get(id));
  const links = list.map(
    ({ name, kind: own }) => `[${name.replace(/^rules\//, '')}](../captures/${name})${NOTES[own]}`,
  );
  return { id, fires, quiet, kind, links };
});
const without = rows.filter(({ kind, id }) => kind === undefined && NOT_IN_FILES[id] === undefined);
const count = (kind) => rows.filter((row) => row.kind === kind).length;
const wrong = rows.filter(({ fires, quiet }) => fires.length === 0 || quiet.length === 0);

const text = `# What proves each rule

Written by \`node scripts/rules-table.mjs\`, not by hand. *Dialogues* are the cases of test/findings, by their names: each is
read by \`npm test\`, which fails unless the rule fires in it or, in the look-alikes of the last column, stays quiet.
*Captures* are those of [captures/](../captures/README.md), read by the program as it is; in all that are not named, the rule
stays quiet. Real software made them on both sides. Where none does, the next best is named: *scripted* means that one side,
or a device between two programs, was a script, *copy* that a recorded capture was edited, *written* that it was made packet
by packet. **none** marks a rule that no capture shows: only its dialogues do.

| | |
|---|---|
| rules | ${rows.length} |
| with a dialogue that fires and one that stays quiet | ${rows.length - wrong.length} |
| dialogues that fire, that stay quiet | ${rows.reduce((sum, row) => sum + row.fires.length, 0)}, ${rows.reduce((sum, row) => sum + row.quiet.length, 0)} |
| captures read, of them healthy traffic | ${seen.count}, ${seen.healthy} |
| rules that a capture by real software shows | ${count('real')} |
| by a scripted peer of real software, or a scripted device between | ${count('scripted')} |
| by an edited copy, or a capture written packet by packet | ${count('copy') + count('written')} |
| by none | ${without.length} |
| of what no file holds | ${Object.keys(NOT_IN_FILES).length} |

| rule | fires in these dialogues | and captures | quiet in these dialogues |
|---|---|---|---|
${rows
  .map(
    ({ id, fires, quiet, links }) =>
      `| [${id}](rules/${id}.md) | ${cell(fires.map(escaped))} | ${cell(links, NOT_IN_FILES[id])} | ${cell(quiet.map(escaped))} |`,
  )
  .join('\n')}
`;

for (const { id, fires } of wrong)
  console.error(`${id}: no dialogue in which it ${fires.length === 0 ? 'fires' : 'stays quiet'}`);
if (wrong.length > 0) process.exitCode = 1;
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/findings-table.md is not what tests and captures say: node scripts/rules-table.mjs');
  process.exitCode = 1;
}
