import { expect, it } from 'vitest';
import { UNREAD_LINK_TYPE } from '../../src/wire/frame.ts';
import { isReadLinkType, linkTypeName, linkTypeWords } from '../../src/wire/link-types.ts';
import { decode } from './decoded.ts';

it('says of each link type what decoding says of it', () => {
  const read: number[] = [];
  for (let linkType = -1; linkType < 400; linkType++) {
    const isRead = decode(Buffer.alloc(0), linkType).kind !== UNREAD_LINK_TYPE;
    expect(isReadLinkType(linkType)).toBe(isRead);
    if (isRead) read.push(linkType);
  }
  expect(read).toEqual([
    ...[
      0, 1, 9, 10, 12, 14, 50, 51, 100, 101, 104, 105, 108, 109, 113, 117, 119, 127, 138, 163, 166, 167, 178, 179, 181,
      192,
    ],
    ...[204, 205, 219, 228, 229, 239, 242, 258, 276],
  ]);
});

it.each([
  [0, 'NULL'],
  [1, 'ETHERNET'],
  [9, 'PPP'],
  [12, 'RAW'],
  [101, 'RAW'],
  [105, 'IEEE802_11'],
  [113, 'LINUX_SLL'],
  [127, 'IEEE802_11_RADIOTAP'],
  [276, 'LINUX_SLL2'],
  [280, 'VPP_DISPATCH'],
  [4711, 'LINKTYPE 4711'],
  [-1, 'LINKTYPE -1'],
])('%i is %s', (linkType, name) => {
  expect(linkTypeName(linkType)).toBe(name);
});

it.each([
  [1, 'Ethernet'],
  [12, 'raw IP'],
  [101, 'raw IP'],
  [113, 'Linux cooked'],
  [280, 'VPP_DISPATCH'],
  [4711, 'LINKTYPE 4711'],
])('%i in a sentence is %s', (linkType, words) => {
  expect(linkTypeWords(linkType)).toBe(words);
});
