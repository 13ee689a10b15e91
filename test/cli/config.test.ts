import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Complaint } from '../../src/cli/complaint.ts';
import { applyConfig } from '../../src/cli/config.ts';
import { commandLine } from '../../src/cli/program.ts';
import { needs } from '../support/requirements.ts';

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const FOUNDING = fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-config-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TERM: 'dumb', HOME: directory, ...env },
  });
  return { status, stdout, stderr };
}

function file(content: string): string {
  writeFileSync(join(directory, 'config.json'), content);
  return 'config.json';
}

/** What `inspect` says of this file. */
function complaint(content: string): string {
  const program = commandLine();
  const inspect = program.commands[0] as Command;
  inspect.setOptionValue('config', join(directory, file(content)));
  try {
    applyConfig(inspect, program);
  } catch (error) {
    expect(error).toBeInstanceOf(Complaint);
    return (error as Error).message;
  }
  return '';
}

describe('--config', () => {
  it('gives defaults of every kind', () => {
    const path = file('{ "format": "ndjson", "fail-on": "error" }');
    const { status, stdout } = run(['--config', path, FOUNDING]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout.split('\n')[0] as string)).toMatchObject({ type: 'session', id: 1 });
    const records = (content: string): number[] =>
      JSON.parse(run(['--config', file(content), '-f', 'json', FOUNDING]).stdout).sessions.map(
        ({ id }: { id: number }) => id,
      );
    expect(records('{ "code": 221 }')).toEqual([2]);
    expect(records('{ "code": ["221", 550] }')).toEqual([2]);
    expect(records('{ "ports": [26, 2525] }')).toEqual([]);
    expect(records('{ "ports": "26,25" }')).toEqual([1, 2]);
    expect(records('{ "rule": ["drop-before-greeting"], "flagged": true, "progress": false }')).toEqual([1]);
    expect(records('\ufeff{}')).toEqual([1, 2]);
  });

  it('gives way to the command line', () => {
    const path = file('{ "code": 550, "format": "json", "color": "always" }');
    const { stdout } = run(['--config', path, '--code', '221', '-f', 'text', '--color', 'never', FOUNDING]);
    expect(stdout).toMatch(/^#2 /);
  });

  it('is of use to other commands, as far as they have its options', () => {
    mkdirSync(join(directory, '.config/smtpscope'), { recursive: true });
    writeFileSync(join(directory, '.config/smtpscope/config.json'), '{ "color": "always", "fail-on": "error" }');
    expect(run(['rules']).stdout).toContain('\x1b[');
    expect(run(['rules', '--color', 'never']).stdout).not.toContain('\x1b[');
    expect(run([FOUNDING]).status).toBe(1);
    expect(run([FOUNDING, '--no-config']).status).toBe(0);
    expect(run([FOUNDING, '--config', '/dev/null'])).toMatchObject({ status: 2 });
    expect(run(['-v', '-o', '/dev/null', FOUNDING]).stderr).toContain('config.json: defaults of color, fail-on\n');
    rmSync(join(directory, '.config'), { recursive: true });
  });

  it('is looked for in XDG_CONFIG_HOME, which must be an absolute path', () => {
    mkdirSync(join(directory, 'xdg/smtpscope'), { recursive: true });
    writeFileSync(join(directory, 'xdg/smtpscope/config.json'), '{ "fail-on": "error" }');
    expect(run([FOUNDING], { XDG_CONFIG_HOME: join(directory, 'xdg') }).status).toBe(1);
    expect(run([FOUNDING], { XDG_CONFIG_HOME: 'xdg' }).status).toBe(0);
    expect(run([FOUNDING], { XDG_CONFIG_HOME: join(directory, 'nowhere') }).status).toBe(0);
  });

  it.each([
    ['{ "failOn": "error" }', /"failOn": there is no such option \(did you mean "fail-on"\?\)/],
    ['{ "colour": "never" }', /"colour": there is no such option \(did you mean "color"\?\)/],
    ['{ "everything": 1 }', /"everything": there is no such option; smtpscope --help lists them/],
    ['{ "constructor": 1 }', /"constructor": there is no such option/],
    ['{ "fail-on": "eror" }', /"fail-on": 'eror' is no severity: give one of critical/],
    ['{ "format": "xml" }', /"format": there is no such format: give one of text/],
    ['{ "body": "half" }', /"body": Allowed choices are none, headers, full/],
    ['{ "ports": [0] }', /"ports": '0' is no port/],
    ['{ "ports": [] }', /"ports": give one value/],
    ['{ "format": ["json", "text"] }', /"format": give one value/],
    ['{ "flagged": "yes" }', /"flagged": give true or false/],
    ['{ "code": { "a": 1 } }', /"code": give a text, a number or a list of them/],
    ['{ "reveal": true }', /"reveal": can be given on the command line alone/],
    ['{ "output": "a" }', /"output": can be given on the command line alone/],
    ['{ "config": "b.json" }', /"config": can be given on the command line alone/],
    ['[]', /give an object with the names of options/],
    ['{\n  "format": "json",\n}', /line 3: not JSON: /],
    ['', /line 1: not JSON: /],
  ])('refuses %j', (content, words) => {
    const sentence = complaint(content);
    expect(sentence).toMatch(words);
    expect(sentence).toMatch(/^[^\n]*config\.json: [^\n]+$/);
  });

  it('refuses what has no end', () => {
    expect(run(['--config', '/dev/zero', FOUNDING])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'smtpscope: /dev/zero: has more than 65536 bytes: that is no file of defaults\n',
    });
  });

  it('passes over the home of somebody else, which the environment still names', (context) => {
    needs(context, 'root');
    const home = join(directory, 'closed');
    mkdirSync(home, { mode: 0o700 });
    chmodSync(directory, 0o755);
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, BIN];
    const { status, stderr } = spawnSync('setpriv', [...asNobody, 'rules'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TERM: 'dumb', HOME: home },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // One's own that cannot be read is not passed over.
    chownSync(home, 65_534, 65_534);
    chmodSync(home, 0);
    const own = spawnSync('setpriv', [...asNobody, 'rules'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TERM: 'dumb', HOME: home },
    });
    expect(own.stderr).toMatch(/config\.json: cannot be read: permission denied .*--no-config/);
    chmodSync(home, 0o700);
  });

  it('refuses a file that cannot be read, when it was named', () => {
    expect(run(['--config', 'none.json', FOUNDING])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'smtpscope: none.json: cannot be read: there is no such file\n',
    });
    expect(run(['--config', '.', FOUNDING]).stderr).toContain('it is a directory');
  });
});
