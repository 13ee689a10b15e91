#!/usr/bin/env node
import { readFileSync } from 'node:fs';

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
  const { loadProgram } = await import('../dist/cli/load-program.js');
  process.exitCode = await loadProgram().main(process.argv.slice(2));
}
