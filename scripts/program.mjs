/**
 * Joins the modules of the command line into few files, dist/program: to load two hundred takes longer than to read a
 * small capture. The library (dist/index.js) stays in modules. Packages stay where npm put them.
 *
 *     node scripts/program.mjs
 */
import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'dist/cli/main.js',
    version: 'dist/cli/commands/version.js',
    // Beside the module that starts it, as in dist/capture/live.
    child: 'dist/capture/live/child.js',
  },
  outdir: 'dist/program',
  bundle: true,
  // What a run does not need is not loaded: a format's writer, the HTML report, live.
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Names stay, so that an error's stack can be read.
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});

// The names of the parts change with what is in them. What is still in use stays in place: the program may be running.
const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync(`${root}dist/program`)) if (!written.has(name)) rmSync(`${root}dist/program/${name}`);
