import { describe, expect, it } from 'vitest';
import { mail, type Talk, told } from './support/run.ts';

const DEFERRED = mail({ rcpt: '451 4.3.0 Try later' });
const HOURS = 3 * 3600;
const across = (talks: readonly Talk[], until = HOURS) => told('4xx-giveup', talks, { until });

describe('4xx-giveup', () => {
  it('fires: nothing came in the hours that follow', () => {
    const found = across([{ text: DEFERRED }]);
    expect(found).toMatchObject([{ severity: 'notice', confidence: 'hint', sessions: [1] }]);
    expect(found[0]?.message).toMatch(
      /^198\.51\.100\.7 did not try mail from a@client\.example to b@mx\.example again in the 3 h that the capture goes on after 451 4\.3\.0 Try later$/,
    );
  });

  it('fires: it came back for another mail only', () => {
    expect(across([{ text: DEFERRED }, { text: mail({ to: 'c@mx.example' }), at: 900 }])).toHaveLength(1);
  });

  it('fires: the capture goes on without any session', () => {
    const facts = { lastUs: 1_700_000_000_000_000 + HOURS * 1e6 };
    expect(told('4xx-giveup', [{ text: DEFERRED }], { facts })).toHaveLength(1);
    expect(told('4xx-giveup', [{ text: DEFERRED }])).toEqual([]);
  });

  it('tells of one client once', () => {
    const found = across(
      ['b', 'c', 'd'].map((to, at) => ({ text: mail({ to: `${to}@mx.example`, rcpt: '451 no' }), at })),
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(/; nor 2 other mails that had been put off$/);
  });

  it.each([
    ['it came back and was accepted', [{ text: DEFERRED }, { text: mail(), at: 900 }]],
    ['it came back and was refused', [{ text: DEFERRED }, { text: mail({ rcpt: '550 no' }), at: 900 }]],
    ['it came back from its network', [{ text: DEFERRED }, { text: mail(), at: 900, client: '198.51.100.90' }]],
    ['it came back, and what for cannot be seen', [{ text: DEFERRED }, { text: '', at: 900 }]],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });

  it('quiet: the capture ends within two hours', () => {
    expect(across([{ text: DEFERRED }], 7000)).toEqual([]);
  });

  it('quiet: the hours between two captures were not captured', () => {
    expect(
      told('4xx-giveup', [{ text: DEFERRED }, { text: mail({ from: 'x@y.example' }), at: HOURS, capture: 1 }]),
    ).toEqual([]);
  });
});
