import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClosedPipe } from '../../../src/cli/complaint.ts';
import { FlowingOutput } from '../../../src/cli/live/flowing-output.ts';

let directory: string;
let reader: number;
let writer: number;
let held: boolean[];
let errors: unknown[];
let output: FlowingOutput;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-flowing-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  held = [];
  errors = [];
  output = new FlowingOutput(
    writer,
    (isFull) => held.push(isFull),
    (error) => errors.push(error),
  );
});
afterEach(() => {
  output.abandon();
  closeSync(writer);
  if (reader >= 0) closeSync(reader);
  rmSync(directory, { recursive: true });
});

/** What lies in the pipe. */
function taken(): string {
  const parts: string[] = [];
  const bytes = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      const length = readSync(reader, bytes);
      if (length === 0) return parts.join('');
      parts.push(bytes.toString('latin1', 0, length));
    } catch {
      return parts.join('');
    }
  }
}

const LINE = `${'x'.repeat(99)}\n`;

describe('output to a pipe', () => {
  it('is there when it is flushed', () => {
    output.write('one\n');
    output.write(Buffer.from('two\n'));
    expect(taken()).toBe('');
    output.flush();
    expect(taken()).toBe('one\ntwo\n');
  });

  it('does not wait for a reader who takes nothing, and comes in order when he does', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i} ${LINE}`);
    for (const line of lines) output.write(line);
    output.write('y'.repeat(100_000));
    output.flush();
    expect(held).toEqual([true]);
    let all = '';
    for (const due = Date.now() + 20_000; all.length < lines.join('').length + 100_000 && Date.now() < due; ) {
      all += taken();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(all === `${lines.join('')}${'y'.repeat(100_000)}`).toBe(true);
    expect(held).toEqual([true, false]);
    expect(errors).toEqual([]);
  });

  it('says what was not taken in the time that there was', () => {
    for (let i = 0; i < 5_000; i++) output.write(LINE);
    const left = output.drain(20);
    expect(left).toBe(5_000 * LINE.length - taken().length);
    expect(left).toBeGreaterThan(0);
  });

  it('keeps what comes last for a reader who is slow, without cutting a line', () => {
    for (let i = 0; i < 5_000; i++) output.write(LINE);
    output.drain(0);
    const before = taken();
    const lost = output.discard();
    expect(lost).toBeGreaterThan(300_000);
    output.write('the end\n');
    let after = '';
    for (let i = 0; i < 100 && !after.endsWith('the end\n'); i++) {
      output.drain(0);
      after += taken();
    }
    expect(before.length + after.length + lost).toBe(5_000 * LINE.length + 8);
    expect(new Set((before + after).split('\n'))).toEqual(new Set(['x'.repeat(99), 'the end', '']));
  });

  it('waits longer for a reader who takes some', () => {
    for (let i = 0; i < 5_000; i++) output.write(LINE);
    const reading = spawn('cat', [], { stdio: [reader, 'ignore', 'ignore'] });
    const ended = new Promise((resolve) => reading.once('close', resolve));
    expect(output.drain(0, 20_000)).toBe(0);
    reading.kill('SIGTERM');
    return ended;
  });

  it('ends when nobody reads any more', async () => {
    for (let i = 0; i < 5_000; i++) output.write(LINE);
    output.flush();
    closeSync(reader);
    reader = -1;
    for (let i = 0; errors.length === 0 && i < 500; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(errors[0]).toBeInstanceOf(ClosedPipe);
    expect(() => output.drain(10)).toThrow(ClosedPipe);
  });
});
