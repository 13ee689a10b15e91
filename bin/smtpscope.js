#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

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
  // What a session leaves behind is garbage at once: a young generation that stays small and an old one that grows by
  // half at most spare a third of the memory, for some CPU (docs/performance.md).
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
  // A run is short beside what optimising some six hundred functions costs: each takes in less of what it calls, and
  // has to be somewhat hotter before it is optimised.
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
  setFlagsFromString('--interrupt-budget=200000');
  const { main } = await import('../dist/program/main.js');
  process.exitCode = await main(process.argv.slice(2));
}
