import { describe, expect, it } from 'vitest';
import { VERB_REPLIES, verbPage } from '../../src/smtp/verb-replies.ts';
import { VERB_NAMES, Verb } from '../../src/smtp/verbs.ts';

describe('the table of verbs', () => {
  it('has every verb that a reply answers', () => {
    const known = VERB_NAMES.map((_, verb) => verb).filter((verb) => verb !== Verb.OTHER && verb !== Verb.PROXY);
    expect(Object.keys(VERB_REPLIES).map(Number)).toEqual(known);
  });

  it('is what docs/smtp.md shows', async () => {
    await expect(verbPage()).toMatchFileSnapshot('../../docs/smtp.md');
  });
});
