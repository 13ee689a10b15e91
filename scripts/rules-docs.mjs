/**
 * Writes docs/rules: one page for each rule, and README.md, the list of all. The pages are printed from the same objects
 * as `smtpscope explain`; nobody edits them by hand.
 *
 *   npm run build && node scripts/rules-docs.mjs            writes
 *   npm run build && node scripts/rules-docs.mjs --check    exit status 1 when a page is not what would be written
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { explain } = await import(new URL('../dist/findings/explain.js', import.meta.url).href);
const { ALL_RULES } = await import(new URL('../dist/findings/index.js', import.meta.url).href);

const SCOPES = { session: 'one session', sessions: 'several sessions', capture: 'a whole capture' };
const directory = fileURLToPath(new URL('../docs/rules', import.meta.url));

/** Text of a rule as Markdown: nothing in it is markup but code between backticks and the links of references. */
function escaped(text) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? part : part.replace(/[\\`*_<>[\]|~]/g, '\\$&')))
    .join('');
}

/** One entry of a list; `mark` is `-` or, where the order says something, `1.`. */
function item({ text, commands }, mark) {
  const link = /^(.*) (https:\/\/\S+)$/.exec(text);
  const head = link === null ? `${mark} ${escaped(text)}` : `${mark} [${escaped(link[1])}](${link[2]})`;
  if (commands.length === 0) return `${head}\n`;
  return `${head}\n\n${['```', ...commands, '```'].map((line) => `  ${line}\n`).join('')}`;
}

function page(rule) {
  const { id, title, severity, confidence, sections } = explain(rule);
  const parts = [
    `# ${id}\n`,
    `${escaped(title)}.\n`,
    `Severity ${severity}, ${confidence}; about ${SCOPES[rule.scope]}.\n`,
  ];
  for (const { title: heading, paragraphs, items } of sections) {
    if (paragraphs.length === 0 && items.length === 0) continue;
    parts.push(`## ${heading}\n`, ...paragraphs.map((text) => `${escaped(text.replace(/\s+/g, ' '))}\n`));
    const isRanked = heading.includes('likeliest first');
    if (items.length > 0)
      parts.push(
        items
          .map((entry, index) => item(entry, isRanked ? `${index + 1}.` : '-'))
          .join(items.some(({ commands }) => commands.length > 0) ? '\n' : ''),
      );
  }
  return parts.join('\n');
}

function list() {
  const rows = ALL_RULES.map(
    ({ id, severity, scope, title }) => `| [${id}](${id}.md) | ${severity} | ${SCOPES[scope]} | ${escaped(title)} |`,
  );
  return [
    '# Rules\n',
    'What smtpscope can find. `smtpscope explain <rule>` prints the same as these pages, which `node scripts/rules-docs.mjs`',
    'writes from the rules themselves. The severity is the usual one; what was seen may raise or lower it.\n',
    '[findings.md](../findings.md): which rules were narrowed on real traffic, and why, and how the controls did.',
    '[findings-table.md](../findings-table.md): the dialogues and captures that prove each rule.\n',
    '| rule | severity | about | what it says |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const pages = new Map([['README.md', list()], ...ALL_RULES.map((rule) => [`${rule.id}.md`, page(rule)])]);
mkdirSync(directory, { recursive: true });
const left = readdirSync(directory).filter((name) => name.endsWith('.md') && !pages.has(name));

if (process.argv.includes('--check')) {
  const there = new Set(readdirSync(directory));
  const stale = [...pages].filter(
    ([name, text]) => !there.has(name) || readFileSync(join(directory, name), 'utf8') !== text,
  );
  const wrong = [...stale.map(([name]) => name), ...left];
  for (const name of wrong) console.error(`docs/rules/${name} is not what the rules say: node scripts/rules-docs.mjs`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} else {
  for (const name of left) rmSync(join(directory, name));
  for (const [name, text] of pages) writeFileSync(join(directory, name), text);
}
