/** docs/examples is what the program writes, and docs/outputs.md shows excerpts of it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the examples are those that the program writes: node scripts/examples.mjs', () => {
  const script = fileURLToPath(new URL('../scripts/examples.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
