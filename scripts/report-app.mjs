/**
 * Builds the page of the HTML report: src/output/html/app becomes dist/output/html/app.js and app.css, which the
 * program writes into every report. Libraries are inside; nothing is fetched, then or later.
 *
 *     node scripts/report-app.mjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist/output/html`;
const LIBRARIES = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { app: 'src/output/html/app/main.tsx', style: 'src/output/html/app/style.css' },
  tsconfig: 'src/output/html/app/tsconfig.json',
  bundle: true,
  minify: true,
  write: false,
  outdir: out,
  format: 'esm',
  // What DecompressionStream('deflate-raw') asks for.
  target: ['chrome103', 'firefox113', 'safari16.4'],
  supported: { 'top-level-await': true },
  legalComments: 'none',
  logLevel: 'warning',
});

const textOf = (name) => outputFiles.find(({ path }) => path.endsWith(name)).text;
// Each library asks that its licence goes where it goes.
const notices = LIBRARIES.map((name) => {
  const { version } = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}\n\n${readFileSync(`${root}node_modules/${name}/LICENSE`, 'utf8').trim()}`;
}).join('\n\n');
const script = `/*! With these libraries inside:\n\n${notices.replaceAll('*/', '* /')}\n*/\n${textOf('app.js')}`;
const style = textOf('style.css');
for (const text of [script, style]) {
  // A script or style element ends at its end tag, wherever that stands; `<!--` begins another state of its parser.
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new Error('the page holds text that would end its own element');
}
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/app.js`, script);
writeFileSync(`${out}/app.css`, style);
