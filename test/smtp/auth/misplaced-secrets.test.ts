/** A password or a token that stands where a name belongs. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/findings/diagnose.ts';
import { headline } from '../../../src/findings/headline.ts';
import { History } from '../../../src/findings/history.ts';
import { authNotes } from '../../../src/report/auth-notes.ts';
import { sessionRecord } from '../../../src/report/record.ts';
import { authExchanges } from '../../../src/smtp/auth/exchange.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { b64, spoken } from './spoken.ts';

const SECRET = 'Geheim77xyz';
const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';

function session(lines: string): Session {
  return spoken(`${HELLO}\n${lines}\nC: QUIT\nS: 221 bye`);
}

/** Everything that is said of a session without --reveal. */
function shown(session: Session): string {
  const findings = diagnose(session, new History());
  const report = { session, findings, headline: headline(session, findings) };
  const record = sessionRecord(report, {
    captures: ['a.pcap'],
    severalCaptures: false,
    body: 'headers',
    reveal: false,
  });
  return JSON.stringify([record, [...authNotes(session, false).values()]]);
}

function faults(session: Session): readonly string[] {
  return authExchanges(session).flatMap(({ steps }) => steps.flatMap((step) => step.faults.map(({ kind }) => kind)));
}

describe('XOAUTH2 without its separators', () => {
  it.each([
    ['^a as text', `user=anna^aauth=Bearer ${SECRET}^a^a`],
    ['\\1 as text', `user=anna\\1auth=Bearer ${SECRET}\\1\\1`],
    ['line ends', `user=anna\nauth=Bearer ${SECRET}\n\n`],
    ['spaces', `user=anna auth=Bearer ${SECRET}  `],
    ['NUL', `user=anna\0auth=Bearer ${SECRET}\0\0`],
    ['a token without its name', `user=anna Bearer ${SECRET}^A^A`],
    ['a token behind the user', `user=anna\t${SECRET}^Aauth=Bearer ${SECRET}^A^A`],
    ['no second field', `user=anna ${SECRET}^A^A`],
    ['a token in place of the scheme', `user=anna auth=${SECRET} x^A^A`],
  ])('%s', (_name, request) => {
    const found = session(`C: AUTH XOAUTH2 ${b64(request)}\nS: 535 no`);
    expect(found.authentication[0]?.identity).toBeNull();
    expect(shown(found)).not.toContain(SECRET);
    expect(faults(found)).toEqual(['structure']);
  });

  it('shows no scheme that may be the token', () => {
    const found = session(`C: AUTH XOAUTH2 ${b64(`user=anna^Aauth=${SECRET} Bearer^A^A`)}\nS: 535 no ${SECRET} Bearer`);
    expect(found.authentication[0]?.identity).toBe('anna');
    expect(shown(found)).not.toContain(SECRET);
  });
});
