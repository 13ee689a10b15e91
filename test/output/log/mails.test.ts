import { describe, expect, it } from 'vitest';
import { addressesIn, Headers } from '../../../src/output/log/mails.ts';

describe('headers of a mail', () => {
  it('give values by name, lists by member, addresses bare, none twice', () => {
    const headers = new Headers(
      Buffer.from(
        'To: Anna <a@a.example>, "B, C" <b@b.example>\r\nTo: <a@a.example>\r\nSubject:\r\nSubject: x\r\n\r\n',
      ),
    );
    expect(headers.members('to')).toEqual(['Anna <a@a.example>', '"B, C" <b@b.example>', '<a@a.example>']);
    expect(headers.addresses('to')).toEqual(['a@a.example', 'b@b.example']);
    expect(headers.first('subject')).toBe(null);
    expect(headers.all('subject')).toEqual(['', 'x']);
    expect(new Headers(null).first('to')).toBe(null);
  });
});

describe('addresses in a text', () => {
  it.each([
    ['from mx.example ([192.0.2.7]) by mail.example with ESMTP; 10:00:00', ['192.0.2.7']],
    ['from a ([IPv6:2001:db8::7]) (198.51.100.9.)', ['2001:db8::7', '198.51.100.9']],
    ['1.2.3, 300.1.2.3, 12:34:56', []],
  ])('%s', (text, found) => {
    expect(addressesIn(text)).toEqual(found);
  });
});
