import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';

const loader = new URL('../../dist/cli/load-program.js', import.meta.url);

/** In a process of its own: V8 compares the flags too, and loading sets them. */
const inProcess = (code: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { BYTECODE, PROGRAM, loadProgram } from '${loader.href}';\n${code}`],
    {
      encoding: 'utf8',
    },
  );

describe('the script and its bytecode', () => {
  it('belong to one build: the V8 that made the bytecode takes it', () => {
    const { stdout, stderr } = inProcess('console.log(loadProgram().script.cachedDataRejected);');
    expect(stderr).toBe('');
    expect(stdout).toBe('false\n');
  });

  it('bytecode of another V8, or a broken one, is passed over without a word', () => {
    const { stdout, stderr } = inProcess(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...rest) => {
        const bytes = read(path, ...rest);
        if (path.href === BYTECODE.href) bytes.fill(7, 0, 64);
        return bytes;
      };
      syncBuiltinESMExports();
      const { main, script } = loadProgram();
      console.log(script.cachedDataRejected);
      process.exitCode = await main(['rules', 'quit-without-mail']);
    `);
    expect(stderr).not.toContain('Error');
    expect(stdout.split('\n')[0]).toBe('true');
  });

  it('is ASCII, since it is read as octets, and imports nothing by itself', () => {
    const program = readFileSync(fileURLToPath(new URL('../../dist/program/main.cjs', import.meta.url)), 'latin1');
    expect(/[^\0-\x7f]/.exec(program)).toBeNull();
    expect(program).not.toMatch(/\bimport\(/);
    expect(() => new Script(program)).not.toThrow();
  });
});
