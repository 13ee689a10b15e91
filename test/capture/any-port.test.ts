/** SMTP is found by what is said, whichever port it is on: what the usual ports show, `any` shows as well. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inspect } from '../../src/library.ts';
import type { SessionRecord } from '../../src/report/record.ts';
import { needsSharedCaptures } from '../support/requirements.ts';

const OWN = fileURLToPath(new URL('../../captures', import.meta.url));
const CAPTURE = /\.(pcap|pcapng|snoop|cap)(\.(gz|zst|xz|lz4))?$/;

/** Those of which enough was said to know what they are. */
const spoken = (sessions: readonly SessionRecord[]) =>
  sessions
    .filter(
      ({ service, dialogue }) =>
        service === 'smtp' && dialogue.some(({ verb }) => /^(EHLO|HELO|LHLO|MAIL)$/.test(verb ?? '')),
    )
    .map(({ client, server, dialogue }) => ({
      client,
      server,
      turns: dialogue.map(({ from, kind, lines }) => [from, kind, lines]),
    }));

async function lostIn(folder: string): Promise<string[]> {
  const lost: string[] = [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => CAPTURE.test(file));
  for (const file of files.sort()) {
    const usual = await inspect(join(folder, file)).catch(() => null);
    if (usual === null) continue;
    const any = (await inspect(join(folder, file), { ports: 'any' })).sessions;
    const found = new Set(spoken(any).map((session) => JSON.stringify(session)));
    for (const session of spoken(usual.sessions)) {
      if (!found.has(JSON.stringify(session))) lost.push(`${file} ${session.client.address}:${session.client.port}`);
    }
  }
  return lost;
}

it('in our captures', { timeout: 120_000 }, async () => {
  expect(await lostIn(OWN)).toEqual([]);
});

it('in those that others made', { timeout: 240_000 }, async (context) => {
  expect(await lostIn(needsSharedCaptures(context))).toEqual([]);
});
