import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';
import { talk } from '../support/dialogue.ts';

const HOLED = 'S: 220 mx.example\n--gap client 100--\nC: QUIT\nS: 221 bye';
const holed = (starts: readonly number[]) =>
  starts.map((startSeconds, i) => talk(HOLED, { id: i + 1, startSeconds, client: `198.51.100.${i + 1}` }));

describe('drops', () => {
  it('fires: the file counts them', () => {
    const found = crossFindings(holed([0]), [{ ...GOOD_CAPTURE, dropped: 17 }]);
    expect(found).toMatchObject([{ rule: 'drops', severity: 'warning', confidence: 'certain', sessions: [1] }]);
    expect(found[0]?.message).toBe('mail.pcap: 17 packets were dropped while it was made, by its own counters');
  });

  it('fires: the file counts them, and no session is touched', () => {
    expect(crossFindings([], [{ ...GOOD_CAPTURE, dropped: 1 }])).toMatchObject([
      { rule: 'drops', sessions: [], evidence: [] },
    ]);
  });

  it('fires: holes of many sessions in one second', () => {
    const found = crossFindings(holed([0, 0.1, 0.2, 0.3, 500]));
    expect(found).toMatchObject([{ rule: 'drops', confidence: 'likely', sessions: [1, 2, 3, 4] }]);
    expect(found[0]?.evidence).toMatchObject([{ turn: null }]);
  });

  it('quiet: holes here and there', () => {
    expect(crossFindings(holed([0, 100, 200, 300, 400]))).toEqual([]);
    expect(crossFindings([])).toEqual([]);
  });
});
