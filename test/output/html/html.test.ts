import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { generateCorpus } from '../../../bench/corpora.js';
import type { IndexPart, SessionsPart, SummaryPart } from '../../../src/output/html/embedded.ts';
import { type HtmlOptions, htmlWriter } from '../../../src/output/html/html.ts';
import { hostileCapture } from '../../support/hostile-dialogues.ts';
import { written } from '../support/written.ts';

const OPTIONS: HtmlOptions = {
  captures: ['capture.pcap'],
  severalCaptures: false,
  body: 'headers',
  reveal: false,
  time: 'offset',
  program: 'smtpscope 0.0.0',
  app: { script: 'console.log("page");', style: 'body { margin: 0 }' },
};
const FOUNDING = readFileSync(new URL('../../../captures/founding-case-2007.pcap', import.meta.url));

const PART = /<script type="application\/x-smtpscope" data-part="(\w+)">([A-Za-z0-9+/=]*)<\/script>\n/g;

function partsOf<Part>(page: string, name: string): Part[] {
  return [...page.matchAll(PART)]
    .filter(([, part]) => part === name)
    .map(([, , text = '']) => JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString('utf8')) as Part);
}

describe('the page', () => {
  it('allows its own script and style by their hashes, and nothing else', async () => {
    const page = await written(htmlWriter(OPTIONS), FOUNDING);
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)?.[1] ?? '';
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(OPTIONS.app.script)}`,
      `style-src ${hash(OPTIONS.app.style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(page).toContain(`<script type="module">${OPTIONS.app.script}</script>`);
    expect(page).toContain(`<style>${OPTIONS.app.style}</style>`);
    // The policy stands before anything that it governs.
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
  });

  it('is the same whatever the capture holds, but for the parts', async () => {
    const skeleton = async (capture: Buffer): Promise<string> =>
      (await written(htmlWriter({ ...OPTIONS, body: 'full', reveal: true }), capture)).replace(PART, '');
    expect(await skeleton(hostileCapture())).toBe(await skeleton(FOUNDING));
  });

  it('names nothing on the network', async () => {
    const page = (await written(htmlWriter(OPTIONS), FOUNDING)).replace(PART, '');
    expect(page.match(/(?:src|href|url)\s*[=(]\s*["']?(?!data:)[^"'\s>)]+/g)).toBeNull();
  });
});

describe('the parts', () => {
  it('hold every session once, in the index and in the place that it names', async () => {
    const { capture, truth } = generateCorpus('dense', { bytes: 4_000_000, seed: 3 });
    const page = await written(htmlWriter(OPTIONS), capture);
    const sessions = partsOf<SessionsPart>(page, 'sessions');
    const [index] = partsOf<IndexPart>(page, 'index');
    if (index === undefined) throw new Error('no index');
    expect(sessions.length).toBeGreaterThan(1);
    expect(new Set(index.id).size).toBe(truth.totals.sessions);
    for (let row = 0; row < index.id.length; row++) {
      const session = sessions[index.part[row] as number]?.sessions[index.place[row] as number];
      expect(session?.id).toBe(index.id[row]);
      expect(session?.outcome).toBe(index.texts[index.outcome[row] as number]);
      expect(session?.headline).toBe(index.texts[index.headline[row] as number]);
      expect(session?.findings.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(
        index.findings[row]?.map((text) => index.texts[text]),
      );
    }
    const [summary] = partsOf<SummaryPart>(page, 'summary');
    expect(summary?.summary.sessions).toBe(truth.totals.sessions);
  });

  it('tell the dialogue to the microsecond, and a finding in full', async () => {
    const page = await written(htmlWriter(OPTIONS), FOUNDING);
    const [part] = partsOf<SessionsPart>(page, 'sessions');
    const session = part?.sessions.find(({ id }) => id === 2);
    const sums = (deltas: readonly (number | null)[] = []): number[] => {
      let sum = 0;
      return deltas.map((delta) => {
        sum += delta ?? 0;
        return Math.round(sum);
      });
    };
    expect(session?.dialogue.from).toBe('scscs');
    expect(session?.dialogue.kind).toBe('rcrcr');
    expect(sums(session?.dialogue.frame)).toEqual([10, 12, 14, 15, 17]);
    expect(sums(session?.dialogue.offset)[3]).toBeCloseTo(80_000, -4);
    expect(session?.dialogue.lines[3]).toBe('QUIT');
    const [found] = session?.findings ?? [];
    expect(part?.explanations[found?.explanation ?? -1]?.causes.length).toBeGreaterThan(1);
  });

  it('mask what is secret', async () => {
    const page = await written(htmlWriter(OPTIONS), hostileCapture());
    const text = JSON.stringify(partsOf<SessionsPart>(page, 'sessions'));
    expect(text).toContain('AUTH PLAIN ****');
    expect(text).not.toContain(Buffer.from('\0__proto__\0__proto__').toString('base64'));
  });

  it('tell what each server offered, a keyword __PROTO__ too', async () => {
    const page = await written(htmlWriter(OPTIONS), hostileCapture());
    const [summary] = partsOf<SummaryPart>(page, 'summary');
    const [server] = summary?.servers ?? [];
    expect(summary?.servers).toHaveLength(1);
    expect(server?.offers.length).toBeLessThanOrEqual(6);
    expect(server?.offers.some(({ extensions }) => Object.hasOwn(extensions, 'SIZE'))).toBe(true);
  });
});
