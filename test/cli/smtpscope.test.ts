/** The command as people and scripts meet it: the real binary, in a process of its own. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawControls } from '../support/hostile.ts';
import { schemaErrors } from '../support/schema.ts';

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const FOUNDING = fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url));
const ENV = { PATH: process.env.PATH, TERM: 'dumb' };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-cli-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(args: readonly string[], input?: Buffer, env: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [BIN, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...ENV, ...env },
    input: input ?? '',
    maxBuffer: 1 << 28,
  });
}

/** Exit status 2, nothing on standard output, one line on standard error: that line. */
function complaint(args: readonly string[], input?: Buffer): string {
  const { status, stdout, stderr } = run(args, input);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^smtpscope: [^\n]+\n$/);
  return stderr;
}

function inDirectory(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('the transcript', () => {
  it('is printed for a capture named alone, and for inspect', () => {
    const { status, stdout, stderr } = run([FOUNDING]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('S: 250-AUTH CRAM-MD5 LOGIN PLAIN\n');
    expect(stdout).toMatch(/C: QUIT\n +\^\^ error ehlo-quit-auth-offered: /);
    expect(stdout).toMatch(/\^\^ error drop-before-greeting: /);
    expect(stdout).toContain('Summary\n');
    expect(run(['inspect', FOUNDING]).stdout).toBe(stdout);
  });

  it('has colour only where it is wanted', () => {
    expect(rawControls(run([FOUNDING]).stdout)).toEqual([]);
    expect(run([FOUNDING, '--color', 'always']).stdout).toContain('\x1b[');
    expect(run([FOUNDING], undefined, { FORCE_COLOR: '1' }).stdout).toContain('\x1b[');
    expect(run([FOUNDING], undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\x1b');
  });

  it('shows times as asked', () => {
    expect(run([FOUNDING, '--time', 'clock']).stdout).toMatch(/13:17:23\.378 {2}C: EHLO local/);
    expect(run([FOUNDING, '--time', 'delta']).stdout).toMatch(/0\.003 {2}C: QUIT/);
  });
});

describe('records', () => {
  it('are valid in both formats, and the same', () => {
    const document = JSON.parse(run(['-f', 'json', FOUNDING]).stdout);
    expect(schemaErrors(document, 'document')).toEqual([]);
    expect(document.summary).toMatchObject({ sessions: 2, selected: 2 });
    const lines = run(['-f', 'ndjson', FOUNDING]).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([...document.sessions, document.summary]);
  });

  it('say which capture a turn is from where there are several', () => {
    const { sessions, summary } = JSON.parse(run(['-f', 'json', FOUNDING, FOUNDING]).stdout);
    expect(summary.captures).toHaveLength(2);
    expect(summary.sessions).toBe(4);
    expect(sessions.at(-1).dialogue[0].capture).toBe(1);
    expect(schemaErrors({ sessions, summary }, 'document')).toEqual([]);
  });
});

describe('selection', () => {
  const ids = (...args: string[]): number[] =>
    JSON.parse(run(['-f', 'json', FOUNDING, ...args]).stdout).sessions.map(({ id }: { id: number }) => id);

  it('takes sessions and never renumbers them', () => {
    expect(ids()).toEqual([1, 2]);
    expect(ids('--session', '2')).toEqual([2]);
    expect(ids('--session', '2', '--session', '1')).toEqual([1, 2]);
    expect(ids('--rule', 'drop-before-greeting')).toEqual([1]);
    expect(ids('--code', '221')).toEqual([2]);
    expect(ids('--host', '192.0.2.222')).toEqual([1, 2]);
    expect(ids('--host', '192.0.2.1')).toEqual([]);
    expect(ids('--flagged')).toEqual([1, 2]);
    expect(ids('--since', '2007-08-12T22:10:00+09:00')).toEqual([2]);
    expect(ids('--until', '2007-08-12T22:10:00+09:00')).toEqual([1]);
    expect(ids('--from', 'a')).toEqual([]);
  });

  it('counts what was selected', () => {
    const { summary } = JSON.parse(run(['-f', 'json', '--session', '1', FOUNDING]).stdout);
    expect(summary).toMatchObject({ sessions: 2, selected: 1, outcomes: { 'no-greeting': 1 } });
  });
});

describe('the exit status', () => {
  it('is 0 whatever was found, and 1 at or above --fail-on', () => {
    expect(run([FOUNDING]).status).toBe(0);
    expect(run(['--fail-on', 'error', FOUNDING]).status).toBe(1);
    expect(run(['--fail-on', 'critical', FOUNDING]).status).toBe(0);
    expect(run(['--fail-on', 'warning', '--host', '203.0.113.9', FOUNDING]).status).toBe(0);
  });

  it('is 0 where no SMTP is, with a hint', () => {
    const { status, stderr } = run(['-p', '26', FOUNDING]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^smtpscope: no session on port 26; --ports any [^\n]+\n$/);
    expect(run(['-q', '-p', '26', FOUNDING]).stderr).toBe('');
  });

  it('is 2 when one capture of several is bad, and the others are analysed', () => {
    const bad = inDirectory('bad.pcap', 'not a capture at all');
    const { status, stdout, stderr } = run(['-f', 'json', bad, FOUNDING]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^smtpscope: [^\n]*bad\.pcap: [^\n]+\n$/);
    const { sessions, summary } = JSON.parse(stdout);
    expect(sessions).toHaveLength(2);
    expect(summary.captures.map(({ name }: { name: string }) => name)).toEqual([FOUNDING]);
    expect(schemaErrors({ sessions, summary }, 'document')).toEqual([]);
  });

  it.each([1, 4, 10, 23])(
    'is 2, with the byte offset, for %i bytes of a capture, from a file and from a pipe',
    (length) => {
      const cut = readFileSync(FOUNDING).subarray(0, length);
      const where =
        length < 4
          ? /at byte offset 0/
          : new RegExp(`ends within the file header of a pcap, at byte offset ${length} of 24`);
      expect(complaint([inDirectory(`${length}.pcap`, cut)])).toMatch(where);
      expect(complaint(['-'], cut)).toMatch(where);
    },
  );

  it('is 0 with a warning for a capture cut in its last packet', () => {
    const cut = inDirectory('cut.pcap', readFileSync(FOUNDING).subarray(0, -10));
    const { status, stdout, stderr } = run(['-f', 'json', cut]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^smtpscope: warning: [^\n]*cut\.pcap: [^\n]+\n$/);
    expect(JSON.parse(stdout).summary.captures[0]).toMatchObject({ cutShort: true, packets: 19 });
  });
});

describe('what cannot be done is said in one line', () => {
  it.each([
    [['no-such.pcap'], /no-such\.pcap: .*no such file/],
    [[BIN], /smtpscope\.js: Not a packet capture: at byte offset 0/],
    [['--formt', 'json', FOUNDING], /unknown option '--formt' \(did you mean --format\?\)/],
    [['-f', 'xml', FOUNDING], /-f|format.*text, json, ndjson/],
    [['-f', 'xml', FOUNDING], /no such format: give one of text, json, ndjson/],
    [['--code', '55', FOUNDING], /--code: '55' is no reply code/],
    [['--body', 'half', FOUNDING], /--body half: /],
    [['--rule', 'ehlo-quit-auth-offerd', FOUNDING], /did you mean ehlo-quit-auth-offered\?/],
    [['explain', 'no-such-rule'], /there is no rule 'no-such-rule'/],
    [['explain'], /missing required argument/],
    [['live', 'eth-none'], /there is no interface eth-none; smtpscope interfaces lists/],
    [['-o', 'no/such/place', FOUNDING], /no such directory/],
    [['-', '-'], /only once/],
  ] as const)('%j', (args, sentence) => {
    expect(complaint(args)).toMatch(sentence);
    expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('without a name that acts on the terminal', () => {
    expect(rawControls(complaint(['\x1b[2J.pcap']))).toEqual([]);
  });

  it('is help, on standard error, when nothing was asked', () => {
    const { status, stdout, stderr } = run([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^usage: smtpscope <capture\.\.\.>/);
  });
});

describe('standard input', () => {
  it('is read as a file is, compressed too', () => {
    const records = (args: string[], input?: Buffer) =>
      run(['-f', 'ndjson', ...args], input)
        .stdout.replaceAll(FOUNDING, '-')
        .replaceAll('"name":"-"', '');
    const plain = records([FOUNDING]);
    const bytes = readFileSync(FOUNDING);
    expect(plain.split('\n')).toHaveLength(4);
    expect(records(['-'], bytes)).toBe(plain);
    expect(records(['-'], gzipSync(bytes))).toBe(plain);
  });

  it('that is empty or no capture is said', () => {
    expect(complaint(['-'])).toContain('standard input: ');
    expect(complaint(['-'], Buffer.from('GET / HTTP/1.0\r\n'))).toContain('standard input: Not a packet capture');
  });

  it('shows a dialogue while the stream still runs', async () => {
    const child = spawn(process.execPath, [BIN, '-'], { env: ENV, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8');
    const seen = new Promise<string>((resolve) => {
      let text = '';
      child.stdout.on('data', (piece: string) => {
        text += piece;
        if (text.includes('drop-before-greeting')) resolve(text);
      });
    });
    child.stdin.write(readFileSync(FOUNDING));
    expect(await seen).not.toContain('Summary');
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
  });
});

describe('a closed pipe', () => {
  it.each(['text', 'json', 'ndjson'])('ends %s quietly with 0', (format) => {
    const many = Array.from({ length: 400 }, () => FOUNDING).join(' ');
    const script = `"${process.execPath}" "${BIN}" -f ${format} ${many} | head -c 10 >/dev/null; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: ENV });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });

  it('does so for help as well', () => {
    const script = `"${process.execPath}" "${BIN}" --help | true; echo \${PIPESTATUS[0]}`;
    expect(spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: ENV })).toMatchObject({
      stdout: '0\n',
      stderr: '',
    });
  });
});

describe('a file of output', () => {
  it('is what standard output would be, of mode 0600, and is never overwritten unasked', () => {
    const path = join(directory, 'report.txt');
    const asked = ['-o', path, FOUNDING];
    expect(run(asked)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(path, 'utf8')).toBe(run([FOUNDING]).stdout);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(complaint(asked)).toContain('--force');
    expect(run(['--force', ...asked]).status).toBe(0);
  });

  it('does not appear when nothing could be read', () => {
    complaint(['-o', 'nothing.txt', 'no-such.pcap']);
    expect(existsSync(join(directory, 'nothing.txt'))).toBe(false);
    expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that cannot take it is said', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [BIN, FOUNDING], {
      encoding: 'utf8',
      env: ENV,
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^smtpscope: standard output: cannot be written: no space [^\n]+\n$/);
  });
});

describe('rules and explain', () => {
  it('list and explain', () => {
    const { status, stdout } = run(['rules']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ehlo-quit-auth-offered +error +\S/m);
    const explained = run(['explain', 'ehlo-quit-auth-offered']);
    expect(explained.status).toBe(0);
    expect(explained.stdout).toContain('libsasl2-modules');
    expect(explained.stdout).toContain('rfc4954');
  });
});

describe('--version', () => {
  it('is that of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    for (const option of ['--version', '-V']) expect(run([option]).stdout).toBe(`smtpscope ${version}\n`);
    expect(run(['inspect', '--help']).stdout).toContain('--fail-on <severity>');
  });
});
