import { describe, expect, it } from 'vitest';
import { Recent } from '../../src/findings/recent.ts';

describe('Recent', () => {
  it('keeps what is asked for, forgets the rest, and never holds more than twice its limit', () => {
    const recent = new Recent<number, string>(10);
    expect(recent.isEmpty).toBe(true);
    recent.set(-1, 'kept');
    recent.set(-2, 'forgotten');
    for (let i = 0; i < 100; i++) {
      recent.set(i, `${i}`);
      expect(recent.get(-1)).toBe('kept');
      expect([...recent.values()].length).toBeLessThanOrEqual(20);
    }
    expect(recent.get(-2)).toBeUndefined();
    expect(recent.get(99)).toBe('99');
    expect(recent.isEmpty).toBe(false);
  });

  it('names each key once', () => {
    const recent = new Recent<string, number>(2);
    for (const key of ['a', 'b', 'c']) recent.set(key, 1);
    recent.get('a');
    expect([...recent.keys()].sort()).toEqual(['a', 'b', 'c']);
  });
});
