/** The HTML report as a person meets it: made by the real binary, opened from disk in Chromium. */
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { generateCorpus } from '../../bench/corpora.js';
import { saidIn } from '../support/dialogue.ts';
import { rawControls } from '../support/hostile.ts';
import { HOSTILE_MARKUP, hostileCapture } from '../support/hostile-dialogues.ts';
import { PcapngWriter } from '../support/pcap-bytes.ts';
import { needs } from '../support/requirements.ts';
import { connectionOf, packetOf } from '../support/segments.ts';
import { Reports } from './support/pages.ts';

const capture = (name: string): string => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const reports = new Reports();
afterAll(() => reports.close());
beforeEach((context) => needs(context, 'chromium'));

const rows = (page: Page) => page.locator('.grid .body .row');
const ids = (page: Page): Promise<string[]> => page.locator('.grid .body .row .id').allTextContents();

describe('the founding case', () => {
  let path: string;
  beforeAll(() => {
    path = reports.make([capture('founding-case-2007.pcap')]);
  });

  it('opens on what matters, with no complaint of the browser', async () => {
    const { page, complaints } = await reports.open(path);
    expect(await page.title()).toBe('SMTP report: founding-case-2007.pcap');
    expect(await page.locator('h1').textContent()).toBe('2 sessions, all with errors');
    expect(await page.locator('.first').textContent()).toContain('ehlo-quit-auth-offered');
    const order = await page.locator('.overview > *').evaluateAll((all) => all.map((one) => one.textContent ?? ''));
    expect(order.findIndex((text) => text.includes('linked-failures'))).toBe(1);
    expect(await page.locator('.timeline canvas').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('shows a session as a ladder, its findings beside the lines that prove them', async () => {
    const { page, complaints } = await reports.open(path, '#/session/2');
    await page.waitForSelector('.ladder');
    const steps = await page
      .locator('.ladder > .step')
      .evaluateAll((all) => all.map((one) => ([...one.classList].includes('client') ? 'client' : 'server')));
    expect(steps).toEqual(['server', 'client', 'server', 'client', 'server']);
    const quit = page.locator('#turn-3');
    expect(await quit.innerText()).toMatch(/^15\s+0\.080\s+C\s+QUIT\s+6 B/);
    // What stands under QUIT is the finding that it proves.
    expect(await page.locator('#turn-3 + .proof').innerText()).toContain('ehlo-quit-auth-offered');
    const [client, server] = [
      await page.locator('#turn-1 .said').boundingBox(),
      await page.locator('#turn-0 .said').boundingBox(),
    ];
    expect((client?.x ?? 0) + (client?.width ?? 0)).toBeLessThan((server?.x ?? 0) + (server?.width ?? 0));
    const card = page.locator('.finding').first();
    expect(await card.locator('.causes li').count()).toBeGreaterThan(1);
    expect(await card.locator('.remedy').count()).toBeGreaterThan(1);
    // From the finding to the line, from the line to the finding.
    await card.locator('.evidence button').first().click();
    expect(await page.evaluate('document.activeElement.id')).toBe('turn-2');
    await page.locator('#turn-3 + .proof button').click();
    expect(await page.evaluate('document.activeElement.id')).toBe('finding-0');
    expect(complaints).toEqual([]);
  });

  it('says whose the time of a session was', async () => {
    const { page } = await reports.open(path, '#/session/2');
    await page.waitForSelector('.facts');
    const taken = page.locator('.facts > div', { hasText: 'Time taken by' }).locator('dd');
    expect(await taken.innerText()).toMatch(
      /^the client [\d.]+ (?:ms|s), the server [\d.]+ (?:ms|s), the network [\d.]+ (?:ms|s)$/,
    );
  });

  it('copies commands and the display filter', async () => {
    const { page } = await reports.open(path, '#/session/2', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.waitForSelector('.ladder');
    const commands = await page.locator('.commands pre').first().innerText();
    await page.locator('.commands .copy').first().click();
    await page.locator('.copy.done').first().waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(commands.trim());
    await page.getByRole('button', { name: 'Copy the display filter' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toContain('tcp.srcport == 34131');
  });

  it('changes its times, and keeps the choice for the next session', async () => {
    const { page } = await reports.open(path, '#/session/2');
    await page.locator('.choice label', { hasText: 'clock' }).click();
    expect(await page.locator('#turn-0 time').textContent()).toBe('13:17:23.377');
    await page.keyboard.press('Escape');
    await page.evaluate("location.hash = '#/session/2'");
    expect(await page.locator('#turn-0 time').textContent()).toBe('13:17:23.377');
  });

  it('obeys --time', async () => {
    const { page } = await reports.open(
      reports.make([capture('founding-case-2007.pcap')], '--time', 'delta'),
      '#/session/2',
    );
    expect(await page.locator('#turn-3 time').textContent()).toBe('0.003');
  });
});

describe('a report with nothing in it', () => {
  it('says so in every view', async () => {
    const path = reports.make([capture('founding-case-2007.pcap')], '--session', '999');
    const { page, complaints } = await reports.open(path);
    expect(await page.locator('h1').textContent()).toBe('None of 2 sessions was selected');
    await page.evaluate("location.hash = '#/sessions'");
    expect(await page.locator('.grid .empty').textContent()).toBe('No session passes these filters.');
    await page.evaluate("location.hash = '#/servers'");
    expect(await page.locator('.servers, .panel').last().textContent()).toContain('No server said what it can do');
    await page.evaluate("location.hash = '#/session/2'");
    expect(await page.locator('.empty').textContent()).toBe('There is no session #2 in this report.');
    expect(complaints).toEqual([]);
  });

  it('shows sessions whose packets have no time', async () => {
    const packets = connectionOf(saidIn('S: 220 mx.example\nC: QUIT\nS: 221 bye')).map((segment) => packetOf(segment));
    const writer = new PcapngWriter();
    const blocks = packets.map((packet) => writer.simple(packet));
    const untimed = Buffer.concat([writer.section(), writer.interface({ linkType: 101 }), ...blocks]);
    const { page, complaints } = await reports.open(
      reports.make([reports.write('untimed.pcapng', untimed)]),
      '#/session/1',
    );
    await page.waitForSelector('.ladder');
    expect(await page.locator('#turn-0 time').textContent()).toBe('–');
    expect(await page.locator('.facts').innerText()).not.toContain('Time taken by');
    await page.evaluate("location.hash = '#/sessions'");
    expect(await page.locator('.row .start').last().textContent()).toBe('no time');
    expect(complaints).toEqual([]);
  });
});

describe('many sessions', () => {
  let path: string;
  let sessions: number;
  beforeAll(() => {
    const { capture: bytes, truth } = generateCorpus('dense', { bytes: 12_000_000, seed: 7 });
    sessions = truth.totals.sessions;
    path = reports.make([reports.write('dense.pcap', bytes)]);
  });

  it('has only the rows in sight in the page, and all of them to scroll through', async () => {
    const { page, complaints } = await reports.open(path, '#/sessions');
    expect(sessions).toBeGreaterThan(150);
    expect(await rows(page).count()).toBeLessThan(60);
    expect(await page.locator('.grid').getAttribute('aria-rowcount')).toBe(String(sessions + 1));
    await page.evaluate("document.querySelector('.grid .body').scrollTop = 1e7");
    await expect.poll(async () => (await ids(page)).at(-1)).toBe(String(sessions));
    expect(complaints).toEqual([]);
  });

  it('filters by severity, outcome, rule, server and words, and says how many are left', async () => {
    const { page } = await reports.open(path, '#/sessions');
    const left = async (): Promise<number> =>
      Number((await page.locator('.hits').innerText()).replace(/,/g, '').split(' ')[0]);
    expect(await left()).toBe(sessions);
    await page.getByLabel('Severity', { exact: true }).selectOption('error or worse');
    const errors = await left();
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(sessions);
    await page.getByLabel('Outcome', { exact: true }).selectOption('rejected');
    const rejected = await left();
    expect(rejected).toBeLessThan(errors);
    expect(new Set(await page.locator('.row .ending').allTextContents())).toEqual(new Set(['rejected']));
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await left()).toBe(sessions);
    await page.getByLabel('Finding', { exact: true }).selectOption('auth-535');
    const refused = await left();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('#search').fill('auth-535');
    expect(await left()).toBe(refused);
    await page.locator('#search').fill('no such words anywhere');
    expect(await page.locator('.empty').textContent()).toBe('No session passes these filters.');
  });

  it('searches through the dialogues themselves', async () => {
    const { page } = await reports.open(path, '#/sessions');
    await page.locator('#search').fill('eHLO');
    await page.getByRole('button', { name: 'in dialogues' }).click();
    await expect.poll(() => page.locator('.hits').innerText(), { timeout: 10_000 }).toMatch(/^\d+ of/);
    const found = Number((await page.locator('.hits').innerText()).split(' ')[0]);
    expect(found).toBeGreaterThan(50);
    expect(found).toBeLessThan(sessions);
  });

  it('sorts by a column, both ways', async () => {
    const { page } = await reports.open(path, '#/sessions');
    const first = async (): Promise<string> =>
      (await page.locator('.grid .body .row .duration').first().innerText()).trim();
    await page.getByRole('button', { name: 'Duration' }).click();
    expect(await page.locator('[role=columnheader].duration').getAttribute('aria-sort')).toBe('descending');
    const longest = await first();
    await page.getByRole('button', { name: 'Duration' }).click();
    expect(await page.locator('[role=columnheader].duration').getAttribute('aria-sort')).toBe('ascending');
    expect(await first()).not.toBe(longest);
    expect(longest).toMatch(/ s$/);
  });

  it('is brushed in the plot, and by typed times', async () => {
    const { page, complaints } = await reports.open(path, '#/sessions');
    const plot = await page.locator('.u-over').boundingBox();
    if (plot === null) throw new Error('no plot');
    await page.mouse.move(plot.x + plot.width * 0.2, plot.y + 20);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.4, plot.y + 20, { steps: 4 });
    await page.mouse.up();
    const left = async (): Promise<number> => Number((await page.locator('.hits').innerText()).split(' ')[0]);
    await expect.poll(left).toBeLessThan(sessions);
    expect(await left()).toBeGreaterThan(0);
    expect(await page.getByLabel('From, UTC').inputValue()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await page.getByRole('button', { name: 'take this time range away' }).click();
    expect(await left()).toBe(sessions);
    await page.getByLabel('To, UTC').fill('00:00:01');
    await page.getByLabel('To, UTC').press('Enter');
    expect(await left()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('is used by keys alone', async () => {
    const { page } = await reports.open(path);
    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.type('delivered');
    await page.keyboard.press('Escape');
    await page.locator('.grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const third = (await ids(page))[2];
    expect(await page.locator('.row[aria-selected=true] .id').innerText()).toBe(third);
    expect(await page.locator('.grid').getAttribute('aria-activedescendant')).toBe('row-2');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ladder');
    expect(page.url()).toContain(`#/session/${third}`);
    await page.keyboard.press('n');
    await expect.poll(() => page.url()).not.toContain(`#/session/${third}`);
    await page.keyboard.press('p');
    await expect.poll(() => page.url()).toContain(`#/session/${third}`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.grid');
    await page.keyboard.press('End');
    await page.keyboard.press('v');
    expect(await page.locator('h1').innerText()).toBe('What each server offers');
    await page.keyboard.press('?');
    expect(await page.locator('dialog.keys').isVisible()).toBe(true);
  });

  it('shows what each server offers', async () => {
    const { page, complaints } = await reports.open(path, '#/servers');
    const heads = await page.locator('.matrix thead th').allInnerTexts();
    expect(heads).toEqual(expect.arrayContaining(['Server', 'Sessions', 'PIPELINING', 'SIZE', 'STARTTLS']));
    expect(await page.locator('.matrix tbody').count()).toBeGreaterThan(2);
    await page.locator('.matrix tbody button').first().click();
    const servers = new Set(await page.locator('.grid .body .row .server').allInnerTexts());
    expect(servers.size).toBeLessThanOrEqual(2);
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'follows the %s colours of the system, and a choice of its own',
    async (colorScheme) => {
      const { page } = await reports.open(path, '', { colorScheme });
      const luminance = (): Promise<number> =>
        page.evaluate(
          "(() => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.documentElement).backgroundColor; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[0]; })()",
        );
      const isDark = colorScheme === 'dark';
      expect((await luminance()) < 128).toBe(isDark);
      await page.getByRole('button', { name: /^Colours/ }).click();
      expect((await luminance()) < 128).toBe(false);
      await page.getByRole('button', { name: /^Colours/ }).click();
      expect((await luminance()) < 128).toBe(true);
    },
  );

  it.each(['#/', '#/sessions', '#/servers', '#/session/1', '#/session/3'])('fits a phone: %s', async (hash) => {
    const { page } = await reports.open(path, hash, { viewport: { width: 390, height: 844 } });
    if (hash.includes('/session/')) await page.waitForSelector('.ladder');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  });

  it('is printed whole: every selected row, every fold open, nothing of the buttons', async () => {
    const { page } = await reports.open(path, '#/sessions');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print' });
    expect(await rows(page).count()).toBe(sessions);
    expect(await page.locator('.filters').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await expect.poll(() => rows(page).count()).toBeLessThan(100);
    await page.evaluate("location.hash = '#/session/5'");
    await page.waitForSelector('.ladder');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('details:not([open])').count()).toBe(0);
  });
});

describe('what axe finds amiss for those who see badly, hear the page or have no mouse', () => {
  let path: string;
  beforeAll(() => {
    path = reports.make([capture('founding-case-2007.pcap'), capture('rules/relay-denied-exim-550.pcap')]);
  });

  it.each(['light', 'dark'] as const)('is nothing, in %s', async (colorScheme) => {
    const { page } = await reports.open(path, '', { colorScheme });
    await page.evaluate(axe.source);
    for (const hash of ['#/', '#/sessions', '#/servers', '#/session/1', '#/session/2', '#/session/3']) {
      await page.evaluate(`location.hash = '${hash}'`);
      if (hash.startsWith('#/session/')) {
        await page.locator('.session h1', { hasText: `#${hash.slice(10)} ` }).waitFor();
        await page.locator('.ladder').waitFor();
      }
      const found = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
      expect({ hash, found }).toEqual({ hash, found: [] });
    }
  });
});

describe('a hostile capture', () => {
  const VIEWS = ['#/', '#/sessions', '#/servers', ...HOSTILE_MARKUP.map((_, at) => `#/session/${at + 1}`)];
  let path: string;
  beforeAll(() => {
    // Its name is hostile, too; a slash cannot be in one.
    const file = reports.write('<img src=x onerror=globalThis.owned=1>\u202e.pcap', hostileCapture());
    path = reports.make([file], '--reveal', '--body', 'full');
  });

  it('is shown, every text of it, and does nothing', async () => {
    const { page, complaints } = await reports.open(path);
    for (const hash of VIEWS) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      if (hash.startsWith('#/session/')) {
        await page.locator('.session h1', { hasText: `#${hash.slice(10)} ` }).waitFor();
        await page.evaluate("document.querySelectorAll('details').forEach((one) => one.setAttribute('open', ''))");
      }
      const state = await page.evaluate(`({
        owned: typeof globalThis.owned,
        elements: [...document.querySelectorAll('#app *')].filter((one) => /^(IMG|SVG|SCRIPT|STYLE|IFRAME|OBJECT|EMBED|FORM|BASE|LINK|META)$/i.test(one.tagName) && !one.closest('dialog')).map((one) => one.tagName),
        handlers: [...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith('on')),
        links: [...document.querySelectorAll('#app a')].map((one) => one.getAttribute('href')).filter((href) => !/^#\\/|^https:\\/\\/[\\w.-]+\\//.test(href)),
        text: document.getElementById('app').textContent + [...document.querySelectorAll('#app *')].flatMap((one) => one.getAttributeNames().map((name) => one.getAttribute(name))).join('') + document.title,
      })`);
      const { text, ...rest } = state as { text: string };
      expect({ hash, ...rest }).toEqual({ hash, owned: 'undefined', elements: [], handlers: [], links: [] });
      expect({ hash, controls: rawControls(text) }).toEqual({ hash, controls: [] });
    }
    expect(complaints).toEqual([]);
  });

  it('shows markup as the characters that it is, and controls as escapes', async () => {
    const { page } = await reports.open(path, '#/session/1');
    await page.waitForSelector('.ladder');
    expect(await page.locator('#turn-0').innerText()).toContain('220 </script><script>globalThis.owned=1</script>');
    const bidi = HOSTILE_MARKUP.findIndex((text) => text.includes('\\xe2\\x80\\xae')) + 1;
    await page.evaluate(`location.hash = '#/session/${bidi}'`);
    await page.locator('.session h1', { hasText: `#${bidi} ` }).waitFor();
    expect(await page.locator('#turn-0 .escape').allInnerTexts()).toEqual(['\\u202e', '\\u202c']);
  });

  it('cannot get anything past the policy, were it in the page', async () => {
    const { page, complaints } = await reports.open(path);
    const ran = await page.evaluate(`(async () => {
      const script = document.createElement('script');
      try { script.textContent = 'globalThis.owned = 1'; document.body.append(script); } catch {}
      try { document.body.innerHTML += '<img src=x onerror="globalThis.owned=1">'; } catch {}
      await new Promise((done) => setTimeout(done, 50));
      return typeof globalThis.owned;
    })()`);
    expect(ran).toBe('undefined');
    expect(complaints.join('\n')).toContain('policy: ');
  });
});
