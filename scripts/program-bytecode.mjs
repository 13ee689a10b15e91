/**
 * Runs the program over one capture, and keeps the bytecode of all that was compiled for it: dist/program/main.bytecode.
 * Its standard output is the transcript.
 *
 *     node scripts/program-bytecode.mjs > /dev/null
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BYTECODE, loadProgram, PROGRAM, sealedBytecode, setV8Flags } from '../dist/cli/load-program.js';

rmSync(BYTECODE, { force: true });
const { main, script } = loadProgram();
const status = await main([fileURLToPath(new URL('../captures/founding-case-2007.pcap', import.meta.url))]);
// 1 says that the capture shows something amiss, as it does.
if (status > 1) throw new Error(`the program ended with status ${status}`);
// The run may have changed one.
setV8Flags();
writeFileSync(BYTECODE, sealedBytecode(readFileSync(PROGRAM), script.createCachedData()));
