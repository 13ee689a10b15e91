/** Ctrl-C while a capture arrives on standard input: the real binary, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const capture = readFileSync(fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url)));
/** Within a packet of the second session. */
const HALF = 1_500;

let directory: string;
let temporary: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-stdin-'));
  temporary = join(directory, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Reading {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** A run that has read half of the capture. It copies what it reads: by that it is seen. */
async function halfRead(): Promise<Reading> {
  const child = spawn(process.execPath, [BIN, '--write', 'out.pcapng', '-'], {
    cwd: directory,
    env: { PATH: process.env.PATH, TERM: 'dumb', TMPDIR: temporary },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
    });
  }
  child.stdin.on('error', () => {});
  const ended = new Promise<Awaited<Reading['ended']>>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, ...said }));
  });
  child.stdin.write(capture.subarray(0, HALF));
  const copied = (): number => {
    const [spool] = readdirSync(temporary);
    const path = join(temporary, spool ?? '', 'capture');
    return spool !== undefined && existsSync(path) ? statSync(path).size : 0;
  };
  await expect.poll(copied, { timeout: 20_000 }).toBe(HALF);
  return { child, ended };
}

describe('Ctrl-C while a capture arrives', () => {
  it('waits for the last packets of the other program, and ends with the summary', async () => {
    const { child, ended } = await halfRead();
    child.kill('SIGINT');
    child.stdin?.end(capture.subarray(HALF));
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n\nSummary\n[\s\S]*\n {2}2 sessions: [\s\S]* 20 packets/);
    expect(stderr).toMatch(/^smtpscope: out\.pcapng: 20 packets of 2 sessions, [^\n]*\n$/);
    expect(readdirSync(directory).sort()).toEqual(['out.pcapng', 'tmp']);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('does not wait for one that goes on, and says so', async () => {
    const { child, ended } = await halfRead();
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n\nSummary\n/);
    expect(stderr).toMatch(/^smtpscope: standard input had not ended when the run was: what was still to come/);
  });

  it('ends it at once when it is pressed again, and leaves nothing behind', { retry: 2 }, async () => {
    const { child, ended } = await halfRead();
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { signal, stdout } = await ended;
    expect(signal).toBe('SIGINT');
    expect(stdout).not.toContain('Summary');
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(directory)).toEqual(['tmp']);
  });
});
