/**
 * Writes docs/images: terminal.svg, what a terminal shows of the founding case, and report.png, its HTML report in
 * Chromium. Both are from real runs of the built program.
 *
 *   npm run build && node scripts/images.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const capture = 'captures/founding-case-2007.pcap';
const MOST_BYTES = 200_000;

function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/smtpscope.js', '--no-config', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', COLORTERM: 'truecolor' },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Select graphic rendition: the only sequence that a transcript has. */
const SGR = new RegExp(`(${String.fromCharCode(27)}\\[[\\d;]*m)`, 'g');

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The style that a sequence of SGR parameters leaves, from the style before it. */
function styleAfter(style, parameters) {
  const next = { ...style };
  for (let i = 0; i < parameters.length; i++) {
    const code = parameters[i];
    if (code === 0) return {};
    if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next.bold = next.dim = undefined;
    else if (code === 27) next.inverse = undefined;
    else if (code === 39) next.color = undefined;
    else if (code === 38 && parameters[i + 1] === 2) {
      next.color = `#${parameters
        .slice(i + 2, i + 5)
        .map((part) => part.toString(16).padStart(2, '0'))
        .join('')}`;
      i += 4;
    } else throw new Error(`the picture does not know SGR ${code}`);
  }
  return next;
}

/** A window with the text of a terminal; 24-bit colour, as the program writes it. */
function terminalPicture(text, title) {
  const lines = text.replace(/\n$/, '').split('\n');
  const [cell, height, margin, bar] = [8.43, 19, 18, 38];
  const plainLength = (line) => line.replace(SGR, '').length;
  const width = Math.ceil(Math.max(...lines.map(plainLength)) * cell + 2 * margin);
  const rows = [];
  let style = {};
  lines.forEach((line, row) => {
    let column = 0;
    for (const part of line.split(SGR)) {
      if (part.search(SGR) === 0) {
        style = styleAfter(style, part.slice(2, -1).split(';').map(Number));
        continue;
      }
      const paint = [
        style.color === undefined ? '' : ` fill="${style.color}"`,
        style.bold ? ' font-weight="700"' : '',
        style.dim ? ' opacity="0.6"' : '',
      ].join('');
      // Not every viewer keeps spaces: what they part is placed by itself.
      for (const { 0: words, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        const x = (margin + (column + index) * cell).toFixed(1);
        rows.push(`<text x="${x}" y="${bar + margin + row * height}"${paint}>${escaped(words)}</text>`);
      }
      column += part.length;
    }
  });
  const total = bar + margin + lines.length * height;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `<circle cx="${20 + index * 20}" cy="19" r="6" fill="${color}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${total}" rx="10" fill="#15181d"/>`,
    ...dots,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" fill="#d7dae0">',
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function written(name) {
  const { size } = statSync(join(images, name));
  if (size > MOST_BYTES) throw new Error(`${name} has ${size} bytes: more than a page should have to load`);
  console.log(`docs/images/${name}: ${size} bytes`);
}

mkdirSync(images, { recursive: true });

// The session in which the client leaves, down to what mends it.
const transcript = run('--session', '2', '--color', 'always', capture);
const end = transcript.indexOf('\n', transcript.indexOf('postfix reload')) + 1;
if (end === 0) throw new Error('the transcript has no longer the remedy that the picture ends with');
const command = `\x1b[1m$ smtpscope --session 2 ${capture.split('/').at(-1)}\x1b[22m\n`;
// Of the causes, the first: the others are left out, and the picture says so.
const shown = transcript
  .slice(0, end)
  .replace(/(\n {8}1\. [\s\S]*?)\n {8}2\. [\s\S]*?(\n[^\n]*What to do)/, '$1\n        …$2');
writeFileSync(
  join(images, 'terminal.svg'),
  terminalPicture(command + shown, 'smtpscope explains why a client left after EHLO'),
);
written('terminal.svg');

const directory = mkdtempSync(join(tmpdir(), 'smtpscope-images-'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const report = join(directory, 'report.html');
  run('-f', 'html', '-o', report, capture);
  const page = await browser.newPage({ viewport: { width: 1280, height: 820 }, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(report).href}#/session/2`);
  await page.getByText('EHLO local').first().waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(images, 'report.png') });
  written('report.png');
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}
