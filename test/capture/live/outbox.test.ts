import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/capture/live/outbox.ts';

const RECORD = 1_000;
const MIB = 1 << 20;

let directory: string;
let path: string;
/** Both ends, so that the pipe is open and nobody reads. */
let fd: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-outbox-'));
  path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(fd);
  rmSync(directory, { recursive: true });
});

function put(outbox: Outbox, fill: number): void {
  const { bytes, at } = outbox.reserve();
  bytes.fill(fill, at, at + RECORD);
  outbox.commit(RECORD);
}

/** A process that reads what comes and says how much, and whether it came in order. */
async function read(bytes: number): Promise<string> {
  const script = `
    let seen = 0, inOrder = true, last = 0;
    process.stdin.on('data', (chunk) => {
      for (const byte of chunk) { if (byte !== last && byte !== (last + 1) % 256) inOrder = false; last = byte; }
      seen += chunk.length;
      if (seen >= ${bytes}) { console.log(seen, inOrder); process.exit(); }
    });`;
  const reader = spawn(process.execPath, ['-e', script], { stdio: [openSync(path, 'r'), 'pipe', 'inherit'] });
  let said = '';
  reader.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  await new Promise((resolve) => reader.once('close', resolve));
  return said.trim();
}

describe('packets on their way', () => {
  it('wait where nobody reads, and come in order when somebody does', async () => {
    const outbox = new Outbox(fd, 16 * MIB, RECORD);
    const count = 5_000;
    for (let i = 0; i < count; i++) put(outbox, Math.floor(i / 20) % 256);
    expect(outbox.pump()).toBe(false);
    expect(outbox.isEmpty).toBe(false);
    const reading = read(count * RECORD);
    while (!outbox.pump()) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(outbox.isEmpty).toBe(true);
    expect(await reading).toBe(`${count * RECORD} true`);
  });

  it('are as many as they may be: then the writer waits for the reader', async () => {
    const outbox = new Outbox(fd, MIB, RECORD);
    const reading = read(3_000 * RECORD);
    const begun = process.memoryUsage().rss;
    for (let i = 0; i < 3_000; i++) put(outbox, Math.floor(i / 20) % 256);
    outbox.flush();
    expect(await reading).toBe(`${3_000 * RECORD} true`);
    expect(process.memoryUsage().rss - begun).toBeLessThan(64 * MIB);
  });

  it('are given up with an error where nobody reads any more', () => {
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(fd);
    closeSync(reader);
    fd = writer;
    const outbox = new Outbox(writer, MIB, RECORD);
    put(outbox, 1);
    expect(() => outbox.pump()).toThrow(/EPIPE/);
  });
});
