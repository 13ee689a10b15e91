/** docs/findings-table.md: every rule has a dialogue that fires and one that stays quiet, and the page says which. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the table of rules is what tests and captures say: node scripts/rules-table.mjs', { timeout: 60_000 }, () => {
  const script = fileURLToPath(new URL('../../scripts/rules-table.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
