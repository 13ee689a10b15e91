import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';
import { odd } from './support/odd.ts';

describe('duplicate-packets', () => {
  it('fires: with how many of how many', () => {
    const found = crossFindings([
      odd(1, { duplicates: 2, dataSegments: 4 }, { duplicates: 1, dataSegments: 3 }),
      odd(2, {}),
    ]);
    expect(found).toMatchObject([
      { rule: 'duplicate-packets', severity: 'notice', confidence: 'certain', sessions: [1] },
    ]);
    expect(found[0]?.message).toBe(
      'mail.pcap: of 7 segments with payload in the sessions concerned, 3 stand there twice',
    );
  });

  it('fires: for the capture that shows them', () => {
    const second = { ...odd(2, { duplicates: 1 }), capture: 1 };
    const found = crossFindings([odd(1, {}), second], [GOOD_CAPTURE, { ...GOOD_CAPTURE, name: 'second.pcap' }]);
    expect(found.map(({ message }) => message.split(':')[0])).toEqual(['second.pcap']);
  });

  it('quiet: none', () => {
    expect(crossFindings([odd(1, { duplicates: 0 })])).toEqual([]);
  });
});
