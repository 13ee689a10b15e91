/** What was made, or found, to hurt: it ends in records or in a CaptureError, soon. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/packet-sink.ts';
import { inspect } from '../../src/library.ts';
import { schemaErrors } from '../support/schema.ts';

const folder = fileURLToPath(new URL('fixtures', import.meta.url));
const names = readdirSync(folder).filter((name) => name !== 'README.md');

describe('inputs that must not hurt', () => {
  it.each(names)('%s', async (name) => {
    const begun = process.cpuUsage();
    for (const ports of [undefined, 'any'] as const) {
      try {
        const { sessions, summary } = await inspect(readFileSync(join(folder, name)), ports ? { ports } : {});
        for (const session of sessions) expect(schemaErrors(session, 'session')).toEqual([]);
        expect(schemaErrors(summary, 'summary')).toEqual([]);
      } catch (error) {
        expect(error).toBeInstanceOf(CaptureError);
      }
    }
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1e6, 'seconds of CPU').toBeLessThan(5);
  });

  it('are each told of in the list beside them', () => {
    const list = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(names.filter((name) => !list.includes(`\`${name}\``))).toEqual([]);
  });
});
