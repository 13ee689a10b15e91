/** The streams of a capture as tcpflow writes them to files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** By `192.0.2.10:50966 198.51.100.25:25`, sender first, as Latin-1. Only what was used by one connection. */
export function tcpflowStreams(path: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'smtpscope-tcpflow-'));
  try {
    spawnSync('tcpflow', ['-q', '-r', path, '-o', folder], { stdio: 'ignore' });
    const streams = new Map<string, string>();
    const again = new Set<string>();
    for (const name of readdirSync(folder)) {
      const ends = /^([\d.]+)\.(\d{5})-([\d.]+)\.(\d{5})(c\d+)?$/.exec(name.replace(/^.*T/, ''));
      if (ends === null) continue;
      const key = `${address(ends[1])}:${Number(ends[2])} ${address(ends[3])}:${Number(ends[4])}`;
      if (ends[5] !== undefined) again.add(key);
      else streams.set(key, readFileSync(join(folder, name), 'latin1'));
    }
    for (const key of again) streams.delete(key);
    return streams;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function address(padded: string | undefined): string {
  return (padded ?? '').split('.').map(Number).join('.');
}
