import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';

describe('clock-jump', () => {
  it('fires: with the frame where it goes back first', () => {
    const found = crossFindings([], [{ ...GOOD_CAPTURE, timeBack: { count: 2, largestUs: 3_500_000, frame: 17 } }]);
    expect(found).toMatchObject([
      {
        rule: 'clock-jump',
        severity: 'notice',
        confidence: 'certain',
        sessions: [],
        evidence: [{ turn: null, frame: 17 }],
      },
    ]);
    expect(found[0]?.message).toBe('mail.pcap: time goes back 2 times, by 3.5 s at most');
  });

  it('quiet: time goes on', () => {
    expect(crossFindings([], [{ ...GOOD_CAPTURE, timeBack: null }])).toEqual([]);
    expect(crossFindings([], [{ ...GOOD_CAPTURE, timeBack: { count: 0, largestUs: 0, frame: 0 } }])).toEqual([]);
    expect(crossFindings([], [GOOD_CAPTURE])).toEqual([]);
  });
});
