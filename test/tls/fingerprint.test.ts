import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type HelloCodes, ja3, ja4 } from '../../src/tls/fingerprint.ts';

/** The ClientHello of the JA4 specification's example, with GREASE where browsers put it. */
const example: HelloCodes = {
  legacyVersion: 0x0303,
  versions: [0xcaca, 0x0304, 0x0303],
  cipherSuites: [
    0x8a8a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
  ],
  extensions: [
    0x4a4a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
    0x000b, 0x000a, 0x0015, 0xfafa,
  ],
  groups: [0x0a0a, 29, 23, 24],
  pointFormats: [0],
  signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  alpn: 'h2',
};

describe('JA4', () => {
  it('is that of the specification’s example', () => {
    expect(ja4(example)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it.each([
    ['no server name', { extensions: [0x000d], alpn: null }, /^t13i1501/],
    ['the legacy version without a list', { versions: [], legacyVersion: 0x0302 }, /^t11d/],
    ['SSL 3.0', { versions: [], legacyVersion: 0x0300 }, /^ts3d/],
    ['no ALPN', { alpn: null }, /^t13d151600_/],
    ['an empty ALPN', { alpn: '' }, /^t13d151600_/],
    ['an ALPN of one letter', { alpn: 'x' }, /^t13d1516xx_/],
    ['an ALPN that ends in no letter: its bytes’ digits', { alpn: '\xab\xcd' }, /^t13d1516ad_/],
    ['an ALPN that begins with no letter', { alpn: '0\xab' }, /^t13d15163b_/],
    ['no ciphers', { cipherSuites: [] }, /^t13d0016h2_000000000000_e5627efa2ab1$/],
    ['no extensions', { extensions: [] }, /^t13i1500h2_8daaf6152771_000000000000$/],
  ] as const)('%s', (_what, change, expected) => {
    expect(ja4({ ...example, ...change })).toMatch(expected);
  });

  it('has no more than two digits for a count, and does not depend on the order of ciphers', () => {
    const many = Array.from({ length: 120 }, (_, i) => 0xc000 + i);
    expect(ja4({ ...example, cipherSuites: many })).toMatch(/^t13d9916h2_/);
    const turned = ja4({ ...example, cipherSuites: [...example.cipherSuites].reverse() });
    expect(turned).toBe(ja4(example));
  });

  it('leaves the signature algorithms away where there are none', () => {
    const extensions = example.extensions.filter((code) => (code & 0x0f0f) !== 0x0a0a && code !== 0 && code !== 16);
    const text = extensions
      .map((code) => code.toString(16).padStart(4, '0'))
      .sort()
      .join(',');
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    expect(ja4({ ...example, signatureAlgorithms: [] }).endsWith(`_${hash}`)).toBe(true);
  });
});

describe('JA3', () => {
  const bare = { versions: [], signatureAlgorithms: [], alpn: null };

  it.each([
    [
      'the first example of its specification',
      'ada70206e40642a3e4461f35503241d5',
      {
        legacyVersion: 769,
        cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: [0, 10, 11],
        groups: [23, 24, 25],
        pointFormats: [0],
      },
    ],
    [
      'the second, without extensions',
      'de350869b8c85de67a350c8d186f11e6',
      {
        legacyVersion: 769,
        cipherSuites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99],
        extensions: [],
        groups: [],
        pointFormats: [],
      },
    ],
  ])('%s', (_what, hash, hello) => {
    expect(ja3({ ...bare, ...hello })).toBe(hash);
    expect(ja3({ ...bare, ...hello, cipherSuites: [0x1a1a, ...hello.cipherSuites] })).toBe(hash);
  });
});
