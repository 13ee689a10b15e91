import { describe, expect, it } from 'vitest';
import { type Mail, mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('spam-bot-pattern', talks);
const many = (n: number, of: (i: number) => Mail, seconds = 20): Talk[] =>
  Array.from({ length: n }, (_, i) => ({
    text: mail({
      from: `x${i}@client.example`,
      to: `y@d${i}.example`,
      id: `<${i}.abcdef@client.example>`,
      body: `text ${i}`,
      ...of(i),
    }),
    at: i * seconds,
    server: `192.0.2.${i + 1}`,
  }));

describe('spam-bot-pattern', () => {
  it('fires: another name each time, and never QUIT', () => {
    const found = across(many(25, (i) => ({ hello: `pc${i}`, quit: false })));
    expect(found).toMatchObject([{ severity: 'critical', confidence: 'likely', actor: 'client' }]);
    expect(found[0]?.message).toMatch(
      /^198\.51\.100\.7 turned to 25 servers on port 25 .* another name in EHLO again and again and leaving without QUIT$/,
    );
  });

  it('fires: one content for all, and never QUIT', () => {
    const found = across(many(25, () => ({ body: 'buy this', quit: false })));
    expect(found[0]?.message).toMatch(/leaving without QUIT and one content for all$/);
  });

  it('fires: talking before the greeting, under changing names', () => {
    const talks = many(25, (i) => ({ hello: `pc${i}` })).map((talk, i) => ({
      ...talk,
      text: talk.text.replace(`S: 220 mx.example ESMTP\nC: EHLO pc${i}`, `C: EHLO pc${i}\nS: 220 mx.example ESMTP`),
    }));
    expect(across(talks)[0]?.message).toMatch(/talking before the greeting/);
  });

  it.each<[string, Talk[]]>([
    ['a mail server with many to talk to', many(25, () => ({}))],
    ['a newsletter: one mark', many(25, () => ({ body: 'news' }))],
    ['nineteen servers', many(19, (i) => ({ hello: `pc${i}`, quit: false }))],
    ['twenty servers in an hour', many(25, (i) => ({ hello: `pc${i}`, quit: false }), 144)],
    [
      'one server',
      many(25, (i) => ({ hello: `pc${i}`, quit: false })).map((talk) => ({ ...talk, server: '192.0.2.1' })),
    ],
    ['submission', many(25, (i) => ({ hello: `pc${i}`, quit: false })).map((talk) => ({ ...talk, port: 587 }))],
    [
      'a scanner',
      many(25, () => ({})).map((talk, i) => ({
        ...talk,
        text: `S: 220 mx.example\nC: EHLO pc${i}\nS: 250 mx.example`,
      })),
    ],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
