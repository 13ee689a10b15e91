import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proseWidth, wrap } from '../../../src/output/terminal/wrap.ts';

describe('wrapped prose', () => {
  it.each([
    ['one two three', 8, '- ', '  ', '- one\n  two\n  three\n'],
    ['one two three', 9, '- ', '  ', '- one two\n  three\n'],
    ['one two three', 80, '', '', 'one two three\n'],
    ['https://a.example/a-long-one x', 10, '> ', '  ', '> https://a.example/a-long-one\n  x\n'],
    ['x https://a.example/a-long-one', 10, '', '', 'x\nhttps://a.example/a-long-one\n'],
    [': the label is long', 6, 'a label', '  ', 'a label:\n  the\n  label\n  is\n  long\n'],
    ['  odd \n\n space\t', 80, '', '', 'odd space\n'],
    ['', 80, 'x', '', 'x\n'],
  ])('%j in %i columns', (text, width, first, rest, expected) => {
    expect(wrap(text, width, first, rest)).toBe(expected);
  });

  it('loses no word, and is too wide only for a word that is', () => {
    const word = fc.stringMatching(/^[a-z]{1,30}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), fc.integer({ min: 5, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), width, '  ', '    ').split('\n');
        expect(lines.pop()).toBe('');
        expect(lines.flatMap((line) => line.trim().split(' ')).filter((part) => part !== '')).toEqual(words);
        for (const line of lines) {
          if (line.length > width) expect(line.trim()).not.toContain(' ');
        }
      }),
    );
  });

  it('fits the terminal within reason', () => {
    expect([undefined, 0, 20, 80, 100, 200].map((columns) => proseWidth(columns))).toEqual([80, 80, 40, 80, 100, 110]);
  });
});
