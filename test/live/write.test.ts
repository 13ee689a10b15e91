/** `live --write`: what was watched as a capture that can be read again. */

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { needs } from '../support/requirements.ts';
import { BIN, MAIL, Stage } from './support/stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let stage: Stage;
beforeEach((context) => {
  needs(context, 'netns', 'cap');
  stage = new Stage();
});
afterEach(async () => {
  await stage?.close();
});

it('writes the packets of each session, with its findings', async () => {
  const path = join(stage.directory, 'watched.pcapng');
  await stage.serve('slow');
  const live = await stage.live(['v0', '--count', '1', '--write', path]);
  const talking = stage.talk(MAIL, 'EHLO client.example', 'QUIT');
  await live.ended;
  await talking;
  expect(live.status).toBe(0);
  expect(live.stderr).toMatch(/watched\.pcapng: \d+ packets of 1 session, byte for byte/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { stdout } = spawnSync(process.execPath, [BIN, '-f', 'json', path], { encoding: 'utf8' });
  const { sessions } = JSON.parse(stdout);
  expect(sessions).toHaveLength(1);
  expect(sessions[0].dialogue.map(({ verb }: { verb: string | null }) => verb)).toContain('QUIT');
  expect(live.stdout).toContain('C: QUIT');
});

it('is refused where the file is there, before anything is watched', async () => {
  const path = join(stage.directory, 'there');
  spawnSync('touch', [path]);
  const live = await stage.live(['v0', '--duration', '1s', '--write', path]).catch((error: Error) => error);
  if (live instanceof Error) expect(live.message).toContain('is already there');
  else {
    await live.ended;
    expect(live.status).toBe(2);
    expect(live.stderr).toContain('is already there');
  }
  expect(existsSync(path) && statSync(path).size).toBe(0);
});
