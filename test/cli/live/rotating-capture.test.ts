import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { type CommentedPacket, RotatingCapture } from '../../../src/cli/live/rotating-capture.ts';
import { needs } from '../../support/requirements.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-rotate-'));
  path = join(directory, 'mail.pcapng');
});
afterEach(() => rmSync(directory, { recursive: true }));

const there = (): string[] => readdirSync(directory).sort();

function packets(count: number, fill: string): CommentedPacket[] {
  return Array.from({ length: count }, () => ({
    bytes: Buffer.alloc(1_000, fill),
    meta: { ...newPacketMeta(), linkType: 1, timeUs: 1_795_504_066_942_032, originalLength: 1_000 },
    comments: [],
  }));
}

/** What the packets of a file are filled with. */
function filling(name: string): string {
  return [...new Set(readFileSync(join(directory, name), 'latin1').match(/([a-z])\1{999}/g) ?? [])]
    .map((run) => run[0])
    .join('');
}

describe('captures of a run that goes on', () => {
  it('take no more room than they may, newest first', () => {
    const capture = new RotatingCapture(path, false, { fileBytes: 12_000, files: 3 });
    capture.open();
    for (const letter of 'abcdefgh') capture.write(packets(5, letter));
    capture.close(true);
    expect(there()).toEqual(['mail.1.pcapng', 'mail.2.pcapng', 'mail.pcapng']);
    expect(['mail.pcapng', 'mail.1.pcapng', 'mail.2.pcapng'].map(filling)).toEqual(['gh', 'ef', 'cd']);
    expect(capture.removed).toBe(1);
    for (const name of there()) {
      expect(statSync(join(directory, name)).size).toBeLessThan(12_000);
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('are whole captures each, at any time', (context) => {
    needs(context, 'tcpdump');
    const capture = new RotatingCapture(path, false, { fileBytes: 12_000, files: 3 });
    capture.open();
    for (const letter of 'abc') capture.write(packets(5, letter));
    const counts = there().map((name) => {
      const { stdout, stderr } = spawnSync('tcpdump', ['-nr', join(directory, name)], { encoding: 'utf8' });
      expect(stderr).not.toMatch(/truncated|bad/);
      return stdout
        .trimEnd()
        .split('\n')
        .filter((line) => /^\d\d:/.test(line)).length;
    });
    expect(counts).toEqual([10, 5]);
    capture.close(true);
  });

  it('hold a session that is larger than a file in several', () => {
    const capture = new RotatingCapture(path, false, { fileBytes: 5_500, files: 10 });
    capture.open();
    capture.write(packets(12, 'x'));
    capture.close(true);
    expect(there()).toHaveLength(3);
    for (const name of there()) expect(statSync(join(directory, name)).size).toBeLessThan(6_000);
  });

  it('may be one that begins anew', () => {
    const capture = new RotatingCapture(path, false, { fileBytes: 6_000, files: 1 });
    capture.open();
    for (const letter of 'abc') capture.write(packets(5, letter));
    capture.close(true);
    expect(there()).toEqual(['mail.pcapng']);
    expect(filling('mail.pcapng')).toBe('c');
  });

  it('replace nothing that was there, unless they may', () => {
    writeFileSync(join(directory, 'mail.2.pcapng'), 'mine');
    const open = (force: boolean) => new RotatingCapture(path, force, { fileBytes: 6_000, files: 3 }).open();
    expect(() => open(false)).toThrow(/mail\.2\.pcapng: is already there; .*--force/);
    expect(there()).toEqual(['mail.2.pcapng']);
    open(true);
    expect(there()).toEqual(['mail.pcapng']);
  });

  it('never replace what is no file', () => {
    symlinkSync('/etc/hostname', path);
    mkdirSync(join(directory, 'other.1'));
    for (const target of [path, join(directory, 'other'), '/dev/null']) {
      const capture = new RotatingCapture(target, true, { fileBytes: 6_000, files: 3 });
      expect(() => capture.open()).toThrow(/is no file; --write makes files, and replaces nothing else/);
    }
  });

  it('leave nothing where nothing was written', () => {
    const capture = new RotatingCapture(path, false, { fileBytes: 6_000, files: 3 });
    capture.open();
    capture.close(false);
    expect(there()).toEqual([]);
  });
});
