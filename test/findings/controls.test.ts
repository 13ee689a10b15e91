/** Healthy traffic, and the controls made after the rules, raise nothing above a notice. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/source/file.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';

const folder = fileURLToPath(new URL('../../captures/', import.meta.url));
/** True of traffic that is healthy otherwise: passwords in clear between private addresses. */
const RIGHTLY: Readonly<Record<string, readonly string[]>> = {
  'healthy/swaks-auth-plain-587-private.pcap': ['credentials-in-clear warning'],
};

describe('healthy traffic', () => {
  it.each(
    ['healthy', 'controls'].flatMap((kind) =>
      readdirSync(`${folder}${kind}`)
        .sort()
        .map((name) => `${kind}/${name}`),
    ),
  )('%s', async (name) => {
    const loud: string[] = [];
    let sessions = 0;
    const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ findings }) => {
      sessions++;
      for (const { rule, severity } of findings) if (severity !== 'notice') loud.push(`${rule} ${severity}`);
    });
    analysis.beginCapture(name);
    analysis.endCapture(await readCapture(`${folder}${name}`, analysis));
    for (const { rule, severity } of analysis.finish().crossFindings) {
      if (severity !== 'notice') loud.push(`${rule} ${severity}`);
    }
    expect(sessions).toBeGreaterThan(0);
    expect(loud).toEqual(RIGHTLY[name] ?? []);
  });
});
