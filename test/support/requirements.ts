/**
 * What some tests need beyond Node and npm. On a machine without it such a test is skipped and says why; where
 * SMTPSCOPE_REQUIRE_ALL=1 is set (.ci/run) it fails instead, so that nothing goes untested unnoticed.
 *
 *     it('agrees with tshark on every command', (context) => {
 *       needs(context, 'tshark');
 *       …
 *     });
 *
 * For a whole file: `beforeEach((context) => needs(context, 'root', 'cap'))`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { TestContext } from 'vitest';
import { OPTIONAL_SKIP } from './skip-notes.ts';

export type Requirement = 'tshark' | 'tcpdump' | 'cap' | 'root' | 'netns';

interface Check {
  readonly isMet: () => boolean;
  readonly otherwise: string;
}

const checks: Record<Requirement, Check> = {
  tshark: { isMet: () => runs('tshark', '--version'), otherwise: 'tshark is not installed (apt-get install tshark)' },
  tcpdump: {
    isMet: () => runs('tcpdump', '--version'),
    otherwise: 'tcpdump is not installed (apt-get install tcpdump)',
  },
  cap: {
    isMet: loadsCap,
    otherwise: 'the package cap is absent (apt-get install python3 make g++ libpcap-dev && npm ci)',
  },
  root: { isMet: () => process.getuid?.() === 0, otherwise: 'not run as root' },
  netns: {
    isMet: () => process.getuid?.() === 0 && runs('unshare', '--net', 'true'),
    otherwise: 'no network namespace can be made (needs root and unshare)',
  },
};

const known = new Map<Requirement, boolean>();

/** True where the machine has it; asked once a process. */
export function has(requirement: Requirement): boolean {
  let met = known.get(requirement);
  if (met === undefined) {
    met = checks[requirement].isMet();
    known.set(requirement, met);
  }
  return met;
}

/**
 * Skips the running test, with the reason, where the machine lacks one of `requirements`; fails it where all of them
 * are required. To be called first in a test or in `beforeEach`.
 */
export function needs(context: TestContext, ...requirements: readonly Requirement[]): void {
  for (const requirement of requirements) {
    if (has(requirement)) continue;
    const reason = checks[requirement].otherwise;
    if (process.env.SMTPSCOPE_REQUIRE_ALL === '1') throw new Error(`required here: ${reason}`);
    context.skip(reason);
  }
}

/**
 * The folder of captures that others made (SMTPSCOPE_SHARED_CAPTURES, with given/ and stress/), or null. They are no
 * part of the project, so their absence is never an error; a path that leads nowhere is.
 */
export function sharedCapturesFolder(): string | null {
  const path = process.env.SMTPSCOPE_SHARED_CAPTURES;
  if (path === undefined || path === '') return null;
  if (!existsSync(path)) throw new Error(`SMTPSCOPE_SHARED_CAPTURES: there is no ${path}`);
  return resolve(path);
}

/** The same for a running test, which is skipped when the folder is not given. */
export function needsSharedCaptures(context: TestContext): string {
  return sharedCapturesFolder() ?? context.skip(`${OPTIONAL_SKIP}: SMTPSCOPE_SHARED_CAPTURES is not set`);
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function loadsCap(): boolean {
  try {
    createRequire(import.meta.url)('cap');
    return true;
  } catch {
    return false;
  }
}
