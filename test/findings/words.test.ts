import { describe, expect, it } from 'vitest';
import { reachOf } from '../../src/findings/addresses.ts';
import { count, duration, list, quote } from '../../src/findings/words.ts';
import type { Turn } from '../../src/smtp/turn.ts';
import { talk } from './support/dialogue.ts';

describe('words', () => {
  it.each([
    [0, 'less than 1 ms'],
    [0.003, '3 ms'],
    [0.9994, '999 ms'],
    [1, '1 s'],
    [1.24, '1.2 s'],
    [45.4, '45 s'],
    [119, '119 s'],
    [300, '5 min'],
    [7200, '2 h'],
    [7800, '2 h 10 min'],
    [Number.NaN, 'an unknown time'],
  ])('duration(%d) is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  it('counts', () => {
    expect([count(1, 'reply', 'replies'), count(2, 'reply', 'replies'), count(1_234_567, 'byte')]).toEqual([
      '1 reply',
      '2 replies',
      '1,234,567 bytes',
    ]);
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  it('quotes a reply of several lines once, and not without end', () => {
    const session = talk(`S: 550-5.7.1 first\nS: 550-5.7.1 second\nS: 550 5.7.1 third`);
    expect(quote(session, session.turns[0] as Turn)).toBe('550 5.7.1 first second third');
    const long = talk(`S: 550 ${'x'.repeat(900)}`);
    expect(quote(long, long.turns[0] as Turn)).toHaveLength(241);
  });
});

describe('reachOf', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['169.254.1.1', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['192.0.2.1', 'public'],
    ['2001:db8::1', 'public'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });
});
