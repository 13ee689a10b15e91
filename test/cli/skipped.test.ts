/** What `-v` says of packets and sessions that are not shown. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/smtpscope.js', import.meta.url));
const FOUNDING = fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url));

function said(...args: string[]): string {
  return spawnSync(process.execPath, [BIN, '--no-config', '-o', '/dev/null', ...args, FOUNDING], { encoding: 'utf8' })
    .stderr;
}

describe('-v', () => {
  it('counts what no session has, and says why', () => {
    expect(said('-v', '-p', '26')).toMatch(/skipped: 20 of 20 packets, .*other ports than 26, .*--ports any/);
    expect(said('-v', '-p', 'any')).toMatch(/skipped: 6 of 20 packets, .*other protocols/);
  });

  it('counts the sessions that are not selected, by the option that left them out', () => {
    expect(said('-v', '--host', '192.0.2.1')).toContain('skipped: 2 of 2 sessions, not selected (2 by --host)\n');
    expect(said('-v', '--flagged', '--code', '221')).toContain(
      'skipped: 1 of 2 sessions, not selected (1 by --code)\n',
    );
  });

  it('says nothing where nothing was skipped, and nothing unasked', () => {
    expect(said('-v')).not.toContain('skipped');
    expect(said('-p', '26')).not.toContain('skipped');
  });
});
