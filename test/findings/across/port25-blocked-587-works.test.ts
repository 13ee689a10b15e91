import { describe, expect, it } from 'vitest';
import { mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('port25-blocked-587-works', talks);
const silent = (n: number, at = 0): Talk => ({ text: '', server: `192.0.2.${n}`, at });
const SUBMITTED: Talk = { text: mail(), server: '192.0.2.99', port: 587, at: 100 };

describe('port25-blocked-587-works', () => {
  it('fires: two servers silent on 25, another port answers', () => {
    const found = across([silent(1), silent(2, 1), SUBMITTED]);
    expect(found).toMatchObject([{ severity: 'error', confidence: 'likely', actor: 'network', sessions: [1, 2, 3] }]);
    expect(found[0]?.message).toBe(
      '198.51.100.7 got no greeting on port 25 from 2 servers (192.0.2.1 and 192.0.2.2) in 2 attempts, while 192.0.2.99 ' +
        'answered it on port 587',
    );
  });

  it('fires: the other port answered before', () => {
    expect(across([{ ...SUBMITTED, at: 0 }, silent(1, 10), silent(2, 11)])).toHaveLength(1);
  });

  it('fires: the provider’s own relay answers on 25', () => {
    expect(across([silent(1), silent(2, 1), { text: mail(), server: '192.0.2.50', at: 50 }, SUBMITTED])).toHaveLength(
      1,
    );
  });

  it.each<[string, Talk[]]>([
    ['one server', [silent(1), silent(1, 60), SUBMITTED]],
    ['no other port', [silent(1), silent(2, 1), { ...SUBMITTED, port: 25 }]],
    ['another client’s submission', [silent(1), silent(2, 1), { ...SUBMITTED, client: '198.51.100.8' }]],
    [
      'port 25 of two other servers answers',
      [
        silent(1),
        silent(2, 1),
        { text: mail(), server: '192.0.2.50', at: 50 },
        { text: mail({ id: null }), server: '192.0.2.51', at: 51 },
        SUBMITTED,
      ],
    ],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
