/** Help, completion, the manual page and mistyped names: all from one model, and each as its reader meets it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { completionScript } from '../../src/cli/commands/completion.ts';
import { nearest } from '../../src/cli/nearest.ts';
import { commandLine, HABITS } from '../../src/cli/program.ts';
import { needs } from '../support/requirements.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'bin/smtpscope.js');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-help-'));
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    writeFileSync(join(directory, `completion.${shell}`), completionScript(commandLine(), shell));
  }
  writeFileSync(join(directory, 'a capture.pcap'), '');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory, TERM: 'dumb' },
  });
  return { status, stdout, stderr };
}

/** What `command --help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
  });
  command.outputHelp();
  return text;
}

describe('help', () => {
  const program = commandLine();
  const pages = [program, ...program.commands].map((command) => [command.name(), helpOf(command)] as const);

  it.each(pages)('of %s fits 80 columns', (_name, text) => {
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^Usage: /);
  });

  it('has only examples that the command line takes', async () => {
    const lines = pages.flatMap(([, text]) =>
      text.split('\n').filter((line) => /^ {4}(?:sudo )?smtpscope /.test(line)),
    );
    const texts = [...new Set(lines.map((line) => line.trim().replace(/^sudo /, '')))];
    expect(texts.length).toBeGreaterThan(15);
    vi.stubEnv('XDG_CONFIG_HOME', directory);
    for (const text of texts) {
      const words = [...text.replace(/ (?:\||\|\||>) .*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, bare]) => quoted ?? bare ?? '',
      );
      const tried = commandLine();
      const asked: string[] = [];
      for (const command of tried.commands) command.action(() => void asked.push(command.name()));
      await tried.parseAsync(words.slice(1), { from: 'user' });
      expect(asked, text).toHaveLength(1);
    }
  });

  it('says what an option takes, and what it takes by itself', () => {
    const text = pages[0]?.[1].replace(/\s+/g, ' ');
    expect(text).toContain('text (default), json, ndjson, markdown, html');
    expect(text).toContain('critical, error, warning, notice');
    expect(text).not.toContain('choices:');
  });
});

describe('the manual page', () => {
  it('is what the command line says', () => {
    expect(run(process.execPath, [join(ROOT, 'scripts/man-page.mjs'), '--check'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('names every option and every command, and is sound', (context) => {
    const page = readFileSync(join(ROOT, 'man/smtpscope.1'), 'utf8').replaceAll('\\-', '-');
    for (const command of commandLine().commands) {
      expect(page).toContain(command.name());
      for (const { long } of command.options) expect(page).toContain(`\\fB${long}\\fR`);
    }
    needs(context, 'mandoc');
    expect(run('mandoc', ['-T', 'lint', '-W', 'error', join(ROOT, 'man/smtpscope.1')])).toMatchObject({ status: 0 });
    expect(run('mandoc', ['-T', 'html', join(ROOT, 'man/smtpscope.1')]).stdout).toContain('id="SEE_ALSO"');
  });
});

/** Words typed so far, the last one unfinished, and what is offered. */
const OFFERS: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['li'], ['live']],
  [['-f', 'nd'], ['ndjson']],
  [['live', '--until-finding', 'e'], ['error']],
  [['explain', 'ehlo-quit-a'], ['ehlo-quit-auth-offered']],
  [['--rule', 'relay-d'], ['relay-denied']],
  [['--flag'], ['--flagged']],
  [['help', 'expl'], ['explain']],
  [['completion', 'z'], ['zsh']],
  [['--limit', 'window'], ['windowBytes=']],
  [['live', '--limit', 'idl'], ['idleUs=']],
];

describe('completion', () => {
  it.each(OFFERS)('in bash of %j', (words, offered) => {
    const script = `source completion.bash; COMP_WORDS=(smtpscope "$@"); COMP_CWORD=$#; _smtpscope; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = run('bash', ['--norc', '-c', script, 'bash', ...words]);
    expect({ offers: stdout.trim().split('\n'), stderr }).toEqual({ offers: offered, stderr: '' });
  });

  it('in bash of files with spaces, and of a value behind =', () => {
    const script = (words: string, current: number) =>
      `source completion.bash; COMP_WORDS=(smtpscope ${words}); COMP_CWORD=${current}; _smtpscope; printf '%s|' "\${COMPREPLY[@]}"`;
    expect(run('bash', ['--norc', '-c', script('"a ca"', 1)]).stdout).toBe('a capture.pcap|');
    expect(run('bash', ['--norc', '-c', script('--color = al', 3)]).stdout).toBe('always|');
    expect(run('bash', ['--norc', '-c', script('--limit = window', 3)]).stdout).toBe('windowBytes=|');
    expect(run('bash', ['--norc', '-c', script('--host ""', 2)]).stdout).toBe('|');
  });

  it.for(OFFERS)('in fish of %j', ([words, offered], context) => {
    needs(context, 'fish');
    const typed = ['smtpscope', ...words].join(' ');
    const { stdout } = run('fish', ['--no-config', '-c', `source completion.fish; complete -C '${typed}'`]);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(offered);
  });

  it('in zsh hands _arguments what the model has', (context) => {
    needs(context, 'zsh');
    expect(run('zsh', ['-n', 'completion.zsh'])).toEqual({ status: 0, stdout: '', stderr: '' });
    const told = (words: string, current: number) =>
      run('zsh', [
        '-f',
        '-c',
        `compdef() { }; _arguments() { print -rl -- "$words[1]" "$@" }; _describe() { print -rl -- $commands }; _files() { }
source ./completion.zsh; words=(${words}); CURRENT=${current}; _smtpscope`,
      ]).stdout;
    expect(told('smtpscope ""', 2)).toMatch(/^live:watch an interface/m);
    const live = told('smtpscope live -', 3);
    expect(live).toMatch(/^live\n/);
    expect(live).toContain('--until-finding[end with the first finding at or above it]:severity:(critical error');
    expect(live).toContain('\n*--rule[only sessions with this finding]:id:(');
    expect(live).toMatch(
      /\n\*--limit\[.+\]:name=value:\{compadd -S "" -- recordBytes= packetBytes= .*notTlsBytes= openBytes=\}\n/,
    );
    expect(told('smtpscope a.pcap -', 3)).toMatch(/\n\*:file:_files\n/);
  });
});

describe('mistyped names', () => {
  it.each([
    [['inspekt'], /inspekt: there is no such file and no such command; did you mean smtpscope inspect\?/],
    [['lvie'], /did you mean smtpscope live\?/],
    [['explain', 'relay-denid'], /did you mean relay-denied\?/],
    [['--flaged', 'a.pcap'], /did you mean --flagged\?/],
    [['explain', 'ehlo-quit'], /did you mean ehlo-quit-auth-offered or ehlo-quit-no-auth\?/],
    [['explain', 'TLS'], /did you mean \S+ or \S+ or \S+ or \S+ …\?/],
    [['--no-config', 'explain', 'x'], /explain: there is no such file; a command stands first: smtpscope explain …\n$/],
    [['completion', 'bsh'], /: 'bsh' is no shell\. Allowed choices are bash, zsh, fish; see/],
    [['-r', 'a.pcap'], /unknown option '-r': a capture is named without an option: smtpscope capture\.pcap; see/],
    [['--json', 'a.pcap'], /unknown option '--json': give -f json; see/],
  ])('%j', (args, words) => {
    const { status, stdout, stderr } = run(process.execPath, [BIN, ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });

  it('has no habit that an option contradicts', () => {
    const flags = commandLine().commands.flatMap(({ options }) => options.flatMap(({ short, long }) => [short, long]));
    for (const habit of Object.keys(HABITS)) expect(flags).not.toContain(habit);
  });

  it('are near, or nothing is suggested', () => {
    expect(nearest('abc', ['abd', 'xyz'], 1)).toBe('abd');
    expect(nearest('abc', ['xyz'], 2)).toBeNull();
    expect(nearest('', ['ab'], 2)).toBe('ab');
    expect(nearest('abc', [], 2)).toBeNull();
  });
});

describe('--version -v', () => {
  it('tells of Node and libpcap', () => {
    for (const args of [
      ['--version', '-v'],
      ['-v', '--version'],
    ]) {
      const { status, stdout } = run(process.execPath, [BIN, ...args]);
      expect(status).toBe(0);
      expect(stdout).toMatch(
        new RegExp(`^smtpscope \\S+\\nNode ${process.versions.node} .*\\nlibpcap (\\d|not available)`),
      );
    }
  });
});
