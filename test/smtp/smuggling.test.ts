import { describe, expect, it } from 'vitest';
import { SmugglingScan, type Suspect } from '../../src/smtp/smuggling.ts';

/** Where a message begins: a line’s start. */
const LINE_START = 0x0d0a;
const BASE = 1000;

/** The suspects of a message that comes in pieces of `size` bytes; the last bytes of each are handed on as its tail. */
function suspects(text: string, size = text.length): readonly Suspect[] {
  const bytes = Buffer.from(text, 'latin1');
  const scan = new SmugglingScan();
  let tail = LINE_START;
  for (let at = 0; at < bytes.length; at += size) {
    const end = Math.min(at + size, bytes.length);
    scan.push(BASE, tail, bytes, at, end, BASE + at);
    for (let i = at; i < end; i++) tail = (tail << 8) | (bytes[i] as number);
  }
  scan.end(BASE, BASE + bytes.length);
  return scan.suspects;
}

const plain = (found: readonly Suspect[]) =>
  found.map(({ form, offset, length, behind }) => [form, offset - BASE, length, behind.toString('latin1')]);

describe('places at which some servers see the end of data', () => {
  it.each([
    ['a\n.\nb', [['LF.LF', 1, 3, 'b']]],
    ['a\n.\r\nb', [['LF.CRLF', 1, 4, 'b']]],
    ['a\r\n.\nb', [['CRLF.LF', 1, 4, 'b']]],
    ['a\r.\rb', [['CR.CR', 1, 3, 'b']]],
    ['a\r\r\n.\r\r\nb', [['CRCRLF.CRCRLF', 1, 7, 'b']]],
    ['a\r\n\0.\r\nb', [['CRLF NUL.CRLF', 1, 6, 'b']]],
    ['a\r\n.\0\r\nb', [['CRLF.NUL CRLF', 1, 6, 'b']]],
    ['.\nb', [['CRLF.LF', -2, 4, 'b']]],
    ['a\n.\n', [['LF.LF', 1, 3, '']]],
    [
      'a\n.\n.\nb',
      [
        ['LF.LF', 1, 3, '.\nb'],
        ['LF.LF', 3, 3, 'b'],
      ],
    ],
    ['a\r\n.\r\n', []],
    ['a\r\r\n.\r\n', []],
    ['a\n..\nb', []],
    ['a\n.b\n', []],
    ['a.\nb', []],
    ['a\n.\r', []],
  ] as const)('%j', (text, expected) => {
    expect(plain(suspects(text))).toEqual(expected);
    for (let size = 1; size < text.length; size++) expect(plain(suspects(text, size))).toEqual(expected);
  });

  it('keeps the first four of a message and 512 bytes behind each', () => {
    const text = `${'a\n.\n'.repeat(9)}${'x'.repeat(2000)}`;
    for (const size of [7, 64, 1000, text.length]) {
      const found = suspects(text, size);
      expect(found).toHaveLength(4);
      expect(found.map(({ behind }) => behind.length)).toEqual([512, 512, 512, 512]);
      expect(found[0]?.behind.toString('latin1')).toBe(text.slice(4, 516));
    }
  });

  it('keeps sixteen of a session, each with its message', () => {
    const scan = new SmugglingScan();
    for (let message = 0; message < 9; message++) {
      const bytes = Buffer.from('a\n.\nb\n.\nc');
      scan.push(message * 100, LINE_START, bytes, 0, bytes.length, message * 100);
      scan.end(message * 100, message * 100 + bytes.length);
    }
    expect(scan.suspects.map(({ message }) => message)).toEqual([
      0, 0, 100, 100, 200, 200, 300, 300, 400, 400, 500, 500, 600, 600, 700, 700,
    ]);
  });

  it('reads nothing across a hole', () => {
    const scan = new SmugglingScan();
    const first = Buffer.from('a\n');
    const second = Buffer.from('.\nb\n.\nc');
    scan.push(0, LINE_START, first, 0, first.length, 0);
    scan.gap();
    scan.push(0, -1, second, 0, second.length, 50);
    scan.end(0, 57);
    expect(scan.suspects.map(({ form, offset }) => [form, offset])).toEqual([['LF.LF', 53]]);
  });

  it('gives copies: what comes later changes none of them', () => {
    const scan = new SmugglingScan();
    const bytes = Buffer.from('a\n.\nbcd');
    scan.push(0, LINE_START, bytes, 0, bytes.length, 0);
    const before = scan.suspects;
    const more = Buffer.from('efgh');
    scan.push(0, 0, more, 0, more.length, 7);
    expect(before[0]?.behind.toString()).toBe('bcd');
    expect(scan.suspects[0]?.behind.toString()).toBe('bcdefgh');
  });
});
