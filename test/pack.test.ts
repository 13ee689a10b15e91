/**
 * The package as a stranger gets it: packed, installed into an empty folder without a network and without `cap`, run,
 * imported, and compiled against. The examples of docs/library.md are run there as they are printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOUNDING = join(ROOT, 'captures/founding-case-2007.pcap');
const MANUAL = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const { dependencies, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const MINUTES = 60_000;

let directory: string;
let packed: string[];

function run(command: string, args: readonly string[], input = ''): { status: number | null; stdout: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory, TERM: 'dumb', npm_config_offline: 'true' },
    input,
  });
  if (status === null || status > 2 || /npm error/.test(stderr)) throw new Error(`${command} ${args[0]}: ${stderr}`);
  return { status, stdout: stdout + stderr.replace(/^npm .*\n/gm, '') };
}

/** Packs a folder into ours; the name of the tarball and its files. `--ignore-scripts`: it is built already. */
function pack(folder: string): { filename: string; files: string[] } {
  const { stdout } = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory, folder]);
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return { filename, files: files.map(({ path }: { path: string }) => path) };
}

/** A code block of docs/library.md by its first words, and the block of its output where there is one. */
function example(name: string): { code: string; output: string | null } {
  const match = new RegExp(`\`\`\`js\n(// ${name}: [\\s\\S]*?)\`\`\`\n([^#]*?\`\`\`\n([\\s\\S]*?)\`\`\`)?`).exec(
    MANUAL,
  );
  if (match === null) throw new Error(`docs/library.md has no example ${name}`);
  return { code: match[1] as string, output: match[3] ?? null };
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-pack-'));
  const own = pack(ROOT);
  packed = own.files;
  // Where there is no registry, what it would give comes from our own node_modules.
  const others = Object.keys(dependencies).map((name) => pack(join(ROOT, 'node_modules', name)).filename);
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }');
  const tarballs = [own.filename, ...others].map((name) => `./${name}`);
  run('npm', ['install', '--offline', '--omit=optional', '--no-audit', '--no-fund', ...tarballs]);
}, 5 * MINUTES);
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('the package', () => {
  it('holds what it needs and nothing of the workshop', () => {
    for (const path of [
      'bin/smtpscope.js',
      'dist/index.d.ts',
      'dist/output/html/app.js',
      'man/smtpscope.1',
      'schema.json',
      'README.md',
      'LICENSE',
    ]) {
      expect(packed).toContain(path);
    }
    expect(packed.filter((path) => /^(?:src|test|captures|bench|scripts|\.)|tsbuildinfo/.test(path))).toEqual([]);
  });

  it('installs without a registry and without cap', () => {
    const installed = readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual([...Object.keys(dependencies), 'smtpscope'].sort());
  });

  it('runs as a command', () => {
    const command = join(directory, 'node_modules/.bin/smtpscope');
    expect(run(command, ['--version'])).toEqual({ status: 0, stdout: `smtpscope ${version}\n` });
    expect(run(command, ['--version', '-v']).stdout).toContain('libpcap not available');
    const { status, stdout } = run(command, ['--fail-on', 'error', FOUNDING]);
    expect(status).toBe(1);
    expect(stdout).toContain('ehlo-quit-auth-offered');
    expect(run(command, ['-f', 'html', '-o', 'report.html', FOUNDING]).status).toBe(0);
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    expect(run(command, ['live', 'lo']).stdout).toMatch(/cap/);
  });

  it('has types that a strict program compiles against', () => {
    mkdirSync(join(directory, 'typed'));
    writeFileSync(
      join(directory, 'typed/main.ts'),
      `import { type FindingRecord, inspect, inspectEach, type SessionRecord } from 'smtpscope';
const { sessions } = await inspect('a.pcap', { ports: 'any', body: 'full' });
const worst: FindingRecord | undefined = sessions[0]?.findings[0];
const code: number | null | undefined = sessions[0]?.dialogue[0]?.code;
export const ids: number[] = [];
await inspectEach(new Uint8Array(), (session: SessionRecord) => ids.push(session.id));
// @ts-expect-error: there is no such option.
await inspect('a.pcap', { port: 25 });
// @ts-expect-error: a rule is a text.
export const wrong: number = worst?.rule;
export { code };
`,
    );
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'false'];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    expect(run(join(ROOT, 'node_modules/.bin/tsc'), [...options, ...types, 'typed/main.ts'])).toEqual({
      status: 0,
      stdout: '',
    });
  });
});

describe('the examples of docs/library.md', () => {
  const runExample = (name: string, args: string[], input?: Buffer) => {
    const { code, output } = example(name);
    writeFileSync(join(directory, name), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [name, ...args], {
      cwd: directory,
      encoding: 'utf8',
      input: input ?? '',
    });
    return { status, stdout, stderr, output };
  };

  it.each(['first.mjs', 'packets.mjs'])('%s prints what stands below it', (name) => {
    const { status, stdout, stderr, output } = runExample(name, [FOUNDING]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(output);
  });

  it('gate.mjs ends with its three statuses', () => {
    const founding = runExample('gate.mjs', [], readFileSync(FOUNDING));
    expect(founding).toMatchObject({ status: 1, stderr: '' });
    expect(founding.stdout).toMatch(/^session 1: .+ left with QUIT .+\n$/);
    const healthy = join(ROOT, 'captures/healthy');
    const quiet = readdirSync(healthy).find((name) => /\.pcap/.test(name)) as string;
    expect(runExample('gate.mjs', [], readFileSync(join(healthy, quiet)))).toMatchObject({ status: 0, stdout: '' });
    const none = runExample('gate.mjs', [], Buffer.from('no capture at all'));
    expect(none).toMatchObject({ status: 2, stdout: '' });
    expect(none.stderr).toMatch(/^not-a-capture at byte 0: /);
  });
});
