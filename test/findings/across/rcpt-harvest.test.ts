import { describe, expect, it } from 'vitest';
import { mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('rcpt-harvest', talks);
const UNKNOWN = '550 5.1.1 User unknown';

/** One session that asks for `known` and `unknown` recipients, and sends `messages`. */
function harvest(unknown: number, known: number, messages = 0, first = 0): string {
  const rows = [
    'S: 220 mx.example',
    'C: EHLO client.example',
    'S: 250 mx.example',
    'C: MAIL FROM:<a@client.example>',
    'S: 250 ok',
  ];
  for (let i = 0; i < unknown; i++) rows.push(`C: RCPT TO:<u${first + i}@mx.example>`, `S: ${UNKNOWN}`);
  for (let i = 0; i < known; i++) rows.push(`C: RCPT TO:<k${first + i}@mx.example>`, 'S: 250 ok');
  if (messages > 0) rows.push('C: DATA', 'S: 354 go on', 'C: hello', 'C: .', 'S: 250 queued');
  for (let i = 1; i < messages; i++)
    rows.push(
      'C: MAIL FROM:<a@client.example>',
      'S: 250 ok',
      'C: RCPT TO:<k@mx.example>',
      'S: 250 ok',
      'C: DATA',
      'S: 354 go on',
      'C: hello',
      'C: .',
      'S: 250 queued',
    );
  rows.push('C: QUIT', 'S: 221 bye');
  return rows.join('\n');
}

describe('rcpt-harvest', () => {
  it('fires: in one session', () => {
    const found = across([{ text: harvest(9, 2) }]);
    expect(found).toMatchObject([{ severity: 'warning', confidence: 'likely', actor: 'server', sessions: [1] }]);
    expect(found[0]?.message).toBe(
      '198.51.100.7 asked for 11 recipients in 1 session; the server did not know 9 of them, and no message followed',
    );
  });

  it('fires: one recipient a session', () => {
    const talks = Array.from({ length: 12 }, (_, i) => ({
      text: mail({ to: `u${i}@mx.example`, rcpt: UNKNOWN }),
      at: i,
    }));
    expect(across(talks)).toMatchObject([{ sessions: talks.map((_, i) => i + 1) }]);
  });

  it.each<[string, Talk[]]>([
    ['nine recipients', [{ text: harvest(9, 0) }]],
    ['too few unknown', [{ text: harvest(8, 5) }]],
    ['an old list, whose mail follows', [{ text: harvest(20, 4, 4) }]],
    [
      'one unknown recipient again and again',
      Array.from({ length: 12 }, (_, at) => ({ text: mail({ rcpt: UNKNOWN }), at })),
    ],
    [
      'relaying refused',
      Array.from({ length: 12 }, (_, i) => ({
        text: mail({ to: `u${i}@x.example`, rcpt: '554 5.7.1 Relay access denied' }),
        at: i,
      })),
    ],
    ['two clients', [{ text: harvest(6, 0) }, { text: harvest(6, 0, 0, 6), at: 1, client: '198.51.100.8' }]],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
