import { describe, expect, it } from 'vitest';
import { storiesOf } from '../../../src/findings/across/story.ts';
import { mail, type Talk, told } from './support/run.ts';

const PUT_OFF = mail({ rcpt: '451 4.7.1 Greylisted, please try again in 5 minutes' });
const across = (talks: readonly Talk[]) => told('greylisting', talks);

describe('greylisting, over several sessions', () => {
  it('fires: put off, and accepted a quarter of an hour later', () => {
    const found = across([{ text: PUT_OFF }, { text: mail(), at: 900 }]);
    expect(found).toMatchObject([{ severity: 'notice', confidence: 'certain', sessions: [1, 2] }]);
    expect(found[0]?.message).toBe(
      '192.0.2.25 put off mail from a@client.example to b@mx.example by greylisting in session 1 and accepted it in ' +
        'session 2, 15 min later',
    );
    expect(storiesOf(found[0] as (typeof found)[0])).toMatchObject([
      {
        messageId: '<1.abcdef@client.example>',
        from: 'a@client.example',
        to: 'b@mx.example',
        steps: [
          { session: 1, kind: 'greylisted', code: 451 },
          { session: 2, kind: 'accepted', code: 250 },
        ],
      },
    ]);
  });

  it('fires: from another address of the same network', () => {
    expect(across([{ text: PUT_OFF }, { text: mail(), at: 900, client: '198.51.100.8' }])).toHaveLength(1);
    expect(
      across([
        { text: PUT_OFF, client: '2001:db8:0:1::7', server: '2001:db8::25' },
        { text: mail(), at: 900, client: '2001:db8:0:1:2::9', server: '2001:db8::25' },
      ]),
    ).toHaveLength(1);
  });

  it('tells of one server once', () => {
    const found = across(
      ['b', 'c', 'd'].flatMap((to, i) => [
        {
          text: mail({ to: `${to}@mx.example`, rcpt: '450 4.2.0 Greylisted' }),
          at: i,
        },
        { text: mail({ to: `${to}@mx.example`, id: `<${to}.abcdef@client.example>` }), at: 600 + i },
      ]),
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(/; so it went with 3 mails, after 10 min at most$/);
  });

  it.each([
    ['another network', [{ text: PUT_OFF }, { text: mail(), at: 900, client: '203.0.113.9' }]],
    ['another sender', [{ text: PUT_OFF }, { text: mail({ from: 'c@client.example' }), at: 900 }]],
    ['another recipient', [{ text: PUT_OFF }, { text: mail({ to: 'c@mx.example' }), at: 900 }]],
    ['accepted before', [{ text: mail() }, { text: PUT_OFF, at: 900 }]],
    ['never accepted', [{ text: PUT_OFF }, { text: PUT_OFF, at: 900 }]],
    ['a relay denial', [{ text: mail({ rcpt: '454 4.7.1 Relay access denied' }) }, { text: mail(), at: 900 }]],
    ['a mailbox that was full', [{ text: mail({ rcpt: '452 4.2.2 Mailbox full' }) }, { text: mail(), at: 900 }]],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
