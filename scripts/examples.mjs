/**
 * Writes docs/examples: what each format makes of one capture, by the program itself; and the excerpts of them in
 * docs/outputs.md, between `<!-- example <file> <lines> -->` and `<!-- end -->`. Nobody edits either by hand.
 *
 *   npm run build && node scripts/examples.mjs            writes
 *   npm run build && node scripts/examples.mjs --check    exit status 1 when a file is not what would be written
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CAPTURE = 'captures/rules/greylisting-then-accepted.pcap';
/** The page of `html` is left out: it is made of the program's own 200 KB and changes with them. */
const FILES = {
  'greylisting.txt': ['-f', 'text', '-v'],
  'greylisting.json': ['-f', 'json'],
  'greylisting.ndjson': ['-f', 'ndjson'],
  'greylisting.md': ['-f', 'markdown'],
  'smtp.log': ['-f', 'zeek'],
  'eve.json': ['-f', 'eve'],
  'ecs.ndjson': ['-f', 'ecs'],
};
/** Longer lines of an excerpt are cut. */
const COLUMNS = 150;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/examples');
const page = join(root, 'docs/outputs.md');
const isCheck = process.argv.includes('--check');

function outputOf(options) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/smtpscope.js', ...options, CAPTURE], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TERM: 'dumb' },
  });
  if (status !== 0) throw new Error(`smtpscope ${options.join(' ')} ${CAPTURE}: ${stderr}`);
  return stdout;
}

function excerpt(text, lines) {
  return text
    .split('\n')
    .slice(0, Number(lines))
    .map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line))
    .join('\n');
}

const written = Object.fromEntries(Object.entries(FILES).map(([name, options]) => [name, outputOf(options)]));
const pageText = readFileSync(page, 'utf8').replace(
  /(<!-- example (\S+) (\d+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_, begin, name, lines, end) => `${begin}\n\`\`\`\n${excerpt(written[name], lines)}\n\`\`\`\n\n${end}`,
);

if (isCheck) {
  const stale = Object.entries(written).filter(([name, text]) => read(join(folder, name)) !== text);
  const extra = readdirSync(folder).filter((name) => !(name in FILES));
  const names = [...stale.map(([name]) => name), ...extra];
  if (readFileSync(page, 'utf8') !== pageText) names.push('../outputs.md');
  for (const name of names) console.error(`docs/examples/${name} is not what would be written`);
  if (names.length > 0) {
    console.error('node scripts/examples.mjs writes it anew');
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text);
  writeFileSync(page, pageText);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
