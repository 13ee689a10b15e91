import { describe, expect, it } from 'vitest';
import { login, mail, run, type Talk } from './support/run.ts';

/** The same with bytes missing behind the EHLO command: what answers what is no longer sure. */
const holed = (talk: Talk): Talk => ({
  ...talk,
  text: talk.text.replace(/(C: EHLO [^\n]+\n)/, '$1--gap 30 S--\n--gap 30 C--\n'),
});
const rulesOf = (talks: readonly Talk[]) => run({ talks }).crossFindings.map(({ rule }) => rule);

const REFUSED = mail({ rcpt: '550 5.1.1 User unknown' });
const PUT_OFF = mail({ rcpt: '451 4.7.1 Greylisted' });
const CASES: readonly (readonly [string, readonly Talk[]])[] = [
  ['5xx-retry', [0, 300, 700].map((at) => ({ text: REFUSED, at }))],
  ['greylisting', [{ text: PUT_OFF }, { text: mail(), at: 900 }]],
  [
    'rcpt-harvest',
    Array.from({ length: 12 }, (_, at) => ({
      text: mail({ to: `u${at}@mx.example`, rcpt: '550 5.1.1 User unknown' }),
      at,
    })),
  ],
  [
    'backscatter',
    Array.from({ length: 22 }, (_, at) => ({
      text: mail({ from: '', to: `x@d${at}.example`, rcpt: '550 5.1.1 no' }),
      at,
    })),
  ],
  ['auth-bruteforce', Array.from({ length: 20 }, (_, at) => ({ text: login(`user${at}`), at }))],
  ['stale-credential-device', [0, 300, 600, 900].map((at) => ({ text: login('scanner'), at }))],
  [
    'spam-bot-pattern',
    Array.from({ length: 25 }, (_, i) => ({
      text: mail({ body: 'buy this', id: `<${i}.abcdef@x.example>`, quit: false }),
      at: i * 10,
      server: `192.0.2.${i + 1}`,
    })),
  ],
];

describe('a hole in the capture makes no finding across sessions', () => {
  it.each(CASES)('%s', (rule, talks) => {
    expect(rulesOf(talks)).toContain(rule);
    expect(rulesOf(talks.map(holed))).not.toContain(rule);
  });
});
