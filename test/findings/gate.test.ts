import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/findings/diagnose.ts';
import { passGate } from '../../src/findings/gate.ts';
import { History } from '../../src/findings/history.ts';
import { SESSION_RULES } from '../../src/findings/index.ts';
import type { AnyRule, Finding } from '../../src/findings/rule.ts';
import type { Session } from '../../src/smtp/session.ts';
import { talk } from './support/dialogue.ts';

const PLAIN = Buffer.from('\0user\0secret').toString('base64');
const START = ['S: 220 mx.example ESMTP', 'C: EHLO client.example', 'S: 250-mx.example', 'S: 250 AUTH PLAIN'];

/** Dialogues that raise something certain about what was said. */
const DIALOGUES: Readonly<Record<string, readonly string[]>> = {
  'ehlo-quit-auth-offered': [...START, 'C: QUIT', 'S: 221 bye'],
  'auth-535': [...START, `C: AUTH PLAIN ${PLAIN}`, 'S: 535 no', 'C: QUIT', 'S: 221 bye'],
  'auth-530': [...START, 'C: MAIL FROM:<a@b.example>', 'S: 530 5.7.0 Authentication required', 'C: QUIT', 'S: 221 bye'],
  'relay-denied': [
    ...START,
    'C: MAIL FROM:<a@b.example>',
    'S: 250 ok',
    'C: RCPT TO:<c@d.example>',
    'S: 554 5.7.1 Relay access denied',
    'C: QUIT',
    'S: 221 bye',
  ],
  'rejected-other': [...START, 'C: MAIL FROM:<a@b.example>', 'S: 550 no', 'C: QUIT', 'S: 221 bye'],
};

function findings(session: Session): readonly Finding[] {
  return diagnose(session, new History());
}

describe('a hole before the evidence', () => {
  it.each(Object.keys(DIALOGUES))('never leaves %s certain, wherever it lies', (id) => {
    const rows = DIALOGUES[id] as readonly string[];
    const whole = findings(talk(rows.join('\n'))).find(({ rule }) => rule === id);
    expect(whole?.confidence).toBe('certain');
    for (const side of ['client', 'server'] as const) {
      for (let at = 1; at < rows.length; at++) {
        const session = talk([...rows.slice(0, at), `--gap ${side} 40--`, ...rows.slice(at)].join('\n'));
        const finding = findings(session).find(({ rule }) => rule === id);
        const hole = session.turns.findIndex(({ kind }) => kind === 'gap');
        const last = Math.max(-1, ...(finding?.evidence ?? []).map(({ turn }) => turn ?? -1));
        if (finding === undefined || hole > last) continue;
        expect(finding.confidence, `${side} hole before row ${at}`).not.toBe('certain');
        expect(finding.message).toContain(`less sure: 40 bytes of the ${side}’s side were not captured`);
      }
    }
  });

  it.each(Object.keys(DIALOGUES))('invents no finding of another rule beside %s', (id) => {
    const rows = DIALOGUES[id] as readonly string[];
    const before = findings(talk(rows.join('\n'))).map(({ rule }) => rule);
    for (let lost = 1; lost < rows.length; lost++) {
      const row = rows[lost] as string;
      const hole = `--gap ${row.startsWith('C') ? 'client' : 'server'} ${row.length - 1}--`;
      const after = findings(talk([...rows.slice(0, lost), hole, ...rows.slice(lost + 1)].join('\n')));
      for (const { rule } of after) expect([...before, 'gap'], `row ${lost} lost`).toContain(rule);
    }
  });

  it('a hole after the evidence changes nothing', () => {
    const rows = DIALOGUES['auth-535'] as readonly string[];
    const session = talk([...rows.slice(0, 6), '--gap client 6--', ...rows.slice(7)].join('\n'));
    const finding = findings(session).find(({ rule }) => rule === 'auth-535');
    expect(finding).toMatchObject({ confidence: 'certain' });
    expect(finding?.message).not.toContain('less sure');
  });
});

describe('the needs of a rule', () => {
  const rule = (needs: AnyRule['needs']): AnyRule => ({ ...(SESSION_RULES[0] as AnyRule), needs });
  const holed = talk('S: 220 mx.example\n--gap client 12--\nC: QUIT\nS: 221 bye');
  const midway = talk('C: QUIT\nS: 221 bye', { startCaptured: false });

  it('any: nothing is asked', () => {
    expect(passGate(rule({ client: 'any', server: 'any' }), holed, [])).toMatchObject({ withhold: false, doubts: [] });
    expect(passGate(rule({ client: 'any', server: 'any' }), midway, [])).toMatchObject({ withhold: false, doubts: [] });
  });

  it('lower: with the reason', () => {
    expect(passGate(rule({ client: 'lower', server: 'any' }), holed, [])).toEqual({
      withhold: false,
      doubts: ['12 bytes of the client’s side were not captured'],
      isTorn: false,
    });
    expect(passGate(rule({ client: 'any', server: 'lower' }), holed, []).doubts).toEqual([]);
    expect(passGate(rule({ client: 'any', server: 'any', start: 'lower' }), midway, []).doubts).toEqual([
      'the capture does not show how the connection began',
    ]);
  });

  it('withhold', () => {
    expect(passGate(rule({ client: 'withhold', server: 'any' }), holed, []).withhold).toBe(true);
    expect(passGate(rule({ client: 'any', server: 'any', start: 'withhold' }), midway, []).withhold).toBe(true);
  });

  it('bytes that no turn stands for count too', () => {
    const base = talk('S: 220 mx.example\nC: QUIT\nS: 221 bye');
    const server = { ...base.transport.server, missingBytes: 5 };
    const session = { ...base, transport: { ...base.transport, server } };
    expect(passGate(rule({ client: 'any', server: 'lower' }), session, []).doubts).toEqual([
      '5 bytes of the server’s side were not captured',
    ]);
  });

  it('two failures lower by two steps, and not below a hint', () => {
    const text = ['C: EHLO client.example', 'S: 250-mx.example', '--gap server 9--', 'S: 250 AUTH PLAIN'];
    const session = talk(
      ['--gap server 20--', ...text.filter((row) => !row.startsWith('--')), 'C: QUIT', 'S: 221 bye'].join('\n'),
      {
        startCaptured: false,
      },
    );
    const finding = findings(session).find(({ rule: id }) => id === 'ehlo-quit-auth-offered');
    expect(finding?.confidence).toBe('hint');
    expect(finding?.message).toMatch(
      /\(less sure: 20 bytes of the server’s side were not captured; the capture does not show/,
    );
  });
});
