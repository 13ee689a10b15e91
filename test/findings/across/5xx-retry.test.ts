import { describe, expect, it } from 'vitest';
import { mail, type Talk, told } from './support/run.ts';

const REFUSED = mail({ rcpt: '550 5.1.1 User unknown' });
const across = (talks: readonly Talk[]) => told('5xx-retry', talks);

describe('5xx-retry', () => {
  it('fires: the same envelope again', () => {
    const found = across([{ text: REFUSED }, { text: REFUSED, at: 300 }, { text: REFUSED, at: 900 }]);
    expect(found).toMatchObject([{ severity: 'warning', confidence: 'likely', actor: 'client', sessions: [1, 2, 3] }]);
    expect(found[0]?.message).toMatch(
      /again 2 times after it had been refused for good \(550 5\.1\.1 User unknown\), first after 5 min$/,
    );
  });

  it('fires: refused after the message, and at another server', () => {
    const refused = mail({ done: '554 5.7.1 Spam' });
    expect(across([{ text: refused }, { text: refused, at: 60, server: '192.0.2.26' }])).toHaveLength(1);
  });

  it('fires: accepted at the third try', () => {
    expect(across([{ text: REFUSED }, { text: REFUSED, at: 300 }, { text: mail(), at: 900 }])).toHaveLength(1);
  });

  it('fires: as soon as the refusal is known', () => {
    expect(across([{ text: REFUSED }, { text: REFUSED, at: 0.0105 }])).toMatchObject([{ sessions: [1, 2] }]);
  });

  it('fires: again after two at the same time, of which the second is no retry', () => {
    const found = across([{ text: REFUSED }, { text: REFUSED, at: 0.0005 }, { text: REFUSED, at: 300 }]);
    expect(found).toMatchObject([{ sessions: [1, 3] }]);
    expect(found[0]?.message).toMatch(/again 1 time after .*, first after 5 min$/);
  });

  it('stands for a series of equal tries', () => {
    const talks = [0, 300, 600, 900].map((at) => ({ text: REFUSED, at }));
    expect(told('retry-series', talks)).toEqual([]);
  });

  it.each([
    ['once', [{ text: REFUSED }]],
    [
      'another recipient',
      [{ text: REFUSED }, { text: mail({ to: 'c@mx.example', rcpt: '550 no such user' }), at: 300 }],
    ],
    ['two at the same time', [{ text: REFUSED }, { text: REFUSED, at: 0.0005 }]],
    ['begun before the refusal came, and its MAIL sent after it', [{ text: REFUSED }, { text: REFUSED, at: 0.009 }]],
    ['begun as the refusal came', [{ text: REFUSED }, { text: REFUSED, at: 0.01 }]],
    ['another client', [{ text: REFUSED }, { text: REFUSED, at: 300, client: '198.51.100.8' }]],
    ['mended at the next try', [{ text: REFUSED }, { text: mail(), at: 300 }]],
    [
      'two sizes, so two mails',
      [
        { text: mail({ size: 100, rcpt: '550 no such user' }) },
        { text: mail({ size: 200, rcpt: '550 no such user' }), at: 300 },
      ],
    ],
    [
      'bounces',
      [
        { text: mail({ from: '', rcpt: '550 no such user' }) },
        { text: mail({ from: '', rcpt: '550 no such user' }), at: 300 },
      ],
    ],
    ['a login was missing', [0, 300].map((at) => ({ text: mail({ rcpt: '530 5.7.0 Authentication required' }), at }))],
    ['refused for now', [0, 300].map((at) => ({ text: mail({ rcpt: '450 4.2.0 busy' }), at }))],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
