#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [first, second] = process.argv.slice(2);
const isVersion = (word) => word === '--version' || word === '-V';
const isVerbose = (word) => word === '--verbose' || word === '-v';
if ((isVersion(first) && isVerbose(second)) || (isVerbose(first) && isVersion(second))) {
  const { versionText } = await import('../dist/program/version.js');
  process.stdout.write(await versionText());
} else if (isVersion(first)) {
  // Before anything else is loaded: scripts ask this often.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`smtpscope ${version}\n`);
} else {
  const program = new URL('../dist/program/main.cjs', import.meta.url);
  if (existsSync(program)) {
    const { loadProgram } = await import('../dist/cli/load-program.js');
    process.exitCode = await loadProgram().main(process.argv.slice(2));
  } else {
    process.stderr.write(`smtpscope: ${fileURLToPath(program)} is not there: run \`npm ci && npm run build\` first.\n`);
    process.exitCode = 2;
  }
}
