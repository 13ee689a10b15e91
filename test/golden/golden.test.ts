/**
 * Every capture of captures/ as text and as records, compared with what they were. `UPDATE_GOLDEN=1 npx vitest run
 * test/golden` writes the expected files anew; the difference is then read in the commit.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/source/file.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { ndjsonWriter } from '../../src/output/json/json.ts';
import type { ReportWriter } from '../../src/output/writer.ts';
import { plainWriter } from '../support/terminal.ts';

const capturesFolder = fileURLToPath(new URL('../../captures', import.meta.url));
const expectedFolder = fileURLToPath(new URL('expected', import.meta.url));
const isUpdate = process.env.UPDATE_GOLDEN === '1';
const captures = readdirSync(capturesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(pcap(ng)?(\.(gz|zst|xz|lz4))?|snoop|cap)$/.test(path))
  .sort();

async function rendered(name: string): Promise<{ txt: string; ndjson: string }> {
  const view = { captures: [name], severalCaptures: false, body: 'headers', reveal: false } as const;
  const writers = { txt: plainWriter({ ...view, columns: 100 }), ndjson: ndjsonWriter(view) };
  const texts = { txt: '', ndjson: '' };
  const write = (piece: (writer: ReportWriter) => string | Uint8Array) => {
    for (const kind of ['txt', 'ndjson'] as const) texts[kind] += Buffer.from(piece(writers[kind])).toString();
  };
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, (report) =>
    write((writer) => writer.session(report)),
  );
  write((writer) => writer.begin());
  analysis.beginCapture(name);
  analysis.endCapture(await readCapture(join(capturesFolder, name), analysis));
  const summary = analysis.finish();
  write((writer) => writer.end(summary));
  return texts;
}

describe('the captures read as they did', () => {
  it.each(captures)('%s', async (name) => {
    const { txt, ndjson } = await rendered(name);
    expectFile(`${name}.txt`, txt);
    expectFile(`${name}.ndjson`, ndjson);
  });

  it('with no expected file left over', () => {
    const files = readdirSync(expectedFolder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.(txt|ndjson)$/.test(path),
    );
    const wanted = new Set(captures.flatMap((name) => [`${name}.txt`, `${name}.ndjson`]));
    const left = files.filter((path) => !wanted.has(path));
    if (isUpdate) for (const path of left) rmSync(join(expectedFolder, path));
    else expect(left).toEqual([]);
  });
});

function expectFile(name: string, text: string): void {
  const path = join(expectedFolder, name);
  if (isUpdate) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if (!existsSync(path)) expect.fail(`no ${name} in test/golden/expected: run with UPDATE_GOLDEN=1`);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
