/** What is printed turn by turn is what the transcript of a whole session says. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../../src/capture/source/file.ts';
import { type Analysis, createAnalysis } from '../../../src/inspect.ts';
import { LiveText } from '../../../src/output/terminal/live-text.ts';
import { PLAIN_STYLES } from '../../../src/output/terminal/style.ts';
import { terminalWriter } from '../../../src/output/terminal/terminal.ts';
import type { Connection } from '../../../src/reassembly/connection.ts';
import { rawControls } from '../../support/hostile.ts';

const CAPTURES = fileURLToPath(new URL('../../../captures/', import.meta.url));
const options = {
  styles: PLAIN_STYLES,
  columns: 100,
  time: 'offset',
  body: 'headers',
  reveal: false,
  verbose: false,
  captures: [] as string[],
  severalCaptures: false,
} as const;

const openOf = (connection: Connection) => ({
  id: connection.id,
  client: connection.clientEndpoint,
  server: connection.serverEndpoint,
  start: { us: connection.startUs, nanos: connection.startNanos },
  fromTheMiddle: !connection.startCaptured,
});

/** Both transcripts of a capture. */
async function transcripts(path: string, more: object = {}): Promise<{ live: string; whole: string }> {
  const text = new LiveText({ ...options, ...more });
  const writer = terminalWriter({ ...options, ...more });
  let live = '';
  let whole = '';
  const analysis: Analysis = createAnalysis(
    {
      ports: [24, 25, 465, 587, 2525],
      keepBodies: false,
      onTurn: (connection, completed) => {
        live += String(text.turn(openOf(connection), completed));
      },
    },
    (report) => {
      live += String(text.end(report));
      whole += String(writer.session(report));
    },
  );
  analysis.beginCapture('x');
  await readCapture(path, analysis);
  analysis.finish();
  return { live, whole };
}

/** What one side says in each session, in order, without notes and without what messages are counted in. */
function said(transcript: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  let session = '';
  for (const line of transcript.split('\n')) {
    session = /^#(\d+) /.exec(line)?.[1] ?? session;
    const match = /^(?:#\d+ +)?(?: +\d+ +[\d.-]+ +| {12,})([CS]): (.*)$/.exec(line);
    if (match === null || /^ {2}|^\[/.test(match[2] as string)) continue;
    const key = `${session}${match[1]}`;
    lines.set(key, [
      ...(lines.get(key) ?? []),
      (match[2] as string).replace(/(?: {2}\([^()]*(?:\([^()]*\))?[^()]*\))+$/, ''),
    ]);
  }
  return lines;
}

const files = ['founding', 'healthy', 'rules'].flatMap((folder) =>
  readdirSync(join(CAPTURES, folder))
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => `${folder}/${name}`),
);

describe('turn by turn', () => {
  it.each(files)('%s', async (name) => {
    const { live, whole } = await transcripts(join(CAPTURES, name));
    const lines = said(live);
    if (name.startsWith('healthy/postfix')) expect([...lines.values()].flat().length).toBeGreaterThan(10);
    expect(lines).toEqual(said(whole));
    expect(rawControls(live)).toEqual([]);
    // Every line of a dialogue has its session before it.
    expect(live.split('\n').filter((line) => /^ +\d* +[\d.]* +[CS]: /.test(line))).toEqual([]);
  });

  it('secrets are masked, and shown when asked for', async () => {
    const name = join(CAPTURES, 'rules/auth-535-login-wrong-password.pcap');
    const masked = await transcripts(name);
    expect(masked.live).toMatch(/ C: \*\*\*\*$/m);
    const bare = await transcripts(name, { reveal: true });
    expect(bare.live).not.toMatch(/\*\*\*\*/);
  });
});
