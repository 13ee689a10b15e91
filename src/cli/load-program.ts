/**
 * Loads the command line from the one script that `scripts/program.mjs` joins it into, with the bytecode that the build
 * kept of it: compiling a megabyte anew takes longer than reading a small capture.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

export interface LoadedProgram {
  /** `argv` without node and the script; resolves to the exit status. */
  readonly main: (argv: readonly string[]) => Promise<number>;
  readonly script: Script;
}

/** The script, and beside it, under the same name, its bytecode. Both are of one build: V8 compares only their lengths. */
export const PROGRAM = new URL('../program/main.cjs', import.meta.url);
export const BYTECODE = new URL('../program/main.bytecode', import.meta.url);

const V8_FLAGS = [
  // What a session leaves behind is garbage at once: a young generation that stays small and an old one that grows by
  // half at most spare a third of the memory, for some CPU (docs/performance.md).
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=50',
  // A run is short beside what optimising some six hundred functions costs: each takes in less of what it calls, and has
  // to be somewhat hotter before it is optimised.
  '--max-inlined-bytecode-size-cumulative=200',
  '--interrupt-budget=200000',
];

/** Bytecode of another V8, or of other flags, is passed over. Throws where the package was not built. */
export function loadProgram(): LoadedProgram {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  const script = new Script(readFileSync(PROGRAM, 'latin1'), {
    filename: PROGRAM.pathname,
    cachedData: bytecode(),
  });
  const module = { exports: {} as { main: LoadedProgram['main'] } };
  const load = (name: string) => import(name);
  script.runInThisContext()(module.exports, createRequire(PROGRAM), module, PROGRAM.href, load);
  return { main: module.exports.main, script };
}

function bytecode(): Buffer | undefined {
  try {
    return readFileSync(BYTECODE);
  } catch {
    return undefined;
  }
}
