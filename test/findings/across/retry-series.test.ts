import { describe, expect, it } from 'vitest';
import { crossFindings } from '../support/across.ts';
import { talk } from '../support/dialogue.ts';

const LEFT = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\nC: QUIT\nS: 221 bye';
const tries = (seconds: readonly number[], text = LEFT) =>
  seconds.map((startSeconds, i) => talk(text, { id: i + 1, startSeconds }));

describe('retry-series', () => {
  it('fires: growing intervals with one outcome', () => {
    const found = crossFindings(tries([0, 300, 900, 2100]));
    expect(found).toMatchObject([
      { rule: 'retry-series', severity: 'notice', confidence: 'likely', sessions: [1, 2, 3, 4] },
    ]);
    expect(found[0]?.message).toMatch(
      /4 times, first after 5 min, then after 20 min, and each try ended alike: aborted/,
    );
  });

  it('fires: equal intervals', () => {
    expect(crossFindings(tries([0, 1000, 2000]))[0]?.message).toMatch(/3 times, every 17 min/);
  });

  it('quiet: two tries, shrinking intervals, a burst, healthy sessions', () => {
    expect(crossFindings(tries([0, 300]))).toEqual([]);
    expect(crossFindings(tries([0, 900, 1000]))).toEqual([]);
    expect(crossFindings(tries([0, 1, 2, 3]))).toEqual([]);
    expect(crossFindings(tries([0, 300, 600], 'S: 220 mx.example\nC: QUIT\nS: 221 bye'))).toEqual([]);
  });

  it('quiet: something else happened in between', () => {
    const [first, second, third] = tries([0, 300, 600]);
    const well = talk('S: 220 mx.example\nC: QUIT\nS: 221 bye', { id: 9, startSeconds: 400 });
    expect(crossFindings([first, second, well, third].flatMap((s) => (s === undefined ? [] : [s])))).toEqual([]);
  });
});
