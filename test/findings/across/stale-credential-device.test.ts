import { describe, expect, it } from 'vitest';
import { login, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('stale-credential-device', talks);
const every = (seconds: readonly number[], text = login('scanner')) => seconds.map((at) => ({ text, at }));

describe('stale-credential-device', () => {
  it('fires: one user, one client, one period', () => {
    const found = across(every([0, 300, 601, 899, 1200]));
    expect(found).toMatchObject([
      { severity: 'warning', confidence: 'likely', actor: 'client', sessions: [1, 2, 3, 4, 5] },
    ]);
    expect(found[0]?.message).toMatch(/“scanner” at 192\.0\.2\.25 in 5 sessions, one every 5 min/);
  });

  it('fires: a try that the capture missed', () => {
    expect(across(every([0, 300, 900, 1200, 1500]))).toHaveLength(1);
  });

  it('stands for the series of tries, and for guessing', () => {
    const talks = every(Array.from({ length: 25 }, (_, i) => i * 20));
    expect(told('retry-series', talks)).toEqual([]);
    expect(told('auth-bruteforce', talks)).toEqual([]);
    expect(across(talks)).toHaveLength(1);
  });

  it.each<[string, Talk[]]>([
    ['three tries', every([0, 300, 600])],
    ['no period', every([0, 300, 400, 1200, 1300])],
    ['a burst', every([0, 1, 2, 3, 4, 5])],
    ['a login that was accepted', [...every([0, 300, 600, 900]), { text: login('scanner', '235 ok'), at: 1200 }]],
    ['several users', [0, 300, 600, 900].map((at) => ({ text: login(`user${at}`), at }))],
    [
      'several clients',
      [0, 300, 600, 900].map((at, i) => ({ text: login('scanner'), at, client: `198.51.100.${i + 1}` })),
    ],
    ['the server cannot check', every([0, 300, 600, 900], login('scanner', '454 4.7.0 Temporary failure'))],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
