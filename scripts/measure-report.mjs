/**
 * How long an HTML report takes to load, to filter and to open a session, in Chromium:
 *
 *     npm run build && node scripts/measure-report.mjs CAPTURE
 *
 * Each figure is the best of three, from the action to the next frame that shows its effect.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [capture] = process.argv.slice(2);
if (capture === undefined) throw new Error('name a capture');
const directory = mkdtempSync(join(tmpdir(), 'smtpscope-measure-'));
const report = join(directory, 'report.html');
const bin = fileURLToPath(new URL('../bin/smtpscope.js', import.meta.url));

const began = performance.now();
const { status } = spawnSync(process.execPath, [bin, '-q', '-f', 'html', '-o', report, capture], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
print('written', performance.now() - began);
console.log(
  `size        ${(statSync(report).size / 1e6).toFixed(1)} MB, of ${(statSync(capture).size / 1e6).toFixed(1)} MB`,
);

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const loads = [];
  let page;
  for (let run = 0; run < 3; run++) {
    await page?.close();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const start = performance.now();
    await page.goto(`${pathToFileURL(report).href}#/sessions`, { waitUntil: 'commit' });
    await page.waitForSelector('html[data-ready]', { state: 'attached', timeout: 120_000 });
    loads.push(performance.now() - start);
  }
  print('loaded', Math.min(...loads));
  console.log(`sessions    ${await page.locator('.hits').innerText()}`);
  const timed = async (name, action) => {
    const times = [];
    for (let run = 0; run < 3; run++) {
      times.push(
        await page.evaluate(`(async () => {
          const start = performance.now();
          ${action.replaceAll('RUN', String(run))};
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          return performance.now() - start;
        })()`),
      );
    }
    print(name, Math.min(...times));
  };
  const type = (text) => `const field = document.getElementById('search'); field.value = '${text}';
    field.dispatchEvent(new Event('input', { bubbles: true }))`;
  const choose = (id, value) => `const field = document.getElementById('by-${id}'); field.value = '${value}';
    field.dispatchEvent(new Event('change', { bubbles: true }))`;
  await timed('search', type('exampleRUN'));
  await timed('search none', type('no such wordsRUN'));
  await page.evaluate(`(() => { ${type('')} })()`);
  await timed('severity', `${choose('severity', 'RUN')}`);
  await page.evaluate(`(() => { ${choose('severity', '-1')} })()`);
  await timed('sort', "document.querySelector('.head .client button').click()");
  await timed('scroll', "document.querySelector('.grid .body').scrollTop = 100000 * (RUN + 1)");
  await timed(
    'open',
    `location.hash = '#/session/' + (1000 * RUN + 1);
     while (!document.querySelector('.session h1')?.textContent.startsWith('#' + (1000 * RUN + 1) + ' ')) await new Promise((done) => setTimeout(done, 1))`,
  );
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}

function print(name, ms) {
  console.log(`${name.padEnd(11)} ${ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`}`);
}
