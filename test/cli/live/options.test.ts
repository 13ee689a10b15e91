import { describe, expect, it } from 'vitest';
import { durationValue, liveOptions, numberValue, type RawLiveOptions } from '../../../src/cli/live/options.ts';

describe('durations', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1 d', 86_400_000],
  ])('%s', (text, ms) => expect(durationValue(text)).toBe(ms));

  it.each(['', '0', '-1', '10x', '25d', '1e9', 'soon'])('not %s', (text) => {
    expect(() => durationValue(text)).toThrow(/is no duration up to 24 days: give 90s, 10m, 2h or 1d/);
  });
});

describe('numbers', () => {
  it('within their bounds', () => {
    expect(numberValue('64', 1, 1024)).toBe(64);
    for (const text of ['0', '1025', '1.5', '', 'x', '-3'])
      expect(() => numberValue(text, 1, 1024)).toThrow(/from 1 to 1024/);
  });
});

describe('without a word of the user\u2019s', () => {
  const given = (raw: Partial<RawLiveOptions>) => liveOptions(raw as RawLiveOptions);

  it('a heartbeat comes with -v alone, every minute', () => {
    expect(given({}).heartbeatMs).toBe(null);
    expect(given({ verbose: true }).heartbeatMs).toBe(60_000);
    expect(given({ verbose: true, heartbeat: 5_000 }).heartbeatMs).toBe(5_000);
    expect(given({ heartbeat: 5_000 }).heartbeatMs).toBe(5_000);
  });

  it('--write takes a gigabyte at most', () => {
    const { fileBytes, files } = given({}).rotation;
    expect(fileBytes * files).toBeLessThanOrEqual(1 << 30);
  });
});
