import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pseudonyms } from '../../src/share/pseudonyms.ts';
import { formatAddress, isLoopback, isPrivate, parseAddress } from '../../src/wire/addresses.ts';

const names = () => new Pseudonyms(Buffer.from('a secret of this test'), (word) => word === 'mail');

const kindOf = (text: string) => {
  const { version, ints } = parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>;
  return [version, isPrivate(version, ...ints), isLoopback(version, ...ints)];
};

const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 10, 16, 31, 64, 100, 127, 168, 169, 172, 192, 254));
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const ipv6 = fc
  .tuple(
    fc.constantFrom(0x20010db8, 0xfe800000, 0xfd120034, 0x2a001450, 0),
    fc.integer(),
    fc.constantFrom(0, 0xffff, 0x1a),
    fc.integer(),
  )
  .map(([a, b, c, d]) => formatAddress(6, a | 0, b, c, d));

describe('an address', () => {
  it('keeps its class, its length as text, and is the same in a packet', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (text) => {
        const shown = names().address(text) as string;
        expect(shown).toHaveLength(text.length);
        expect(kindOf(shown)).toEqual(kindOf(text));
        const { version, ints } = parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>;
        const mapped = version === 4 ? [0, 0, 0, names().ipv4(ints[3])] : names().ipv6(ints);
        expect(parseAddress(shown)?.ints.map((int) => int | 0)).toEqual(mapped.map((int) => int | 0));
      }),
      { numRuns: 500 },
    );
  });

  it('stays beside its neighbours, and is nobody else', () => {
    const one = names();
    const shown = Array.from({ length: 256 }, (_, at) => one.address(`203.0.113.${at}`) as string);
    expect(new Set(shown).size).toBe(256);
    expect(new Set(shown.map((text) => text.slice(0, text.lastIndexOf('.')))).size).toBe(1);
    expect(shown[7]?.startsWith('203.0.113.')).toBe(false);
  });

  it('is another with another secret', () => {
    const other = new Pseudonyms(Buffer.from('another secret'), () => false);
    const texts = ['203.0.113.7', '198.51.100.25', '93.184.216.34'];
    expect(texts.map((text) => other.address(text))).not.toEqual(texts.map((text) => names().address(text)));
  });

  it('of a machine itself stays', () => {
    expect(['127.0.0.1', '::1', '::', '0.0.0.0'].map((text) => names().address(text))).toEqual([
      '127.0.0.1',
      '::1',
      '::',
      '0.0.0.0',
    ]);
  });
});

describe('a word', () => {
  it('has one stand-in, in the case that it is written in', () => {
    const one = names();
    const shown = one.word('Gertrude7');
    expect(shown).toMatch(/^[A-Z][a-z]{7}\d$/);
    expect(one.word('GERTRUDE7')).toBe(shown.toUpperCase());
    expect(one.word('gertrude7')).toBe(shown.toLowerCase());
  });

  it('has one of its own, and none that means something', () => {
    const one = names();
    const words = Array.from({ length: 2000 }, (_, at) => `w${at.toString(36).padStart(3, '0')}`);
    const shown = words.map((word) => one.word(word));
    expect(new Set(shown).size).toBe(words.length);
    expect(shown).not.toContain('mail');
  });

  it('is as valid as UTF-8 as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), (text) => {
        const word = Buffer.from(text, 'utf8').toString('latin1');
        const shown = Buffer.from(names().word(word), 'latin1');
        expect(Buffer.from(shown.toString('utf8'), 'utf8').equals(shown)).toBe(true);
      }),
    );
  });
});
