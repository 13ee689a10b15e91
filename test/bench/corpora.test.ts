/** The corpora that speed is measured on, in a small form: what was generated is what comes out. */
import { describe, expect, it } from 'vitest';
import { type CorpusKind, generateCorpus } from '../../bench/corpora.js';
import { TruthCheck } from '../../bench/truth.js';
import { inspectEach } from '../../src/index.ts';

async function check(kind: CorpusKind, options: { bytes: number; syns?: number }) {
  const { capture, truth } = generateCorpus(kind, { seed: 7, ...options });
  const judge = new TruthCheck(truth);
  const summary = await inspectEach(capture, (record) => judge.record(record));
  judge.record(summary);
  return judge.finish();
}

describe('small corpora reproduce their ground truth', () => {
  it.each(['dense', 'mixed', 'open'] as const)('%s: every session to the letter', async (kind) => {
    const result = await check(kind, { bytes: 1_500_000 });
    expect(result.shown).toEqual([]);
    expect(result.sessions).toBeGreaterThan(0);
  });

  it('hostile: what was lost, reordered or repeated changes nothing else', async () => {
    const result = await check('hostile', { bytes: 1_500_000, syns: 2_000 });
    // Repeated bytes inside a message are not kept, so a difference there is not seen.
    const { 'overlap-delivered': _notKept, ...others } = result.wrongByPromise;
    expect({ others, shown: result.shown }).toEqual({ others: {}, shown: expect.anything() });
    expect(result.sessions).toBeGreaterThan(20);
  });
});
