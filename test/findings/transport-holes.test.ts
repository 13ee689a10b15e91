/** A capture that lacks packets makes no finding about the message on its way or about TCP: healthy mail stays healthy. */
import { describe, expect, it } from 'vitest';
import { drop } from '../support/segments.ts';
import { findingsOf } from './support/expect.ts';
import { ofTransport, type Packet, sessionOf, talk } from './support/packets.ts';
import { atMessage, besideDelivery, HELLO, lines, MAIL, QUIT, RCPT } from './support/refused.ts';

const DIALOGUES: Readonly<Record<string, string>> = {
  delivered: atMessage('250 ok'),
  'one recipient refused': besideDelivery('550 5.1.1 no'),
  'in two chunks': lines(
    HELLO,
    MAIL,
    RCPT,
    'S: 250 ok',
    'C: BDAT 6',
    'C: text',
    'S: 250 ok',
    'C: BDAT 6 LAST',
    'C: text',
    'S: 250 ok',
    QUIT,
  ),
  'without QUIT': lines(atMessage('250 ok').replace(`\n${QUIT}`, '')),
};

function found(packets: readonly Packet[], quiet?: number): string[] {
  const session = sessionOf(packets, quiet === undefined ? {} : { quiet });
  return ofTransport(findingsOf({ name: '', session }));
}

describe.each(Object.entries(DIALOGUES))('%s', (_name, text) => {
  const whole = talk(text, 'client');

  it('is healthy', () => expect(found(whole)).toEqual([]));

  it('lacks any one packet', () => {
    for (let i = 0; i < whole.length; i++) expect([i, found(drop(whole, i))]).toEqual([i, []]);
  });

  it('lacks any two packets in a row, and any three', () => {
    for (let i = 0; i < whole.length - 1; i++) {
      expect([i, found(drop(drop(whole, i), i))]).toEqual([i, []]);
      expect([i, found(drop(drop(drop(whole, i), i), i))]).toEqual([i, []]);
    }
  });

  it('begins late, or ends early', () => {
    for (let i = 1; i < whole.length - 4; i++) {
      expect([i, found(whole.slice(i))]).toEqual([i, []]);
      expect([i, found(whole.slice(0, i + 3), 5)]).toEqual([i, []]);
    }
  });

  it('shows one side alone', () => {
    for (const side of ['client', 'server']) expect(found(whole.filter(({ from }) => from === side))).toEqual([]);
  });

  it('has its close in disorder', () => {
    const [lastWords, first, second] = whole.slice(-4, -1) as [Packet, Packet, Packet];
    expect(found([...whole.slice(0, -4), second, lastWords, first])).toEqual([]);
  });

  it('has every packet twice', () => {
    expect(
      found(
        whole.flatMap((packet, index) => [
          { ...packet, ipId: index + 1 },
          { ...packet, ipId: index + 1 },
        ]),
      ),
    ).toEqual([]);
  });
});
