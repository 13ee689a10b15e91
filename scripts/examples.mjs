/**
 * Writes docs/examples: what each format makes of one capture, by the program itself; and the excerpts of them in
 * docs/outputs.md, between `<!-- example <file> <lines> -->` and `<!-- end -->`. Nobody edits either by hand.
 *
 *   npm run build && node scripts/examples.mjs            writes
 *   npm run build && node scripts/examples.mjs --check    exit status 1 when a file is not what would be written
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const CAPTURE = 'captures/rules/greylisting-then-accepted.pcap';
const FILES = {
  'greylisting.txt': ['-f', 'text', '-v'],
  'greylisting.json': ['-f', 'json'],
  'greylisting.ndjson': ['-f', 'ndjson'],
  'greylisting.md': ['-f', 'markdown'],
  'greylisting.html': ['-f', 'html'],
  'smtp.log': ['-f', 'zeek'],
  'smtp.json.log': ['-f', 'zeek-json'],
  'eve.json': ['-f', 'eve'],
  'ecs.ndjson': ['-f', 'ecs'],
};
/** What `--write` makes of it. */
const WRITTEN_CAPTURE = 'greylisting.pcapng';
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

/** Base64 of the capture that `--write` makes. */
function writtenCapture() {
  const place = mkdtempSync(join(tmpdir(), 'smtpscope-examples-'));
  try {
    outputOf(['-q', '-o', '/dev/null', '--write', join(place, WRITTEN_CAPTURE)]);
    return readFileSync(join(place, WRITTEN_CAPTURE), 'base64');
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** What a page says: without the program, its style and their hashes, which change with every build; its parts unpacked. */
function said(name, text) {
  if (text === null || !name.endsWith('.html')) return text;
  return text
    .replace(/<style>[\s\S]*?<\/style>|<script type="module">[\s\S]*?<\/script>|'sha256-[^']*'/g, '')
    .replace(/(data-part="\w+">)([\w+/=]+)/g, (_, begin, packed) => {
      return begin + inflateRawSync(Buffer.from(packed, 'base64')).toString();
    });
}

const written = Object.fromEntries(Object.entries(FILES).map(([name, options]) => [name, outputOf(options)]));
const copy = writtenCapture();
const pageText = readFileSync(page, 'utf8').replace(
  /(<!-- example (\S+) (\d+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_, begin, name, lines, end) => `${begin}\n\`\`\`\n${excerpt(written[name], lines)}\n\`\`\`\n\n${end}`,
);

if (isCheck) {
  const stale = Object.entries(written).filter(
    ([name, text]) => said(name, read(join(folder, name))) !== said(name, text),
  );
  const extra = readdirSync(folder).filter((name) => !(name in FILES) && name !== WRITTEN_CAPTURE);
  const names = [...stale.map(([name]) => name), ...extra];
  if (read(join(folder, WRITTEN_CAPTURE), 'base64') !== copy) names.push(WRITTEN_CAPTURE);
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
  writeFileSync(join(folder, WRITTEN_CAPTURE), copy, 'base64');
  writeFileSync(page, pageText);
}

function read(path, encoding = 'utf8') {
  try {
    return readFileSync(path, encoding);
  } catch {
    return null;
  }
}
