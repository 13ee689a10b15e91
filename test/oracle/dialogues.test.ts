/**
 * Whole dialogues beside Wireshark: the commands, replies, stream bytes and retransmissions of every session of every
 * capture. What differs stands in differences.ts, each with who is right and why; anything else that differs, or a
 * difference of the list that is gone, fails.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { has, needs, needsSharedCaptures, sharedCapturesFolder } from '../support/requirements.ts';
import { DIFFERENCES, type StreamDifference, TCPFLOW_DIFFERENCES } from './differences.ts';
import { betweenBytes, type Difference, differencesOf } from './support/compare.ts';
import { ourSessions } from './support/ours.ts';
import { Sharkd } from './support/sharkd.ts';
import { tcpflowStreams } from './support/tcpflow.ts';

/** Not those that we do not read: an error says so, and other tests hold it. */
const UNREAD = ['stress/libpcap--pcapng-invalid-vers-1.pcapng'];
const CAPTURE = /\.(pcap|pcapng|snoop|cap)(\.(gz|zst|lz4))?$/;
const OWN = fileURLToPath(new URL('../../captures', import.meta.url));
const SHARED = sharedCapturesFolder();

function capturesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => CAPTURE.test(path) && !UNREAD.includes(path))
    .sort();
}

const sharkd: { daemon: Sharkd | null } = { daemon: null };
beforeAll(async () => {
  sharkd.daemon = has('sharkd') ? new Sharkd() : null;
  await sharkd.daemon?.begin();
});
afterAll(() => sharkd.daemon?.end());

async function differencesIn(path: string): Promise<{ difference: Difference; bytes: string }[]> {
  const ours = await ourSessions(path);
  if (ours.length === 0) return [];
  const capture = await (sharkd.daemon as Sharkd).read(path);
  try {
    const theirs = await capture.streamsOf(ours.map(({ record }) => record.frames.first));
    return ours.flatMap((session) => {
      const known = theirs.get(session.record.frames.first);
      if (known === undefined) throw new Error(`Wireshark has no connection at frame ${session.record.frames.first}`);
      const bytes = Object.values(known.stream.bytes).join('');
      return differencesOf(session, known.index, known.stream).map((difference) => ({ difference, bytes }));
    });
  } finally {
    capture.close();
  }
}

async function expectAsListed(folder: string, file: string): Promise<void> {
  const known = DIFFERENCES.filter((one) => one.file === file);
  const found = await differencesIn(join(folder, file));
  expect(found.map(({ difference }) => difference)).toEqual(
    known.map(({ stream, what, ours, theirs }) => ({ stream, what, ours, theirs })),
  );
  // What the proof points at stands in the stream, as Wireshark itself puts it together.
  for (const [index, { inTheirBytes }] of known.entries()) {
    if (inTheirBytes !== undefined) expect(found[index]?.bytes).toContain(inTheirBytes);
  }
}

describe('our captures', () => {
  beforeEach((context) => needs(context, 'sharkd'));

  it.each(capturesIn(OWN))('%s', (file) => expectAsListed(OWN, file), 120_000);
});

describe('captures that others made', () => {
  beforeEach((context) => {
    needsSharedCaptures(context);
    needs(context, 'sharkd');
  });

  it.each(SHARED === null ? ['(none)'] : capturesIn(SHARED))(
    '%s',
    async (file) => expectAsListed(SHARED as string, file),
    120_000,
  );
});

describe('tcpflow', () => {
  const folders = SHARED === null ? [OWN] : [OWN, SHARED];

  it.for(folders)(
    'has the same stream bytes, where nothing is missing, for the captures in %s',
    { timeout: 120_000 },
    async (folder, context) => {
      needs(context, 'tcpflow');
      const found: Pick<StreamDifference, 'file' | 'from' | 'ours' | 'theirs'>[] = [];
      let compared = 0;
      for (const file of capturesIn(folder)) {
        const sessions = (await ourSessions(join(folder, file))).filter(({ holes }) => holes === 0);
        if (sessions.length === 0) continue;
        const streams = tcpflowStreams(join(folder, file));
        for (const { record, bytes } of sessions) {
          const client = `${record.client.address}:${record.client.port}`;
          const server = `${record.server.address}:${record.server.port}`;
          for (const [from, key, ours] of [
            ['client', `${client} ${server}`, bytes[0]],
            ['server', `${server} ${client}`, bytes[1]],
          ] as const) {
            const theirs = streams.get(key);
            if (theirs === undefined) continue;
            compared++;
            const difference = betweenBytes(ours, theirs);
            if (difference !== null) found.push({ file, from, ...difference });
          }
        }
      }
      const listed = TCPFLOW_DIFFERENCES.filter(({ file }) => /^(given|stress)\//.test(file) === (folder === SHARED));
      expect(found).toEqual(listed.map(({ file, from, ours, theirs }) => ({ file, from, ours, theirs })));
      expect(compared).toBeGreaterThan(80);
    },
  );
});

describe('the list', () => {
  it('has Wireshark on our side wherever tcpflow is said to be wrong', () => {
    const wrong = TCPFLOW_DIFFERENCES.filter(({ right }) => right === 'smtpscope');
    const disputed = DIFFERENCES.filter(({ what }) => what.endsWith('bytes'));
    expect(
      wrong.filter(({ file, from }) => disputed.some((one) => one.file === file && one.what === `${from} bytes`)),
    ).toEqual([]);
  });

  it('names captures that there are', () => {
    const there = [...capturesIn(OWN), ...(SHARED === null ? [] : capturesIn(SHARED))];
    const named = DIFFERENCES.map(({ file }) => file).filter(
      (file) => SHARED !== null || !/^(given|stress)\//.test(file),
    );
    expect(named.filter((file) => !there.includes(file))).toEqual([]);
  });
});
