/**
 * Loads the command line from the one script that `scripts/program.mjs` joins it into, with the bytecode that the build
 * kept of it: compiling a megabyte anew takes longer than reading a small capture.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { YOUNG_FLAGS } from './young-generation.ts';

export interface LoadedProgram {
  /** `argv` without node and the script; resolves to the exit status. */
  readonly main: (argv: readonly string[]) => Promise<number>;
  readonly script: Script;
}

export const PROGRAM = new URL('../program/main.cjs', import.meta.url);
/** Beside it: a digest of the script and of its bytecode, and the bytecode. */
export const BYTECODE = new URL('../program/main.bytecode', import.meta.url);

const DIGEST_BYTES = 32;

const V8_FLAGS = [
  ...YOUNG_FLAGS,
  // An old generation that grows by half at most.
  '--heap-growing-percent=50',
  // A run is short beside what optimising some six hundred functions costs: each takes in less of what it calls, and has
  // to be somewhat hotter before it is optimised.
  '--max-inlined-bytecode-size-cumulative=200',
  '--interrupt-budget=200000',
];

/** V8 takes bytecode only under the flags under which it was written. */
export function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
}

/** Bytecode of another V8, or of other flags, is passed over. Throws where the package was not built. */
export function loadProgram(): LoadedProgram {
  setV8Flags();
  const source = readFileSync(PROGRAM);
  const script = new Script(source.toString('latin1'), {
    filename: fileURLToPath(PROGRAM),
    cachedData: readBytecode(source),
  });
  const module = { exports: {} as { main: LoadedProgram['main'] } };
  const load = (name: string) => import(name);
  script.runInThisContext()(module.exports, createRequire(PROGRAM), module, PROGRAM.href, load);
  return { main: module.exports.main, script };
}

/** What `readBytecode` takes for the bytecode of this script. */
export function sealedBytecode(source: Buffer, bytecode: Buffer): Buffer {
  return Buffer.concat([digest(source, bytecode), bytecode]);
}

/**
 * V8 looks at the version, the flags and the length of the script, and runs whatever stands behind them: one wrong bit
 * is another program. So nothing is handed to it but what was written for this very script.
 */
function readBytecode(source: Buffer): Buffer | undefined {
  let sealed: Buffer;
  try {
    sealed = readFileSync(BYTECODE);
  } catch {
    return undefined;
  }
  const bytecode = sealed.subarray(DIGEST_BYTES);
  return sealed.subarray(0, DIGEST_BYTES).equals(digest(source, bytecode)) ? bytecode : undefined;
}

function digest(source: Buffer, bytecode: Buffer): Buffer {
  return createHash('sha256').update(`${source.length} `).update(source).update(bytecode).digest();
}
