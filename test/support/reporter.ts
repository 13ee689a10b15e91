/**
 * Closes a test run with the reasons of its skips and one line that a script can read: `N passed, N failed, N skipped`.
 * A test file that could not be loaded and an error outside of any test count as failures. Where everything is required
 * (SMTPSCOPE_REQUIRE_ALL=1), a skip whose note does not call it optional is a failure too.
 */
import type { Reporter, TestModule } from 'vitest/node';
import { OPTIONAL_SKIP } from './skip-notes.ts';

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const requireAll = process.env.SMTPSCOPE_REQUIRE_ALL === '1';
    const skips = new Map<string, number>();
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    let forbidden = 0;
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'failed') failedHere++;
        else {
          const note = (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
          if (requireAll && !note.startsWith(OPTIONAL_SKIP)) forbidden++;
          skipped++;
          skips.set(note, (skips.get(note) ?? 0) + 1);
        }
      }
      // A file that threw while it was loaded has no failed test to show for it.
      failed += failedHere === 0 && module.state() === 'failed' ? 1 : failedHere;
    }
    const lines = [...skips].map(([note, count]) => `skipped ${count}: ${note}`);
    if (forbidden > 0) lines.push(`${forbidden} of the skips are errors, since SMTPSCOPE_REQUIRE_ALL is set`);
    lines.push(`${passed} passed, ${failed + forbidden} failed, ${skipped - forbidden} skipped`);
    // At exit, since the coverage report and messages of the runner come after this.
    process.on('exit', () => {
      if (forbidden > 0) process.exitCode = 1;
      process.stdout.write(`${lines.join('\n')}\n`);
    });
  }
}
