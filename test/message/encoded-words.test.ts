import { describe, expect, it } from 'vitest';
import { decodeEncodedWords } from '../../src/message/encoded-words.ts';

describe('encoded words', () => {
  it.each([
    ['plain text', 'plain text'],
    ['=?utf-8?B?44GT44KT44Gr44Gh44Gv?=', 'こんにちは'],
    ['=?ISO-8859-1?Q?a=FCb_c?=', 'aüb c'],
    ['=?iso-2022-jp?B?GyRCJDMkcxsoQg==?=', 'こん'],
    ['=?gb2312?B?xOO6ww==?=', '你好'],
    // White space between two words goes, beside other text it stays (RFC 2047 §6.2).
    ['=?utf-8?Q?a?= =?utf-8?Q?b?=', 'ab'],
    ['x =?utf-8?Q?a?= y', 'x a y'],
    // One character over two words.
    ['=?utf-8?B?44E=?= =?utf-8?B?kw==?=', 'こ'],
    ['=?utf-8*en?Q?a?=', 'a'],
    // Directly beside each other and in different charsets.
    ['=?iso-8859-1?Q?=E4?==?utf-8?Q?=C3=B6?=', 'äö'],
    // Not decodable: stays.
    ['=?x-unknown?Q?a?=', '=?x-unknown?Q?a?='],
    ['=?utf-8?Q?unfinished', '=?utf-8?Q?unfinished'],
    ['=?utf-8?Q?=zz?=', '=zz'],
  ])('%s', (value, text) => {
    expect(decodeEncodedWords(value)).toBe(text);
  });

  it('takes linear time on words that never end', () => {
    const begun = performance.now();
    decodeEncodedWords('=?utf-8?Q?'.repeat(20_000));
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
