/**
 * Joins the modules of the command line into few files, dist/program: to load two hundred takes longer than to read a
 * small capture. The library (dist/index.js) stays in modules. Packages stay where npm put them.
 *
 *     node scripts/program.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = `${root}dist/program`;
const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  // Names stay, so that an error's stack can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
};

mkdirSync(outdir, { recursive: true });
const KEPT = new Set(['main.cjs', 'main.bytecode', 'version.js', 'child.js']);
for (const name of readdirSync(outdir)) if (!KEPT.has(name)) rmSync(`${outdir}/${name}`);

// A script, not a module: V8 keeps the bytecode of scripts alone. What a run does not need is only run when it is asked
// for, and costs nothing before.
const { outputFiles } = await build({
  ...common,
  entryPoints: { main: 'dist/cli/main.js' },
  format: 'cjs',
  define: { 'import.meta.url': '__url' },
  banner: { js: '(function (exports, require, module, __url, __import) {' },
  footer: { js: '})' },
  write: false,
});
const program = outputFiles[0].text
  // A script made from bytecode cannot import: packages that are modules come through the one who loads it.
  .replace(/\bimport\(("[a-z-]+")\)/g, '__import($1)')
  // Read as octets, which spares the decoding. esbuild leaves regular expressions as they are.
  .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
writeFileSync(`${outdir}/main.cjs`, program);
// Beside the program that starts it, as in dist/capture/live.
await build({
  ...common,
  entryPoints: { version: 'dist/cli/commands/version.js', child: 'dist/capture/live/child.js' },
  format: 'esm',
});

// In a process of its own: the bytecode holds what a run has compiled.
const { status } = spawnSync(process.execPath, [`${root}scripts/program-bytecode.mjs`], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
process.exitCode = status ?? 1;
