import { describe, expect, it } from 'vitest';
import { addressIn, splitAddressList } from '../../src/message/address-list.ts';
import { headerFields } from '../../src/message/header-fields.ts';

describe('header fields', () => {
  it('come in their order, unfolded, names in small letters', () => {
    const head = Buffer.from(
      'Received: from a.example\r\n\tby b.example;\r\n Mon, 6 Jan\r\nSUBJECT : two\r\nReceived: second\r\nEmpty:\r\n\r\nbody: no\r\n',
    );
    expect(headerFields(head)).toEqual([
      { name: 'received', value: 'from a.example by b.example; Mon, 6 Jan' },
      { name: 'subject', value: 'two' },
      { name: 'received', value: 'second' },
      { name: 'empty', value: '' },
    ]);
  });

  it('are read from LF lines, a head that is cut, and bytes that are no UTF-8', () => {
    expect(headerFields(Buffer.from('A: 1\nB: caf\xe9', 'latin1'))).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: 'caf\u00e9' },
    ]);
    expect(headerFields(Buffer.alloc(0))).toEqual([]);
  });
});

describe('a list of addresses', () => {
  it.each([
    ['anna@a.example, bert@b.example', ['anna@a.example', 'bert@b.example']],
    ['"Doe, Anna" <anna@a.example>,\tBert <bert@b.example>', ['"Doe, Anna" <anna@a.example>', 'Bert <bert@b.example>']],
    ['anna@a.example (work, mostly), b@b.example', ['anna@a.example (work, mostly)', 'b@b.example']],
    ['"a\\", b" <a@a.example>', ['"a\\", b" <a@a.example>']],
    ['<"x,y"@a.example>, ,', ['<"x,y"@a.example>']],
    ['', []],
  ])('%s', (value, members) => {
    expect(splitAddressList(value)).toEqual(members);
  });

  it.each([
    ['Anna <anna@a.example>', 'anna@a.example'],
    ['anna@a.example (Anna)', 'anna@a.example'],
    ['Anna <anna@a.example', 'anna@a.example'],
    ['undisclosed-recipients:;', ''],
    ['Anna <>', ''],
  ])('the address in %s', (member, address) => {
    expect(addressIn(member)).toBe(address);
  });
});
