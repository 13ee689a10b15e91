import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';

describe('ts-userland', () => {
  it('fires: the capture was taken live through cap', () => {
    const found = crossFindings([], [{ ...GOOD_CAPTURE, name: 'eth0', userlandTimes: true }]);
    expect(found).toMatchObject([{ rule: 'ts-userland', severity: 'notice', confidence: 'certain', sessions: [] }]);
    expect(found[0]?.message).toMatch(/^eth0 was watched live/);
  });

  it('quiet: a file', () => {
    expect(crossFindings([], [GOOD_CAPTURE, { ...GOOD_CAPTURE, userlandTimes: false }])).toEqual([]);
  });
});
