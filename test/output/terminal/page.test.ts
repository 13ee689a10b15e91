import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/output/printable.ts';
import { Page } from '../../../src/output/terminal/page.ts';

function written(write: (page: Page) => void): string {
  const page = new Page();
  write(page);
  return page.view().toString();
}

describe('a page', () => {
  it.each([
    [0, 1, '0'],
    [7, 4, '   7'],
    [12345, 3, '12345'],
    [2 ** 31 - 1, 1, '2147483647'],
    [2 ** 40, 1, '1099511627776'],
    [-3, 4, '  -3'],
  ])('writes %d in %i columns', (value, width, text) => {
    expect(written((page) => page.integer(value, width))).toBe(text);
  });

  it.each([
    [0, '   0.000'],
    [61_336, '   0.061'],
    [1_999_999, '   1.999'],
    [123_456_789_000, '123456.789'],
    [-1_500_000, '  -1.500'],
    [Number.NaN, '       -'],
  ])('writes %d microseconds as seconds', (us, text) => {
    expect(written((page) => page.seconds(us, 8))).toBe(text);
  });

  it('writes the clock', () => {
    expect(written((page) => page.clock(1_186_924_643_316_204))).toBe('13:17:23.316');
    expect(written((page) => page.clock(Number.NaN))).toBe('           -');
  });

  it('grows, and keeps text of any script', () => {
    const long = 'ä€👋a'.repeat(20_000);
    expect(written((page) => page.text(long))).toBe(long);
    expect(written((page) => page.wireLine(Buffer.from('a'.repeat(100_000)), 0, 100_000))).toHaveLength(100_000);
  });

  it('shows any bytes, line by line, as printable does, and reaches their end', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\n')),
        (text) => {
          const bytes = Buffer.from(`${text}\r\nnext`);
          let next = 0;
          const shown = written((page) => {
            next = page.wireLine(bytes, 0, bytes.length);
          });
          expect(shown).toBe(printable(bytes.subarray(0, bytes.length - 6).toString()));
          expect(next).toBe(bytes.length - 4);
        },
      ),
    );
  });

  it('never reads past the end that it was given', () => {
    const bytes = Buffer.from('abc\r\ndef\r\n');
    expect(written((page) => page.wireLine(bytes, 0, 2))).toBe('ab');
    expect(written((page) => page.wireLine(bytes, 5, 8))).toBe('def');
    expect(written((page) => page.wireLine(Buffer.from('\x01bc\ndef'), 0, 2))).toBe('\\x01b');
  });
});
