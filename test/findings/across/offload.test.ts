import { describe, expect, it } from 'vitest';
import { crossFindings } from '../support/across.ts';
import { odd } from './support/odd.ts';

describe('offload', () => {
  it('fires: segments larger than the MSS', () => {
    const found = crossFindings([odd(1, { oversized: 3 }), odd(2, {}), odd(3, {}, { oversized: 1 })]);
    expect(found).toMatchObject([{ rule: 'offload', severity: 'notice', confidence: 'certain', sessions: [1, 3] }]);
    expect(found[0]?.message).toMatch(/^mail\.pcap shows 4 segments larger than the receiver allows on the wire: /);
  });

  it('fires: wrong checksums of one side', () => {
    const found = crossFindings([odd(1, {}, { badChecksums: 5 })]);
    expect(found[0]?.message).toMatch(/^mail\.pcap shows 5 packets with a wrong checksum, from one side only: /);
  });

  it('quiet: wrong checksums of both sides, and none', () => {
    expect(crossFindings([odd(1, { badChecksums: 2 }, { badChecksums: 1 })])).toEqual([]);
    expect(crossFindings([odd(1, { oversized: 0, badChecksums: 0 })])).toEqual([]);
  });
});
