/**
 * What a command costs: CPU, wall clock, peak memory of the whole process with all its threads.
 *
 * CPU is what the kernel adds to this process' account of children when the command has ended (cutime and cstime of
 * /proc/self/stat): user + system, nothing to install, and its error of one tick does not add up over runs. Peak
 * memory is the kernel's high-water mark: exactly by `/usr/bin/time` where it is installed, else by looking at
 * VmHWM every 10 ms while the command runs, which can miss only what is allocated in its last moment.
 */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../bin/smtpscope.js', import.meta.url));
const TIME = '/usr/bin/time';
const TICKS_A_SECOND = 100;

/** @typedef {{ cpuSeconds: number, wallSeconds: number, peakMiB: number }} Cost */

/** CPU of all children that have ended, in seconds. */
function childrenCpuSeconds() {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  // The name in brackets may hold spaces; after it the fields are counted from 3. cutime and cstime are 16 and 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
}

/** @param {number} pid @returns {number} KiB, 0 when it has gone */
function highWaterKiB(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Runs a command with its output thrown away.
 * @param {string} command @param {string[]} args @param {{ cwd?: string }} [options]
 * @returns {Promise<Cost>}
 * @throws when the command fails, with what it said
 */
export async function measure(command, args, options = {}) {
  const timed = existsSync(TIME);
  const report = join(tmpdir(), `smtpscope-bench-${process.pid}`);
  const cpuBefore = childrenCpuSeconds();
  const begun = process.hrtime.bigint();
  const [program, programArgs] = timed ? [TIME, ['-o', report, '-f', '%M', command, ...args]] : [command, args];
  const child = spawn(program, programArgs, { cwd: options.cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    if (said.length < 2000) said += chunk;
  });
  let peakKiB = 0;
  const watch = timed
    ? null
    : setInterval(() => {
        peakKiB = Math.max(peakKiB, highWaterKiB(child.pid ?? 0));
      }, 10);
  const exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wallSeconds = Number(process.hrtime.bigint() - begun) / 1e9;
  if (watch) clearInterval(watch);
  if (timed) {
    peakKiB = Number(readFileSync(report, 'latin1').trim().split('\n').at(-1));
    rmSync(report);
  }
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}: ${said.trim()}`);
  return { cpuSeconds: childrenCpuSeconds() - cpuBefore, wallSeconds, peakMiB: peakKiB / 1024 };
}

/** First line of what a tool says about its version, or null where it is not installed. @param {string} tool */
export function versionOf(tool) {
  const { error, stdout, stderr } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  if (error) return null;
  return (stdout || stderr).split('\n', 1)[0] ?? null;
}

/** Reads a file once, so that every command after it finds it in the page cache. @param {string} path */
export function warm(path) {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(1 << 20);
  while (readSync(file, buffer) > 0);
  closeSync(file);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2;
}
