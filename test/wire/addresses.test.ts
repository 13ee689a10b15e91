import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatIpv4,
  formatIpv6,
  isLoopback,
  isPrivate,
  isPublicAddress,
  parseAddress,
} from '../../src/wire/addresses.ts';

/** Formats what was parsed. */
function canonical(text: string): string | null {
  const address = parseAddress(text);
  return address && formatAddress(address.version, ...address.ints);
}

describe('formatIpv4', () => {
  it('signed and unsigned are the same address', () => {
    expect(formatIpv4(0xc0000201)).toBe('192.0.2.1');
    expect(formatIpv4(0xc0000201 | 0)).toBe('192.0.2.1');
    expect(formatIpv4(0)).toBe('0.0.0.0');
    expect(formatIpv4(-1)).toBe('255.255.255.255');
  });
});

describe('formatIpv6', () => {
  it.each([
    // RFC 5952 §4 and its examples.
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AbCd', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0:0:3:4:5:6:7:8', '::3:4:5:6:7:8'],
    ['0:2:3:4:5:6:7:0', '0:2:3:4:5:6:7:0'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::ffff:0.0.0.0', '::ffff:0.0.0.0'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it('what it writes reads back, and Node agrees that it is an address', () => {
    const int = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x10000, -1), fc.integer());
    fc.assert(
      fc.property(int, int, int, int, (a, b, c, d) => {
        const text = formatIpv6(a, b, c, d);
        expect(isIP(text)).toBe(6);
        expect(parseAddress(text)).toEqual({ version: 6, ints: [a, b, c, d] });
        if (!text.includes('.')) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });
});

describe('parseAddress', () => {
  it('ints', () => {
    expect(parseAddress('192.0.2.1')).toEqual({ version: 4, ints: [0, 0, 0, 0xc0000201 | 0] });
    expect(parseAddress('2001:db8::1')).toEqual({ version: 6, ints: [0x20010db8, 0, 0, 1] });
    expect(parseAddress('::')).toEqual({ version: 6, ints: [0, 0, 0, 0] });
  });

  it.each([
    '',
    ':',
    ':::',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '1..3.4',
    '0x1.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    'fe80::1%eth0',
    '2001:db8::/32',
    '[::1]',
    'mail.example',
  ])('%s is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('Node agrees on any text made of the letters of addresses', () => {
    const letters = fc.constantFrom(...'0123456789af:.', '::', 'ffff', '192.0.2.1');
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 14 }), (text) => {
        expect(parseAddress(text)?.version ?? 0).toBe(isIP(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('ranges', () => {
  const is = (test: typeof isPrivate, text: string): boolean => {
    const address = parseAddress(text);
    if (address === null) throw new Error(`no address: ${text}`);
    return test(address.version, ...address.ints);
  };

  it.each(['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1'])('%s is loopback', (text) => {
    expect(is(isLoopback, text)).toBe(true);
    expect(isPublicAddress(text)).toBe(false);
  });

  it.each(['126.255.255.255', '128.0.0.0', '::', '::2', '0.0.0.1', '::ffff:128.0.0.1', '::127.0.0.1', '1::1'])(
    '%s is not loopback',
    (text) => {
      expect(is(isLoopback, text)).toBe(false);
    },
  );

  // The first and the last of each range.
  const privates = [
    ['10.0.0.0', '10.255.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['100.64.0.0', '100.127.255.255'],
    ['169.254.0.0', '169.254.255.255'],
    ['::ffff:10.0.0.0', '::ffff:10.255.255.255'],
    ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ].flat();
  it.each(privates)('%s is private', (text) => {
    expect(is(isPrivate, text)).toBe(true);
    expect(isPublicAddress(text)).toBe(false);
  });

  // Their neighbours.
  const neighbours = [
    ['9.255.255.255', '11.0.0.0'],
    ['172.15.255.255', '172.32.0.0'],
    ['192.167.255.255', '192.169.0.0'],
    ['100.63.255.255', '100.128.0.0'],
    ['169.253.255.255', '169.255.0.0'],
    ['::ffff:9.255.255.255', '::ffff:11.0.0.0'],
    ['fbff:ffff::', 'fe00::'],
    ['fe7f:ffff::', 'fec0::'],
    ['::10.0.0.1', '::192.168.0.1'],
  ].flat();
  it.each(neighbours)('%s is not private', (text) => {
    expect(is(isPrivate, text)).toBe(false);
    expect(isPublicAddress(text)).toBe(true);
  });

  it.each(['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '::ffff:192.0.2.1'])(
    '%s, for documentation, counts as public',
    (text) => {
      expect(isPublicAddress(text)).toBe(true);
    },
  );

  it('what is no address is not public', () => {
    expect(isPublicAddress('mail.example')).toBe(false);
  });
});
