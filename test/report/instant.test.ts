import { describe, expect, it } from 'vitest';
import { rfc3339, secondsBetween } from '../../src/report/instant.ts';

describe('times', () => {
  it.each([
    [1_186_924_643_316_204, 0, 6, '2007-08-12T13:17:23.316204Z'],
    [1_186_924_643_000_007, 0, 6, '2007-08-12T13:17:23.000007Z'],
    [1_186_924_643_316_204, 5, 9, '2007-08-12T13:17:23.316204005Z'],
    [0, 0, 6, '1970-01-01T00:00:00.000000Z'],
    [8_999_999_999_999_999, 0, 6, '2255-03-14T15:59:59.999999Z'],
    [9_007_199_254_740_991, 0, 6, '2255-06-05T23:47:34.740991Z'],
    [Number.NaN, 0, 6, null],
    [-1, 0, 6, null],
    [8.7e18, 0, 9, null],
  ] as const)('%d us and %d ns with %d digits', (us, nanos, digits, text) => {
    expect(rfc3339(us, nanos, digits)).toBe(text);
  });

  it('subtracts to the nanosecond', () => {
    expect(secondsBetween(1_000_000, 0, 1_095_035, 0)).toBe(0.095035);
    expect(secondsBetween(1_000_000, 999, 1_000_001, 1)).toBe(2e-9);
    expect(secondsBetween(Number.NaN, 0, 1, 0)).toBeNull();
  });
});
