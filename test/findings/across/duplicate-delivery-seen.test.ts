import { describe, expect, it } from 'vitest';
import { storiesOf } from '../../../src/findings/across/story.ts';
import { type Mail, mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('duplicate-delivery-seen', talks);
const twice = (first: Mail, second: Mail, more: Partial<Talk> = {}) =>
  across([{ text: mail(first) }, { text: mail(second), at: 600, ...more }]);

describe('duplicate-delivery-seen', () => {
  it('fires: one Message-ID and one envelope, accepted twice', () => {
    const found = twice({}, {});
    expect(found).toMatchObject([{ severity: 'error', confidence: 'likely', actor: 'client', sessions: [1, 2] }]);
    expect(found[0]?.message).toBe(
      '198.51.100.7 delivered <1.abcdef@client.example>, mail from a@client.example to b@mx.example twice: 192.0.2.25 ' +
        'accepted it in session 1 and again 10 min later in session 2',
    );
    expect(storiesOf(found[0] as (typeof found)[0])[0]?.steps.map(({ session }) => session)).toEqual([1, 2]);
  });

  it('fires: the field is spelled otherwise or folded, the message differs', () => {
    expect(twice({}, { id: '\\x0d\\x0a <1.abcdef@client.example>', body: 'other' })).toHaveLength(1);
  });

  it('fires: at another server of the domain', () => {
    expect(twice({}, {}, { server: '192.0.2.26' })[0]?.message).toMatch(/ and 192\.0\.2\.26 again 10 min later/);
  });

  it('fires: from the same port, once it has rested', () => {
    const talks = (at: number) => [
      { text: mail(), clientPort: 50_000 },
      { text: mail(), clientPort: 50_000, at },
    ];
    expect(across(talks(120))).toHaveLength(1);
  });

  it('fires: without a Message-ID, by the date and the content', () => {
    expect(twice({ id: null }, { id: null })).toHaveLength(1);
    expect(twice({ id: null }, { id: null, body: 'other' })).toEqual([]);
  });

  it('fires: among thousands of other messages', () => {
    const others = Array.from({ length: 1500 }, (_, i) => mail({ id: `<${i}.other@client.example>` }))
      .map((text) => text.replace('C: QUIT\nS: 221 bye', ''))
      .map((text) => text.slice(text.indexOf('C: MAIL')))
      .join('\n');
    const greeting = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\n';
    const found = across([{ text: mail() }, { text: greeting + others, at: 10 }, { text: mail(), at: 600 }]);
    expect(found).toMatchObject([{ sessions: [1, 3] }]);
  });

  it.each<[string, Talk[]]>([
    ['another recipient', [{ text: mail() }, { text: mail({ to: 'c@mx.example' }), at: 600 }]],
    ['another sender', [{ text: mail() }, { text: mail({ from: 'c@client.example' }), at: 600 }]],
    ['another Message-ID', [{ text: mail() }, { text: mail({ id: '<2.abcdef@client.example>' }), at: 600 }]],
    ['refused the first time', [{ text: mail({ done: '451 later' }) }, { text: mail(), at: 600 }]],
    ['more than a day later', [{ text: mail() }, { text: mail(), at: 90_000 }]],
    ['a Message-ID that names nothing', [{ text: mail({ id: '<>' }) }, { text: mail({ id: '<>' }), at: 600 }]],
    ['a content filter', [{ text: mail() }, { text: mail(), at: 1, port: 2525 }]],
    [
      'one connection in two captures',
      [
        { text: mail(), clientPort: 50_000 },
        { text: mail(), clientPort: 50_000, capture: 1 },
      ],
    ],
    [
      'one connection, seen at two places whose clocks differ by eight seconds',
      [
        { text: mail(), clientPort: 50_000 },
        { text: mail(), clientPort: 50_000, at: 8 },
      ],
    ],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
