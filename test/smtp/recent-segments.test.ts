import { describe, expect, it } from 'vitest';
import { RecentSegments } from '../../src/smtp/recent-segments.ts';

const piece = (text: string): [Buffer, number, number] => [Buffer.from(text), 0, text.length];

describe('pieces of messages that were read lately', () => {
  it('tells other bytes at the same place from the same bytes', () => {
    const recent = new RecentSegments();
    recent.remember(2, 100, ...piece('one piece, '));
    recent.remember(2, 111, ...piece('and the next'));
    expect(recent.differs(2, 100, ...piece('one piece, and the next'))).toBe(false);
    expect(recent.differs(2, 100, ...piece('one piece, and the best'))).toBe(true);
    expect(recent.differs(2, 111, ...piece('and the best'))).toBe(true);
  });

  it('says nothing of another direction, of another place and of what is no whole piece', () => {
    const recent = new RecentSegments();
    recent.remember(2, 100, ...piece('one piece'));
    expect(recent.differs(3, 100, ...piece('two piece'))).toBe(false);
    expect(recent.differs(2, 101, ...piece('xe piece'))).toBe(false);
    expect(recent.differs(2, 100, ...piece('two'))).toBe(false);
  });

  it('goes by what was read there last', () => {
    const recent = new RecentSegments();
    recent.remember(2, 100, ...piece('one piece'));
    recent.remember(2, 100, ...piece('two piece'));
    expect(recent.differs(2, 100, ...piece('two piece'))).toBe(false);
    expect(recent.differs(2, 100, ...piece('one piece'))).toBe(true);
  });

  it('keeps the last 65,536 pieces', () => {
    const recent = new RecentSegments();
    const last = 65_536;
    for (let i = 0; i <= last; i++) recent.remember(2, i * 4, ...piece('four'));
    expect(recent.differs(2, 0, ...piece('five'))).toBe(false);
    expect(recent.differs(2, 4, ...piece('five'))).toBe(true);
    expect(recent.differs(2, last * 4, ...piece('five'))).toBe(true);
  });
});
