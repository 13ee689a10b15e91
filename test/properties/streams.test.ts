/** What happens to segments on their way does not change what was said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIXTURES, type Fixture } from '../smtp/dialogues.ts';
import { contentOf, type DialogueOptions, onlyOne, recordsOf, saidIn, segmentsOf } from '../support/dialogue.ts';
import { connectionOf, drop, duplicate, type Segment, shuffle, split } from '../support/segments.ts';

const fixture = fc.constantFrom(...FIXTURES);
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
const keys = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 });
const copies = fc.array(fc.record({ index: fc.nat(40), distance: fc.nat(20) }), { maxLength: 8 });

const contentAfter = (segments: readonly Segment[], options: DialogueOptions) =>
  contentOf(onlyOne(recordsOf(segments, options)));

function expectSame(segments: readonly Segment[], options: Fixture): void {
  expect(contentAfter(segments, options)).toEqual(contentAfter(segmentsOf(options.text, options), options));
}

describe('the same dialogue', () => {
  it('comes out of any split', () => {
    fc.assert(fc.property(fixture, sizes, (one, cuts) => expectSame(split(segmentsOf(one.text, one), ...cuts), one)));
  });

  it('comes out of any order of its packets', () => {
    fc.assert(
      fc.property(fixture, keys, (one, order) => expectSame(shuffle(segmentsOf(one.text, one), order), one)),
      { numRuns: 1000 },
    );
  });

  it('comes out of packets seen twice', () => {
    fc.assert(
      fc.property(fixture, copies, (one, twice) => expectSame(duplicate(segmentsOf(one.text, one), twice), one)),
      { numRuns: 300 },
    );
  });

  it('comes out of pieces, copies and disorder together', () => {
    fc.assert(
      fc.property(fixture, fc.integer({ min: 24, max: 60 }), copies, keys, (one, size, twice, order) => {
        const pieces = split(segmentsOf(one.text, one), size);
        expectSame(shuffle(duplicate(pieces, twice), order), one);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a lost segment', () => {
  it('is noticed in every dialogue: the comparison can tell', () => {
    for (const one of FIXTURES) {
      const segments = segmentsOf(one.text, one);
      const whole = contentAfter(segments, one);
      segments.forEach(({ payload }, index) => {
        if (payload.length > 0) expect(recordsOf(drop(segments, index), one).map(contentOf)).not.toEqual([whole]);
      });
    }
  });
});

describe('any bytes', () => {
  const side = fc.constantFrom('client' as const, 'server' as const);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((octets) => Buffer.from(octets));
  const said = fc.array(fc.record({ from: side, bytes }), { maxLength: 12 });

  it('from the first on are read without complaint', () => {
    fc.assert(
      fc.property(said, fc.constantFrom<DialogueOptions>({}, { ports: 'any' }), (random, options) => {
        for (const record of recordsOf(connectionOf(random), options)) expect(record.type).toBe('session');
      }),
      { numRuns: 300 },
    );
  });

  it('at any point of a dialogue are read without complaint', () => {
    fc.assert(
      fc.property(fixture, fc.nat(20), said, (one, at, random) => {
        const all = saidIn(one.text);
        const [record] = recordsOf(connectionOf([...all.slice(0, at), ...random, ...all.slice(at)]), one);
        expect(record?.type).toBe('session');
      }),
      { numRuns: 300 },
    );
  });
});
