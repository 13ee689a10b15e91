import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/output/printable.ts';
import { HOSTILE_TEXTS, rawControls } from '../support/hostile.ts';

describe('printable text', () => {
  it.each([
    ['220 mx.example ESMTP', '220 mx.example ESMTP'],
    ['', ''],
    ['Grüße, こんにちは 👋', 'Grüße, こんにちは 👋'],
    ['a\x1b[31mb', 'a\\x1b[31mb'],
    ['\u202e', '\\u202e'],
    ['\x9b', '\\x9b'],
    ['\x7f', '\\x7f'],
    ['a\rb\nc\0d\te', 'a<CR>b<LF>c<NUL>d<TAB>e'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['\u200b\ufeff', '\\u200b\\ufeff'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it.each(HOSTILE_TEXTS)('lets nothing through: %j', (text) => {
    expect(rawControls(printable(text))).toEqual([]);
  });

  it('lets nothing through of any text, and leaves printable ASCII as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(rawControls(shown)).toEqual([]);
        expect(shown.includes('\n')).toBe(false);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => printable(text) === text));
  });
});
