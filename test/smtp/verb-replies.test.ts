import { expect, it } from 'vitest';
import { VERB_REPLIES } from '../../src/smtp/verb-replies.ts';
import { VERB_NAMES, Verb } from '../../src/smtp/verbs.ts';

it('has every verb that a reply answers', () => {
  const known = VERB_NAMES.map((_, verb) => verb).filter((verb) => verb !== Verb.OTHER && verb !== Verb.PROXY);
  expect(Object.keys(VERB_REPLIES).map(Number)).toEqual(known);
});
