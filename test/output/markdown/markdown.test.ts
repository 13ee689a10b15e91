import { readFileSync } from 'node:fs';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { ALL_RULES } from '../../../src/findings/index.ts';
import { type MarkdownOptions, markdownWriter } from '../../../src/output/markdown/markdown.ts';
import { rawControls } from '../../support/hostile.ts';
import { hostileCapture } from '../../support/hostile-dialogues.ts';
import { finding, foundingReport, report, START_US, session, summary, turns } from '../../support/reports.ts';
import { written } from '../support/written.ts';

const OPTIONS: MarkdownOptions = {
  captures: ['relay.pcap'],
  severalCaptures: false,
  body: 'headers',
  reveal: false,
  time: 'offset',
};

/** As much of a syntax tree's node as is looked at here. */
interface Node {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly depth?: number;
  readonly children?: readonly Node[];
}

/** As GitHub reads it: CommonMark with tables, strikethrough, task lists and bare links. */
function parsed(text: string): Node {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

function textOf(reports: readonly ReturnType<typeof report>[], options: Partial<MarkdownOptions> = {}): string {
  const writer = markdownWriter({ ...OPTIONS, ...options });
  const parts = [writer.begin(), ...reports.map((one) => writer.session(one)), writer.end(summary())];
  return parts.map((part) => Buffer.from(part).toString()).join('');
}

describe('a session', () => {
  it('is a transcript in a code block, its finding and what mends it behind', () => {
    const text = textOf([foundingReport()]);
    expect(text).toContain('## Session 2: aborted, 1 error, 1 notice\n');
    expect(text).toContain('\n```text\n10  0.061  S: 220 mail.example.ne.jp SMTP-Gateway');
    expect(text).toContain('\n13  0.091  C: QUIT\n           ^^ error ehlo-quit-auth-offered: QUIT\n');
    expect(text).toContain('1. The client has no SASL mechanism that the server offers');
    expect(text).toContain('  ```sh\n  apt-get install libsasl2-modules\n  postqueue -f\n  ```\n');
    expect(text).toContain('[RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)');
    expect(text.indexOf('## Findings')).toBeLessThan(text.indexOf('## Session 2'));
  });

  it.each([
    ['clock', '13  13:17:23.407  C: QUIT'],
    ['delta', '13  0.010  C: QUIT'],
  ] as const)('has its times as asked for: %s', (time, line) => {
    expect(textOf([foundingReport()], { time })).toContain(line);
  });

  it('names its capture where there are several', () => {
    expect(textOf([foundingReport()], { severalCaptures: true })).toContain(' UTC, 0.095 s, in `relay.pcap`\n');
    expect(textOf([foundingReport()])).not.toContain(', in `relay.pcap`');
  });

  it('says how long nothing came', () => {
    const all = turns('S: 220 x\nC: QUIT', { 1: { timeUs: START_US + 8_500_000, endTimeUs: START_US + 8_500_000 } });
    const { findings, headline } = foundingReport();
    expect(textOf([{ session: session(all), findings, headline }])).toContain('C: QUIT  [after 8.4 s]\n');
  });

  it('is folded where it is long, and where nothing is wrong with it', () => {
    const healthy = textOf([report('S: 220 x\nC: QUIT\nS: 221 bye')]);
    expect(healthy).toContain('<details>\n<summary>Session 2: no mail asked for</summary>\n\n');
    const lines = Array.from({ length: 80 }, () => 'C: NOOP\nS: 250 ok').join('\n');
    const long = textOf([report(`S: 220 x\n${lines}`, {}, [finding()])]);
    expect(long).toContain('<summary>Session 2: no mail asked for, 1 error</summary>');
    expect(long.match(/<details>/g)?.length).toBe(long.match(/<\/details>/g)?.length);
  });

  it('tells the same causes and remedies once', () => {
    const text = textOf([foundingReport(), foundingReport()]);
    expect(text.match(/apt-get install libsasl2-modules/g)).toHaveLength(1);
    expect(text).toContain('Causes and remedies are told at session 2.');
  });

  it('has a fence longer than the backticks inside', () => {
    const text = textOf([report('S: 220 ```` x\nC: QUIT', {}, [finding()])]);
    expect(text).toMatch(/\n`{5}text\n.*````.*\n.*\n`{5}\n/);
  });
});

describe('a real capture', () => {
  it('leads with what matters', async () => {
    const capture = readFileSync(new URL('../../../captures/founding-case-2007.pcap', import.meta.url));
    const text = await written(markdownWriter(OPTIONS), capture);
    expect(text.startsWith('# SMTP report\n\n**2 sessions, all with errors.**\n')).toBe(true);
    expect(text).toContain('- **error** `ehlo-quit-auth-offered`: ');
    expect(text.indexOf('## Across sessions')).toBeLessThan(text.indexOf('## Session 1'));
    const headings = nodesOf(parsed(text)).flatMap((node) => (node.type === 'heading' ? [node.depth] : []));
    expect(headings[0]).toBe(1);
    expect(headings.slice(1).every((depth) => depth === 2)).toBe(true);
  });
});

describe('a hostile capture', () => {
  it('becomes no markup, no HTML, no link, no mention', async () => {
    const writer = markdownWriter({ ...OPTIONS, body: 'full', reveal: true });
    const text = await written(writer, hostileCapture(), '<img src=x> @everyone `x` #1.pcap');
    expect(text).toContain('</script><script>globalThis.owned=1</script>');
    expect(rawControls(text)).toEqual([]);
    const ours = ALL_RULES.flatMap(({ references }) => references.map(({ url }) => url));
    const all = nodesOf(parsed(text));
    const kinds = new Set(all.map(({ type }) => type));
    for (const kind of ['image', 'imageReference', 'linkReference', 'definition', 'table', 'delete', 'emphasis']) {
      expect(kinds.has(kind), kind).toBe(false);
    }
    for (const node of all) {
      if (node.type === 'html') {
        expect(node.value).toMatch(
          /^(?:<details>\n<summary>(?:Session \d+: [\w, ]+|[A-Za-z ]+)<\/summary>|<\/details>)$/,
        );
      }
      if (node.type === 'link') expect(ours).toContain(node.url);
      if (node.type === 'heading') {
        expect(node.children?.every(({ type }) => type === 'text')).toBe(true);
      }
      // Trackers look for these in what was rendered, outside code.
      if (node.type === 'text') expect(node.value).not.toMatch(/[@#!~&$<>*_[\]\\|]|:\/\/|www\./);
    }
    const headings = all.flatMap((node) => (node.type === 'heading' ? [node.children?.[0]?.value ?? ''] : []));
    for (const heading of headings) {
      expect(heading).toMatch(
        /^(?:SMTP report|Findings|Across sessions|How the sessions ended|What was read|Session \d+: [\w, ]+)$/,
      );
    }
  });

  it('masks what is secret', async () => {
    const text = await written(markdownWriter(OPTIONS), hostileCapture());
    expect(text).toContain('AUTH PLAIN ****');
    expect(text).not.toContain(Buffer.from('\0__proto__\0__proto__').toString('base64'));
  });
});
