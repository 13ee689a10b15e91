// Looks for inputs that the library cannot bear: exceptions that are no CaptureError, records outside the schema, too
// much time, too much memory.
//
// Usage: npm run fuzz -- [--seconds 60] [--seed 1|new] [--only KIND] [--input NUMBER] [--keep FOLDER]
//
// Every input follows from seed and number, so `--seed S --input N` repeats one; `new` is a seed that nobody had. Faults are written to FOLDER
// (the temporary one by default); a mended one belongs into test/fuzz/fixtures. Ends with 1 when there were any.
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { inputOf, KIND_NAMES } from './fuzz/inputs.mjs';

const HEAP_MIB = 512;
/** By the clock, of a machine that may be busy: longer than any input is allowed by its CPU. */
const HANGS_AFTER_MS = 30_000;
const MAX_FAULTS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    input: { type: 'string' },
    keep: { type: 'string', default: join(tmpdir(), 'smtpscope-fuzz') },
  },
});
const seed = values.seed === 'new' ? randomInt(2 ** 31) : Number(values.seed);
const seconds = Number(values.seconds);
if (!Number.isInteger(seed) || !(seconds > 0) || (values.only !== undefined && !KIND_NAMES.includes(values.only))) {
  console.error(
    `--seed wants a whole number or new, --seconds a number above 0, --only one of ${KIND_NAMES.join(', ')}`,
  );
  process.exit(2);
}
const begun = Date.now();
const deadline = begun + seconds * 1000;
const shared = new SharedArrayBuffer(24);
const state = new Float64Array(shared);
const faults = [];

function keep({ number, kind, fault }) {
  mkdirSync(values.keep, { recursive: true });
  const path = join(values.keep, `${kind}-${seed}-${number}.bin`);
  writeFileSync(path, inputOf(seed, number, values.only).bytes);
  faults.push(number);
  console.log(
    `fault in input ${number} of seed ${seed} (${kind}), kept as ${path}\n  ${fault.split('\n').slice(0, 6).join('\n  ')}`,
  );
}

/** Runs inputs from `from` on; resolves with the number to go on with, or null at the end. */
function run(from, until) {
  return new Promise((resolve) => {
    state[1] = Number.POSITIVE_INFINITY;
    const worker = new Worker(new URL('fuzz/worker.mjs', import.meta.url), {
      workerData: { seed, from, until, only: values.only, deadline, shared },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    let isOver = false;
    const over = (next, fault) => {
      if (isOver) return;
      isOver = true;
      clearInterval(watch);
      const number = state[0];
      if (fault !== null) keep({ number, kind: inputOf(seed, number, values.only).kind, fault });
      resolve(next);
    };
    const watch = setInterval(() => {
      if (Date.now() - state[1] < HANGS_AFTER_MS) return;
      over(state[0] + 1, `no end after ${HANGS_AFTER_MS} ms`);
      worker.terminate();
    }, 500);
    worker.on('message', (fault) => {
      keep(fault);
      if (faults.length >= MAX_FAULTS) worker.terminate();
    });
    worker.on('error', (error) => over(state[0] + 1, `${error.code ?? ''} ${error.stack ?? error}`));
    worker.on('exit', () => over(null, null));
  });
}

const first = values.input === undefined ? 0 : Number(values.input);
const until = values.input === undefined ? Number.MAX_SAFE_INTEGER : first + 1;
for (let next = first; next !== null && next < until && Date.now() < deadline && faults.length < MAX_FAULTS; ) {
  next = await run(next, until);
}
const took = ((Date.now() - begun) / 1000).toFixed(0);
console.log(`${state[2]} inputs, ${took} seconds, ${faults.length} faults (seed ${seed})`);
process.exitCode = faults.length > 0 ? 1 : 0;
