import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';
import { talk } from '../support/dialogue.ts';

const CUT = { ...GOOD_CAPTURE, cutShort: true };
const OPEN = talk('S: 220 mx.example\nC: EHLO a.example', { id: 4, closing: 'none' });
const CLOSED = talk('S: 220 mx.example\nC: QUIT\nS: 221 bye', { id: 5 });

describe('file-cut-short', () => {
  it('fires: with the sessions that were open', () => {
    const found = crossFindings([OPEN, CLOSED], [CUT]);
    expect(found).toMatchObject([
      { rule: 'file-cut-short', severity: 'warning', confidence: 'certain', sessions: [4] },
    ]);
    expect(found[0]?.message).toBe(
      'mail.pcap ends too early; 100 packets before its end were read, and 1 session was still open',
    );
  });

  it('fires: without any session', () => {
    expect(crossFindings([], [CUT])).toMatchObject([{ rule: 'file-cut-short', sessions: [] }]);
  });

  it('fires: for the capture that is cut, not for its neighbour', () => {
    const found = crossFindings([OPEN], [GOOD_CAPTURE, { ...CUT, name: 'second.pcap' }]);
    expect(found).toMatchObject([{ sessions: [] }]);
    expect(found[0]?.message).toMatch(/^second\.pcap/);
  });

  it('quiet: whole files', () => {
    expect(crossFindings([OPEN, CLOSED])).toEqual([]);
  });
});
