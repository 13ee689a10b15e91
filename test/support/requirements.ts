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

export type Requirement =
  | 'tshark'
  | 'sharkd'
  | 'tcpdump'
  | 'dumpcap'
  | 'cap'
  | 'root'
  | 'netns'
  | 'chromium'
  | 'zsh'
  | 'fish'
  | 'mandoc'
  | 'lz4'
  | 'tcpflow'
  | 'postfix'
  | 'msmtp'
  | 'swaks'
  | 'aiosmtpd';

interface Check {
  readonly isMet: () => boolean;
  readonly otherwise: string;
}

/** Where Debian puts it. */
export const CHROMIUM = '/usr/bin/chromium';

const checks: Record<Requirement, Check> = {
  tshark: { isMet: () => runs('tshark', '--version'), otherwise: 'tshark is not installed (apt-get install tshark)' },
  sharkd: {
    isMet: () => runs('sharkd', '--version'),
    otherwise: 'sharkd is not installed (apt-get install wireshark-common)',
  },
  tcpdump: {
    isMet: () => runs('tcpdump', '--version'),
    otherwise: 'tcpdump is not installed (apt-get install tcpdump)',
  },
  cap: {
    isMet: loadsCap,
    otherwise: 'the package cap is absent (apt-get install python3 make g++ libpcap-dev && npm ci)',
  },
  chromium: {
    isMet: () => existsSync(CHROMIUM),
    otherwise: 'chromium is not installed (apt-get install chromium)',
  },
  root: { isMet: () => process.getuid?.() === 0, otherwise: 'not run as root' },
  netns: {
    isMet: () => process.getuid?.() === 0 && runs('unshare', '--net', 'true') && runs('ip', '-V'),
    otherwise: 'no network namespace can be made (needs root, unshare and iproute2)',
  },
  dumpcap: {
    isMet: () => runs('dumpcap', '--version'),
    otherwise: 'dumpcap is not installed (apt-get install wireshark-common)',
  },
  zsh: { isMet: () => runs('zsh', '--version'), otherwise: 'zsh is not installed (apt-get install zsh)' },
  fish: { isMet: () => runs('fish', '--version'), otherwise: 'fish is not installed (apt-get install fish)' },
  mandoc: {
    isMet: () => existsSync('/usr/bin/mandoc'),
    otherwise: 'mandoc is not installed (apt-get install mandoc)',
  },
  lz4: { isMet: () => runs('lz4', '--version'), otherwise: 'lz4 is not installed (apt-get install lz4)' },
  tcpflow: {
    // Its exit status says nothing.
    isMet: () => spawnSync('tcpflow', ['-V'], { stdio: 'ignore' }).error === undefined,
    otherwise: 'tcpflow is not installed (apt-get install tcpflow)',
  },
  postfix: {
    isMet: () => existsSync('/usr/sbin/postfix'),
    otherwise: 'Postfix is not installed (apt-get install postfix)',
  },
  msmtp: { isMet: () => runs('msmtp', '--version'), otherwise: 'msmtp is not installed (apt-get install msmtp)' },
  swaks: { isMet: () => runs('swaks', '--version'), otherwise: 'swaks is not installed (apt-get install swaks)' },
  aiosmtpd: {
    isMet: () => runs('/usr/bin/python3', '-c', 'import aiosmtpd'),
    otherwise: 'aiosmtpd is not installed (apt-get install python3-aiosmtpd)',
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
