/** A capture that arrives while it is being made: the real binary, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRunning } from '../../src/cli/running-stream.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { tcpPacket } from '../support/packet-bytes.ts';
import { type CapturedPacket, pcapFile } from '../support/pcap-bytes.ts';
import type { Segment } from '../support/segments.ts';

vi.setConfig({ testTimeout: 60_000 });

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const ENV = { PATH: process.env.PATH, TERM: 'dumb' };
const RAW_IP = 101;
const ISN = { client: 1_000, server: 50_000 };
const DIALOGUE = segmentsOf('S: 220 mx.example\nC: QUIT\nS: 221 bye');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-stream-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function packetOf({ from, flags, seq, ack, payload }: Segment, timeUs: number): CapturedPacket {
  const [src, dst, sport, dport] =
    from === 'client' ? ['192.0.2.7', '192.0.2.25', 40_000, 25] : ['192.0.2.25', '192.0.2.7', 25, 40_000];
  const other = from === 'client' ? 'server' : 'client';
  const numbers = { seq: ISN[from] + seq, ack: flags.includes('A') ? ISN[other] + ack : 0 };
  return {
    data: tcpPacket({ src: `${src}`, dst: `${dst}`, sport: +sport, dport: +dport, flags, payload, ...numbers }),
    timeUs,
  };
}

/** A dialogue, and `secondsLater` its last packet once more. */
function capture(startUs: number, secondsLater: number | null): Buffer {
  const packets = DIALOGUE.map((segment, i) => packetOf(segment, startUs + i * 1_000));
  const last = DIALOGUE.at(-1) as Segment;
  if (secondsLater !== null) packets.push(packetOf(last, startUs + secondsLater * 1e6));
  return pcapFile(packets, { linkType: RAW_IP });
}

const now = (): number => Date.now() * 1000;

it('runs where its first packet is as old as two clocks differ', () => {
  expect(isRunning(1_700_000_000_000_000, 1_700_000_009_000)).toBe(true);
  expect(isRunning(1_700_000_000_000_000, 1_699_999_991_000)).toBe(true);
  expect(isRunning(1_700_000_000_000_000, 1_700_000_011_000)).toBe(false);
  expect(isRunning(Number.NaN, 1_700_000_000_000)).toBe(false);
});

describe('a straggler 1.2 seconds behind the close', () => {
  function packets(stdin: Buffer | number, args: readonly string[] = []): number {
    const { stdout, stderr } = spawnSync(process.execPath, [BIN, '-f', 'ndjson', ...args, '-'], {
      env: ENV,
      encoding: 'utf8',
      ...(typeof stdin === 'number' ? { stdio: [stdin, 'pipe', 'pipe'] } : { input: stdin }),
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout.split('\n')[0] as string).frames.count;
  }

  it('comes too late for a stream that runs, unless it is told to wait', () => {
    expect(packets(capture(now(), 1.2))).toBe(DIALOGUE.length);
    expect(packets(capture(now(), 1.2), ['--limit', 'lingerUs=2s'])).toBe(DIALOGUE.length + 1);
  });

  it('is of its session where the capture was made before, or is a file', () => {
    expect(packets(capture(now() - 60e6, 1.2))).toBe(DIALOGUE.length + 1);
    const path = join(directory, 'new.pcap');
    writeFileSync(path, capture(now(), 1.2));
    const file = openSync(path, 'r');
    expect(packets(file)).toBe(DIALOGUE.length + 1);
    closeSync(file);
  });
});

it('tells a session about a second after its end, while the stream goes on', { retry: 2 }, async () => {
  const child = spawn(process.execPath, [BIN, '-'], { env: ENV });
  try {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdin.write(capture(now(), null));
    const writtenMs = performance.now();
    await expect.poll(() => said, { timeout: 10_000, interval: 20 }).toMatch(/QUIT/);
    expect(performance.now() - writtenMs).toBeLessThan(1_900);
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
    expect(said).toMatch(/Summary/);
  } finally {
    child.kill();
  }
});
