import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scan } from './scanning.ts';

const FILE = readFileSync(fileURLToPath(new URL('../../../captures/format/snoop.snoop', import.meta.url)));
const patched = (at: number, value: number) => {
  const copy = Buffer.from(FILE);
  copy.writeUInt32BE(value, at);
  return copy;
};

describe('snoop', () => {
  it('gives its packets in chunks of any size', () => {
    const whole = scan(FILE);
    expect(whole.error).toBeNull();
    expect(whole.facts).toMatchObject({ format: 'snoop', packets: 17, linkTypes: [1], dropped: 3, warnings: [] });
    for (const size of [1, 3, 16, 17, 100]) expect(scan(FILE, size)).toEqual(whole);
  });

  it('cut short says where', () => {
    const { facts, seen } = scan(FILE.subarray(0, -2), 50);
    expect(seen).toHaveLength(16);
    expect(facts).toMatchObject({
      cutShort: true,
      warnings: [expect.stringMatching(/record of frame 17 at byte offset/)],
    });
  });

  it('with lengths that lie, or of another version, is an error with its place', () => {
    expect(scan(patched(20, 0x7fffffff)).error).toMatchObject({ code: 'bad-length', offset: 16 });
    expect(scan(patched(24, 12)).error).toMatchObject({ code: 'bad-length', offset: 16 });
    expect(scan(patched(24, 0xffffff)).error).toMatchObject({ code: 'bad-length', offset: 16 });
    expect(scan(patched(8, 3)).error).toMatchObject({ code: 'unsupported-version', offset: 8 });
  });

  it('of another kind of link keeps the kind apart from all link types', () => {
    expect(scan(patched(12, 5)).facts.linkTypes).toEqual([0x10005]);
    expect(scan(patched(12, 8)).facts.linkTypes).toEqual([10]);
  });
});
