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

const TOKEN = b64(SECRET);
const BLOB = b64(`\0anna\0${SECRET}`);
const USER = 'S: 334 VXNlcm5hbWU6';
const PASSWORD = 'S: 334 UGFzc3dvcmQ6';

describe('a secret in place of a name', () => {
  it.each([
    ['PLAIN in LOGIN', `C: AUTH LOGIN\n${USER}\nC: ${BLOB}\nS: 535 no`],
    ['user:password in LOGIN, told back', `C: AUTH LOGIN ${b64(`anna:${SECRET}`)}\nS: 535 not ${SECRET}`],
    ['PLAIN in the command of LOGIN', `C: AUTH LOGIN ${BLOB}\nS: 535 no`],
    ['user:password in LOGIN', `C: AUTH LOGIN\n${USER}\nC: ${b64(`anna:${SECRET}`)}\nS: 535 no`],
    ['PLAIN in EXTERNAL', `C: AUTH EXTERNAL ${BLOB}\nS: 535 no`],
    ['user:password in EXTERNAL', `C: AUTH EXTERNAL ${b64(`anna:${SECRET}`)}\nS: 535 no`],
    ['PLAIN in ANONYMOUS', `C: AUTH ANONYMOUS ${BLOB}\nS: 535 no`],
    ['user and password of PLAIN one field early', `C: AUTH PLAIN ${b64(`anna\0${SECRET}\0`)}\nS: 535 no`],
    ['a line end between them', `C: AUTH PLAIN ${b64(`\0anna\n${SECRET}\0${SECRET}`)}\nS: 535 no`],
    ['SCRAM without a nonce', `C: AUTH SCRAM-SHA-256 ${b64(`n,,n=anna ${SECRET}`)}\nS: 535 no`],
    [
      'digest and user of CRAM-MD5 changed',
      `C: AUTH CRAM-MD5\nS: 334 ${b64('<1@a.example>')}\nC: ${b64(`${SECRET} anna`)}\nS: 535 no`,
    ],
  ])('%s', (_name, lines) => {
    const found = session(lines);
    expect(found.authentication[0]?.identity).toBeNull();
    expect(shown(found)).not.toContain(SECRET);
    expect(faults(found)).toHaveLength(1);
  });
});

describe('LOGIN: which line is the password', () => {
  it.each([
    ['asked for in German', `${b64('Kennwort:')}`, `${b64('Benutzer:')}`, 'anna'],
    ['asked for in French', b64('Mot de passe :'), b64('Nom d’utilisateur :'), 'anna'],
    ['asked for in Spanish', b64('Contraseña:'), b64('Usuario:'), 'anna'],
    ['asked for in plain words', 'Password:', 'Username:', 'anna'],
    ['asked for in words that nobody knows', b64('Jelszó:'), b64('Felhasználó:'), null],
  ])('%s', (_name, first, second, user) => {
    const found = session(
      `C: AUTH LOGIN\nS: 334 ${first}\nC: ${TOKEN}\nS: 334 ${second}\nC: ${b64('anna')}\nS: 535 no`,
    );
    expect(found.authentication[0]?.identity).toBe(user);
    expect(shown(found)).not.toContain(SECRET);
  });

  it.each([
    ['behind a hole', `C: AUTH LOGIN\n${USER}\n--gap 10 C--\nS: 334 \nC: ${TOKEN}\nS: 535 no`],
    ['behind an empty user', `C: AUTH LOGIN\nS: 334 \nC: \nS: 334 \nC: ${TOKEN}\nS: 535 no`],
    ['behind a refusal', `C: AUTH LOGIN\nS: 504 no\nC: ${TOKEN}\nS: 500 no`],
    ['behind a cancel', `C: AUTH LOGIN\n${USER}\nC: *\nS: 501 no\nC: ${TOKEN}\nS: 500 no`],
  ])('%s', (_name, lines) => {
    const found = session(lines);
    expect(found.authentication[0]?.identity).toBeNull();
    expect(shown(found)).not.toContain(SECRET);
  });

  it('travels with the user on one challenge', () => {
    const found = session(`C: AUTH LOGIN\n${USER}\nC: ${b64('anna')}\nC: ${TOKEN}\n${PASSWORD}\nS: 535 no`);
    expect(found.authentication[0]?.identity).toBe('anna');
    expect(shown(found)).not.toContain(SECRET);
  });
});

it('a login of IMAP, with its tag', () => {
  const found = session(`C: a1 LOGIN anna ${SECRET}\nS: 500 what is LOGIN anna ${SECRET}`);
  expect(shown(found)).not.toContain(SECRET);
});
