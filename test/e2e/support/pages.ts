/** Reports made by the real binary and opened from disk in a real browser. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from '../../support/requirements.ts';

const BIN = fileURLToPath(new URL('../../../bin/smtpscope.js', import.meta.url));

export class Reports {
  readonly directory = mkdtempSync(join(tmpdir(), 'smtpscope-report-'));
  #browser: Browser | null = null;
  #context: BrowserContext | null = null;
  #made = 0;

  /** Path of the report of these captures. */
  make(captures: readonly string[], ...options: readonly string[]): string {
    const path = join(this.directory, `report-${++this.#made}.html`);
    const { status, stderr } = spawnSync(
      process.execPath,
      [BIN, '-q', '-f', 'html', '-o', path, ...options, ...captures],
      {
        cwd: this.directory,
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
    return path;
  }

  write(name: string, bytes: Buffer): string {
    const path = join(this.directory, name);
    writeFileSync(path, bytes);
    return path;
  }

  /** The page that was open before is closed. */
  async open(path: string, hash = '', options: BrowserContextOptions = {}): Promise<OpenPage> {
    // In a container root has no user namespace for the sandbox.
    this.#browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    await this.#context?.close();
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    this.#context = context;
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(?:file|data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
    });
    await page.addInitScript(
      "addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));",
    );
    await page.goto(pathToFileURL(path).href + hash);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    return { page, complaints };
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    rmSync(this.directory, { recursive: true });
  }
}

export interface OpenPage {
  readonly page: Page;
  /** Errors, warnings, violations of the policy, dialogs, requests to anywhere. */
  readonly complaints: readonly string[];
}
