import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/support/setup.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    // Processes, not threads: `cap` does not load in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    // One load of the modules for all files of a process: nothing in src keeps state between two runs that a test could see.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
