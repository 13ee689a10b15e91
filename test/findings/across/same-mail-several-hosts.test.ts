import { describe, expect, it } from 'vitest';
import { mail, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('same-mail-several-hosts', talks);
const RELAY = '192.0.2.25';

describe('same-mail-several-hosts', () => {
  it('fires: a relay takes it in and sends it on', () => {
    const found = across([
      { text: mail() },
      { text: mail({ to: 'b@inner.example' }), at: 1, client: RELAY, server: '192.0.2.99' },
    ]);
    expect(found).toMatchObject([{ severity: 'notice', confidence: 'certain', sessions: [1, 2] }]);
    expect(found[0]?.message).toMatch(
      /was seen on its way from 198\.51\.100\.7 to 192\.0\.2\.25 \(session 1\), then from 192\.0\.2\.25 to 192\.0\.2\.99 \(session 2\)$/,
    );
  });

  it('fires: through a content filter on another port', () => {
    expect(across([{ text: mail() }, { text: mail(), at: 1, client: RELAY, server: RELAY, port: 2525 }])).toHaveLength(
      1,
    );
  });

  it('fires: two captures with other addresses', () => {
    expect(
      across([
        { text: mail(), client: '10.0.0.7' },
        { text: mail(), client: '203.0.113.7', capture: 1 },
      ]),
    ).toHaveLength(1);
  });

  it('tells of all mails once', () => {
    const found = across(
      [1, 2, 3].flatMap((n) => [
        { text: mail({ id: `<${n}.abcdef@client.example>` }), at: n * 10 },
        { text: mail({ id: `<${n}.abcdef@client.example>` }), at: n * 10 + 1, client: RELAY, server: '192.0.2.99' },
      ]),
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(/; so were 2 other mails$/);
  });

  it.each<[string, Talk[]]>([
    ['one hop', [{ text: mail() }]],
    [
      'copies of one client to several servers',
      [{ text: mail() }, { text: mail({ to: 'c@other.example' }), server: '192.0.2.99' }],
    ],
    [
      'another Message-ID',
      [{ text: mail() }, { text: mail({ id: '<2.abcdef@x.example>' }), at: 1, client: RELAY, server: '192.0.2.99' }],
    ],
    [
      'one connection in two captures',
      [
        { text: mail(), clientPort: 50_000 },
        { text: mail(), clientPort: 50_000, capture: 1 },
      ],
    ],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
