/** The fuzzer itself: an input follows from its seed and number, and one alone can be repeated. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

const HASHES = `
  import { createHash } from 'node:crypto';
  import { inputOf, KIND_NAMES } from './scripts/fuzz/inputs.mjs';
  const hash = createHash('sha256');
  for (const kind of KIND_NAMES) for (let number = 0; number < 10; number++) hash.update(inputOf(1, number, kind).bytes);
  console.log(hash.digest('hex'));
`;

describe('the fuzzer', () => {
  it('makes the same inputs from the same seed', () => {
    const [first, second] = [0, 1].map(() => node('--input-type=module', '--eval', HASHES));
    expect(first?.stderr).toBe('');
    expect(first?.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(second?.stdout).toBe(first?.stdout);
  });

  it('repeats one input, says how many it saw, and ends with 0', () => {
    const { stdout, status, stderr } = node('scripts/fuzz.mjs', '--seed', '1', '--input', '3', '--seconds', '20');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^1 inputs, \d+ seconds, 0 faults \(seed 1\)\n$/);
    expect(status).toBe(0);
  });

  it('takes a seed that nobody had, says which, and finds nothing in a few seconds', () => {
    const { stdout, status } = node('scripts/fuzz.mjs', '--seed', 'new', '--seconds', '5');
    expect(stdout).toMatch(/^[1-9]\d* inputs, \d+ seconds, 0 faults \(seed \d+\)\n$/);
    expect(status).toBe(0);
  });

  it('says what it wants when it is asked for something else', () => {
    const { status, stderr } = node('scripts/fuzz.mjs', '--only', 'nothing');
    expect(status).toBe(2);
    expect(stderr).toContain('--only one of format, headers');
  });
});
