/** `--write` as people meet it: the real binary, in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/requirements.ts';

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const FOUNDING = fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url));

const root = mkdtempSync(join(tmpdir(), 'smtpscope-write-'));
let directory: string;
let temporary: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'run-'));
  temporary = join(directory, 'tmp');
  mkdirSync(temporary);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const environment = () => ({ PATH: process.env.PATH, TERM: 'dumb', TMPDIR: temporary });

function run(args: readonly string[], input: Buffer | '' = '') {
  return spawnSync(process.execPath, [BIN, ...args], { cwd: directory, encoding: 'utf8', env: environment(), input });
}

describe('--write', () => {
  it('says how much it wrote, and that secrets are in it, even with -q', () => {
    const { status, stderr } = run(['-q', '--session', '2', '--write', 'out.pcapng', FOUNDING]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'smtpscope: out.pcapng: 14 packets of 1 session, byte for byte: passwords and messages that were sent readable are readable in it\n',
    });
    expect(statSync(join(directory, 'out.pcapng')).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).sort()).toEqual(['out.pcapng', 'tmp']);
  });

  it('gives Wireshark the findings as comments', (context) => {
    needs(context, 'tshark');
    run(['--session', '2', '--write', 'out.pcapng', FOUNDING]);
    const { stdout } = spawnSync(
      'tshark',
      ['-r', 'out.pcapng', '-T', 'fields', '-e', 'frame.number', '-e', 'frame.comment', '-Y', 'frame.comment'],
      { cwd: directory, encoding: 'utf8' },
    );
    expect(stdout).toMatch(/^1\tsmtpscope: session 2: After EHLO/m);
    expect(stdout).toMatch(/^9\tsmtpscope: error ehlo-quit-auth-offered \(certain\): After EHLO/m);
  });

  it('writes what came on standard input, and leaves no copy of it behind', () => {
    const { status } = run(['--write', 'out.pcapng', '-'], readFileSync(FOUNDING));
    expect(status).toBe(0);
    const again = run(['-f', 'json', 'out.pcapng']);
    expect(JSON.parse(again.stdout).summary).toMatchObject({ sessions: 2, captures: [{ packets: 20 }] });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves neither a copy nor half a file behind when it is interrupted', async () => {
    const child = spawn(process.execPath, [BIN, '--write', 'out.pcapng', '-'], { cwd: directory, env: environment() });
    child.stdin.write(readFileSync(FOUNDING));
    await expect.poll(() => readdirSync(temporary).length, { timeout: 20_000 }).toBe(1);
    const [spool] = readdirSync(temporary);
    const path = join(temporary, spool as string, 'capture');
    await expect.poll(() => existsSync(path) && statSync(path).size, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    child.kill('SIGTERM');
    const signal = await new Promise((resolve) => child.once('exit', (_, name) => resolve(name)));
    expect(signal).toBe('SIGTERM');
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(directory)).toEqual(['tmp']);
  });

  it('refuses what is there, an input, and the name that -o has; nothing is changed', () => {
    writeFileSync(join(directory, 'there.pcapng'), 'old');
    writeFileSync(join(directory, 'in.pcap'), readFileSync(FOUNDING));
    for (const [args, words] of [
      [['--write', 'there.pcapng', FOUNDING], 'is already there'],
      [['--force', '--write', 'in.pcap', 'in.pcap'], 'is one of the captures to be read'],
      [['-o', 'x', '--write', './x', FOUNDING], 'is named as two outputs'],
      [[''], 'the name of a file is empty'],
      [['-o', '', FOUNDING], 'the name of a file is empty'],
      [['--eml', 'there.pcapng', FOUNDING], 'is no directory'],
    ] as const) {
      const { status, stdout, stderr } = run(args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(words);
      expect(stderr.trimEnd()).not.toContain('\n');
    }
    expect(readFileSync(join(directory, 'there.pcapng'), 'utf8')).toBe('old');
    expect(readdirSync(directory).sort()).toEqual(['in.pcap', 'there.pcapng', 'tmp']);
    expect(run(['--force', '--write', 'there.pcapng', FOUNDING]).status).toBe(0);
    expect(statSync(join(directory, 'there.pcapng')).size).toBeGreaterThan(1000);
  });

  it('writes nothing where no input is a capture', () => {
    writeFileSync(join(directory, 'text'), 'this is no capture at all, only a text');
    expect(run(['--write', 'out.pcapng', 'text']).status).toBe(2);
    expect(existsSync(join(directory, 'out.pcapng'))).toBe(false);
  });
});

describe('--share', () => {
  it('writes a capture in which the same is wrong, and says what was replaced', () => {
    const { status, stderr } = run(['-q', '--session', '2', '--share', 'shared.pcapng', FOUNDING]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'smtpscope: shared.pcapng: 14 packets of 1 session, addresses, names, credentials and messages replaced; look through it before you post it\n',
    });
    const [session] = JSON.parse(run(['-f', 'json', 'shared.pcapng']).stdout).sessions;
    expect(session.findings.map(({ rule }: { rule: string }) => rule)).toContain('ehlo-quit-auth-offered');
    expect(readFileSync(join(directory, 'shared.pcapng'), 'latin1')).not.toContain('222.222.222.222');
  });

  it('can stand beside --write, of standard input too', () => {
    const args = ['--write', 'all.pcapng', '--share', 'shared.pcapng', '-'];
    const { status, stderr } = run(args, readFileSync(FOUNDING));
    expect(status).toBe(0);
    expect(stderr.match(/: 20 packets of 2 sessions,/g)).toHaveLength(2);
    expect(readdirSync(directory).sort()).toEqual(['all.pcapng', 'shared.pcapng', 'tmp']);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is not for live', () => {
    const { status, stderr } = run(['live', 'lo', '--share', 'shared.pcapng']);
    expect(status).toBe(2);
    expect(stderr).toContain('live does not share');
  });
});
