/** `live --write`: what was watched as a capture that can be read again. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
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

const LETTER = ['EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<b@mail.example>', 'DATA'];

it('takes no more of the disk than it may, however long it goes on', async () => {
  const path = join(stage.directory, 'watched.pcapng');
  await stage.serve('good');
  const args = ['--write', path, '--write-size', '1', '--write-files', '2', '--group'];
  const live = await stage.live(['v0', ...args]);
  for (let i = 1; i <= 4; i++) {
    await stage.talk(MAIL, ...LETTER, `Subject: ${i}\\n\\n{9000}.`, 'QUIT');
    await live.says(new RegExp(`Subject: ${i}[\\s\\S]*C: QUIT`));
  }
  await live.interrupt();
  expect(live.status).toBe(0);
  expect(readdirSync(stage.directory).filter((name) => name.startsWith('watched'))).toEqual([
    'watched.1.pcapng',
    'watched.pcapng',
  ]);
  expect(live.stderr).toMatch(/watched\.pcapng: [\d,]+ packets of 4 sessions, .*; 2 older files made room\n/);
  for (const [name, subject] of [
    ['watched.1.pcapng', 3],
    ['watched.pcapng', 4],
  ] as const) {
    expect(statSync(join(stage.directory, name)).size).toBeLessThan(1 << 20);
    const { stdout } = spawnSync(process.execPath, [BIN, join(stage.directory, name)], { encoding: 'utf8' });
    expect(stdout).toMatch(new RegExp(`Subject: ${subject}\\n[\\s\\S]*1 delivered`));
  }
});

it('goes on without, when the disk is full', async () => {
  const small = join(stage.directory, 'small');
  mkdirSync(small);
  await stage.serve('good');
  const words = `mount -t tmpfs -o size=256k none '${small}' && exec '${process.execPath}' '${BIN}' live v0 --write '${small}/w.pcapng'`;
  const live = stage.start('client', 'unshare', ['--mount', 'sh', '-c', words]);
  await live.says(/watching v0/);
  await stage.talk(MAIL, ...LETTER, 'Subject: large\\n\\n{9000}.', 'QUIT');
  await live.says(/w\.pcapng: cannot be written: .*ENOSPC.*; what was written stays, and watching goes on without\n/);
  await stage.talk(MAIL, 'EHLO after.example', 'QUIT');
  await live.says(/#2 .*C: EHLO after\.example[\s\S]*#2 .*-- closed/);
  await live.interrupt();
  expect(live.status).toBe(2);
  expect(live.stdout).toMatch(/2 sessions: /);
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
