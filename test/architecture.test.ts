import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALL_RULES } from '../src/findings/index.ts';
import { importsOf, ROOMS, roomOf, violationsOf } from './support/architecture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFiles = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.tsx?$/.test(path),
);
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the rooms of src/', () => {
  it.each(sourceFiles)('%s keeps to its room', (path) => {
    expect(violationsOf(path, read(`src/${path}`))).toEqual([]);
  });

  it('have files, each of them', () => {
    const inhabited = new Set(sourceFiles.map(roomOf));
    expect(Object.keys(ROOMS).filter((room) => !inhabited.has(room))).toEqual([]);
  });

  it('leave no import unread', () => {
    for (const path of sourceFiles) {
      const source = read(`src/${path}`);
      const byLine = source.match(/^(?:import\b|export\b.*\bfrom '|\} from ').*/gm) ?? [];
      const multiLine = source.match(/^import(?: type)? \{$/gm) ?? [];
      expect(importsOf(source).length, path).toBeGreaterThanOrEqual(byLine.length - multiLine.length);
    }
  });
});

describe('the checker', () => {
  it.each([
    ['a room above', 'wire/tcp.ts', "import { Turn } from '../smtp/turn.ts';", 'wire does not import smtp/turn.ts'],
    ['a type of a room above', 'bytes/a.ts', "import type { Turn } from '../smtp/turn.ts';", 'bytes does not import'],
    ['a type written inline', 'wire/tcp.ts', "let turn: typeof import('../smtp/turn.ts');", 'wire does not import'],
    ['a re-export', 'tls/a.ts', "export { x } from '../smtp/turn.ts';", 'tls does not import smtp/turn.ts'],
    ['many lines', 'tls/a.ts', "import {\n  a,\n  b,\n} from '../wire/tcp.ts';", 'tls does not import wire/tcp.ts'],
    ['files', 'smtp/a.ts', "import { readFileSync } from 'node:fs';", 'smtp does not import node:fs'],
    ['files, by promise', 'report/a.ts', "import { open } from 'node:fs/promises';", 'report does not import node:fs'],
    ['another process', 'output/json/a.ts', "import 'node:child_process';", 'output/json does not import node:child'],
    ['the network', 'inspect.ts', "const net = await import('node:net');", 'inspect.ts does not import node:net'],
    ['a package elsewhere', 'output/json/a.ts', "import { Chalk } from 'chalk';", 'output/json does not import chalk'],
    ['cap in the cli', 'cli/a.ts', "const cap = await import('cap');", 'cli does not import cap'],
    [
      'the other medium',
      'output/json/a.ts',
      "import { a } from '../terminal/page.ts';",
      'does not import output/terminal',
    ],
    ['the cli', 'library.ts', "import { main } from './cli/main.ts';", 'library.ts does not import cli/main.ts'],
    ['more than types', 'smtp/a.ts', "import { f } from '../reassembly/transport-facts.ts';", 'imports only types'],
    ['more than types, inline', 'smtp/a.ts', "import { type A, f } from '../reassembly/connection.ts';", 'only types'],
    ['out of src', 'smtp/a.ts', "import { f } from '../../test/support/x.ts';", 'leads out of src/'],
    ['the clock', 'findings/a.ts', 'const now = Date.now();', 'uses the clock'],
    ['the date', 'findings/a.ts', 'const now = new Date();', 'uses the clock'],
    ['the environment', 'output/terminal/a.ts', 'if (process.env.NO_COLOR) x();', 'uses process'],
    ['a log', 'smtp/a.ts', 'console.log(line);', 'uses console'],
    ['a log in a template', 'smtp/a.ts', ['const a = `x$', '{console.log(1)}`;'].join(''), 'uses console'],
    ['a timer', 'reassembly/a.ts', 'setTimeout(flush, 100);', 'uses timers'],
    ['chance', 'reassembly/a.ts', 'const seed = Math.random();', 'uses chance'],
    ['a new folder', 'storage/a.ts', '', 'belongs to no room'],
  ])('objects to %s', (_what, path, source, words) => {
    expect(violationsOf(path, source).join('\n')).toContain(words);
  });

  it.each([
    ['types of a contract', 'smtp/a.ts', "import type { A } from '../reassembly/stream-listener.ts';"],
    ['types of a contract, inline', 'smtp/a.ts', "import { type A, type B } from '../reassembly/transport-facts.ts';"],
    ['types of a contract, re-exported', 'smtp/a.ts', "export type { A } from '../reassembly/transport-facts.ts';"],
    ['files where they are read', 'capture/source/a.ts', "import { open } from 'node:fs/promises';"],
    ['its own room', 'findings/rules/a.ts', "import { rfc } from '../rule.ts';"],
    ['what a sentence says', 'findings/a.ts', "const text = 'the process. starts'; // console.log(Date.now())"],
    ['a time from the capture', 'report/a.ts', 'return new Date(second * 1000).toISOString();'],
  ])('lets pass: %s', (_what, path, source) => {
    expect(violationsOf(path, source)).toEqual([]);
  });
});

describe('the rules', () => {
  const ruleFiles = readdirSync(join(root, 'src/findings/rules'));
  const ids = ALL_RULES.map(({ id }) => id);

  it('stand each in a file of its name, and every such file is in the list', () => {
    const inFiles = ruleFiles.map((name) => name.replace(/\.ts$/, ''));
    expect(inFiles.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !existsSync(join(root, `src/findings/rules/${id}.ts`)) && !isAcross(id))).toEqual([]);
  });

  it('have each a test of its name', () => {
    expect(
      ruleFiles.filter((name) => !existsSync(join(root, `test/findings/rules/${name.replace('.ts', '.test.ts')}`))),
    ).toEqual([]);
  });

  it('have ids of their own, and say why, how it may be harmless, and where it is written', () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of ALL_RULES) {
      expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(rule.title, rule.id).not.toBe('');
      expect(rule.explanation.length, rule.id).toBeGreaterThan(100);
      expect(rule.references.length, rule.id).toBeGreaterThan(0);
    }
  });
});

/** Rules that span sessions: a file may hold two that share a detector. */
function isAcross(id: string): boolean {
  return readdirSync(join(root, 'src/findings/across')).some((name) =>
    read(`src/findings/across/${name}`).includes(`id: '${id}'`),
  );
}
