import { describe, expect, it } from 'vitest';
import { crossFindings } from '../support/across.ts';
import { MSS, odd } from './support/odd.ts';

describe('offload', () => {
  it('fires: segments larger than the MSS', () => {
    const found = crossFindings([odd(1, { largestSegment: 2920 }), odd(2, {}), odd(3, {}, { largestSegment: 14_600 })]);
    expect(found).toMatchObject([{ rule: 'offload', severity: 'notice', confidence: 'certain', sessions: [1, 3] }]);
    expect(found[0]?.message).toMatch(
      /^mail\.pcap shows segments of up to 14,600 bytes where 1460 are allowed on the wire \(2 sessions\): /,
    );
  });

  it('quiet: full segments, and an MSS that was not seen', () => {
    const session = odd(1, { largestSegment: MSS });
    expect(crossFindings([session])).toEqual([]);
    const large = odd(1, { largestSegment: MSS + 1 });
    expect(crossFindings([{ ...large, transport: { ...large.transport, serverMss: -1 } }])).toEqual([]);
  });
});
