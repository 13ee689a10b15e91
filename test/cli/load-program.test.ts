import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const explained = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url)), 'explain', 'ehlo-quit-auth-offered'],
  { encoding: 'utf8' },
).stdout;

describe('the script and its bytecode', () => {
  it('belong to one build: the V8 that made the bytecode takes it', () => {
    const { stdout, stderr } = inProcess('console.log(loadProgram().script.cachedDataRejected);');
    expect(stderr).toBe('');
    expect(stdout).toBe('false\n');
  });

  // V8 itself would run all of these but the first.
  it.each([
    ['another beginning', 'BYTECODE', 'bytes.fill(7, 32, 96)'],
    ['a bit in the middle', 'BYTECODE', 'bytes[bytes.length >> 1] ^= 1'],
    ['a bit near the end', 'BYTECODE', 'bytes[bytes.length - 9] ^= 64'],
    [
      'noise behind the header',
      'BYTECODE',
      'for (let i = 128; i < bytes.length; i++) bytes[i] = (i * 2654435761) >>> 13',
    ],
    ['nothing', 'BYTECODE', 'bytes = bytes.subarray(0, 0)'],
    ['half of it', 'BYTECODE', 'bytes = bytes.subarray(0, bytes.length >> 1)'],
    ['another script of the same length', 'PROGRAM', 'bytes[bytes.length - 1] = 0x20'],
  ])('is not used where it is not what the build wrote: %s', (_, file, change) => {
    const { stdout, stderr, status } = inProcess(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...rest) => {
        let bytes = read(path, ...rest);
        if (path.href === ${file}.href) ${change};
        return bytes;
      };
      syncBuiltinESMExports();
      const { main, script } = loadProgram();
      console.log(script.cachedDataRejected);
      process.exitCode = await main(['explain', 'ehlo-quit-auth-offered']);
    `);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [used, ...text] = stdout.split('\n');
    expect(used).toBe('undefined');
    expect(text.join('\n')).toBe(explained);
  });

  it('is ASCII, since it is read as octets, and imports nothing by itself', () => {
    const program = readFileSync(fileURLToPath(new URL('../../dist/program/main.cjs', import.meta.url)), 'latin1');
    expect(/[^\0-\x7f]/.exec(program)).toBeNull();
    expect(program).not.toMatch(/\bimport\(/);
    expect(() => new Script(program)).not.toThrow();
  });

  it('where nothing was built, one sentence says what to do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'smtpscope-test-'));
    try {
      cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(folder, 'bin'), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin/smtpscope.js'), 'mail.pcap'], {
        encoding: 'utf8',
      });
      expect(stderr).toMatch(/^smtpscope: .*main\.cjs is not there: run `npm ci && npm run build` first\.\n$/);
      expect(status).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
