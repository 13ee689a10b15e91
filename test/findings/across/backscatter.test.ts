import { describe, expect, it } from 'vitest';
import { type Mail, mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('backscatter', talks);
const bounces = (n: number, refused: number, more: Mail = {}): Talk[] =>
  Array.from({ length: n }, (_, i) => ({
    text: mail({
      from: '',
      to: `x@d${i}.example`,
      id: `<${i}.abcdef@host.example>`,
      rcpt: i < refused ? '550 5.1.1 no' : '250 ok',
      ...more,
    }),
    at: i * 60,
    server: `192.0.2.${(i % 200) + 1}`,
  }));

describe('backscatter', () => {
  it('fires: bounces to twenty domains, most of them refused', () => {
    const found = across(bounces(22, 15));
    expect(found).toMatchObject([{ severity: 'warning', confidence: 'likely', actor: 'client' }]);
    expect(found[0]?.sessions).toHaveLength(22);
    expect(found[0]?.message).toBe(
      '198.51.100.7 sent 22 bounces (null sender) to 22 domains in 22 sessions, of which 15 were refused',
    );
  });

  it('is told alone: these are no guessed recipients', () => {
    const talks = bounces(22, 0, { rcpt: '550 5.1.1 User unknown' });
    expect(across(talks)).toHaveLength(1);
    expect(told('rcpt-harvest', talks)).toEqual([]);
    const mailOfPeople = bounces(22, 0, { rcpt: '550 5.1.1 User unknown', from: 'a@client.example' });
    expect(told('rcpt-harvest', mailOfPeople)).toHaveLength(1);
  });

  it.each<[string, Talk[]]>([
    ['nineteen domains', bounces(19, 19)],
    ['most were accepted', bounces(22, 11)],
    ['one domain', bounces(30, 30, { to: 'x@one.example' })],
    [
      'its own domain',
      bounces(30, 30).map((talk) => ({ ...talk, text: talk.text.replace(/@d\d+\.example/, '@client.example') })),
    ],
    ['mail of people', bounces(22, 15, { from: 'a@client.example' })],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
