import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SpillFile } from '../../../src/capture/source/spill-file.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'smtpscope-test-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('the temporary file', () => {
  it('gives back what was written, and leaves no name behind', () => {
    const where = folder();
    const file = new SpillFile(where);
    expect(readdirSync(where)).toEqual([]);
    expect(file.write(Buffer.from('second'), 5)).toBe(true);
    expect(file.write(Buffer.from('first'), 0)).toBe(true);
    expect(readdirSync(where)).toEqual([]);
    const target = Buffer.alloc(13, '-');
    file.read(target, 1, 11, 0);
    expect(target.toString()).toBe('-firstsecond-');
    file.close();
    file.close();
  });

  it('that cannot be made takes nothing, and throws nothing', () => {
    const file = new SpillFile(join(folder(), 'not', 'there'));
    expect(file.write(Buffer.from('x'), 0)).toBe(false);
    file.close();
  });
});
