import { describe, expect, it } from 'vitest';
import { type Selection, selector } from '../../src/cli/select.ts';
import type { Turn } from '../../src/smtp/turn.ts';
import { finding, report, START_US, session, turns } from '../support/reports.ts';

const ALL: Selection = {
  flagged: false,
  rules: [],
  sessions: [],
  hosts: [],
  from: [],
  to: [],
  codes: [],
  sinceUs: null,
  untilUs: null,
};

const all = turns('S: 220 x\nC: MAIL FROM:<Alice@a.example>\nS: 250 Ok\nC: RCPT TO:<bob@b.example>\nS: 550 5.1.1 no');
const [, mail, mailReply, rcpt, reply] = all as [Turn, Turn, Turn, Turn, Turn];
const one = {
  session: session(all, {
    id: 7,
    transactions: [
      {
        from: 'Alice@a.example',
        mail,
        mailReply,
        recipients: [{ to: 'bob@b.example', code: 550, enhancedCode: '5.1.1', command: rcpt, reply }],
        message: null,
      },
    ],
  }),
  findings: [finding({ rule: 'helo-name', severity: 'notice' })],
  headline: '',
};

describe('the selection', () => {
  it('is nothing where nothing was asked', () => {
    expect(selector(ALL)).toBeNull();
  });

  it.each<[Partial<Selection>, boolean]>([
    [{ flagged: true }, false],
    [{ rules: ['helo-name', 'gap'] }, true],
    [{ rules: ['gap'] }, false],
    [{ sessions: [1, 7] }, true],
    [{ sessions: [1] }, false],
    [{ hosts: ['192.0.2.222'] }, true],
    [{ hosts: ['203.0.113.9', '198.51.100.123'] }, true],
    [{ hosts: ['192.0.2.2'] }, false],
    [{ from: ['ALICE@'] }, true],
    [{ from: ['bob'] }, false],
    [{ to: ['x', 'b.example'] }, true],
    [{ to: ['alice'] }, false],
    [{ codes: [550] }, true],
    [{ codes: [551] }, false],
    [{ sinceUs: START_US + 95_035 }, true],
    [{ sinceUs: START_US + 95_036 }, false],
    [{ untilUs: START_US }, true],
    [{ untilUs: START_US - 1 }, false],
    [{ codes: [550], from: ['alice'] }, true],
    [{ codes: [550], from: ['bob'] }, false],
  ])('%o: %s', (asked, expected) => {
    expect(selector({ ...ALL, ...asked })?.(one)).toBe(expected);
  });

  it('flags warnings and what is worse', () => {
    const flagged = selector({ ...ALL, flagged: true });
    expect(flagged?.(report('S: 220 x', {}, [finding({ severity: 'warning' })]))).toBe(true);
    expect(flagged?.(report('S: 220 x'))).toBe(false);
  });
});
