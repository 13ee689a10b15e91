import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/findings/diagnose.ts';
import { headline } from '../../../src/findings/headline.ts';
import { History } from '../../../src/findings/history.ts';
import { sessionRecord } from '../../../src/report/record.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { wire } from '../../findings/support/wire.ts';

const SECRET = 'Geheim77xyz';
const B64 = Buffer.from(SECRET).toString('base64');
const PLAIN = Buffer.from(`\0anna\0${SECRET}`).toString('base64');
const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';

function shown(session: Session): string {
  const findings = diagnose(session, new History());
  const report = { session, findings, headline: headline(session, findings) };
  return JSON.stringify(
    sessionRecord(report, { captures: ['a.pcap'], severalCaptures: false, body: 'headers', reveal: false }),
  );
}

describe('a secret is never shown', () => {
  it.each([
    ['in a mistyped AUTH', `${HELLO}\nC: AUHT PLAIN ${PLAIN}\nS: 500 what is AUHT PLAIN ${PLAIN}\nC: QUIT\nS: 221 bye`],
    ['without a space', `${HELLO}\nC: AUTHPLAIN ${PLAIN}\nS: 500 no\nC: QUIT\nS: 221 bye`],
    ['with an equals sign', `${HELLO}\nC: AUTH=PLAIN ${PLAIN}\nS: 500 no\nC: QUIT\nS: 221 bye`],
    [
      'as a command of POP3',
      `${HELLO}\nC: USER anna\nS: 500 no\nC: PASS ${SECRET}\nS: 500 PASS ${SECRET}?\nC: QUIT\nS: 221 bye`,
    ],
    [
      'echoed with the whole line',
      `${HELLO}\nC: AUTH PLAIN ${PLAIN}\nS: 500 unknown: AUTH PLAIN ${PLAIN}\nC: QUIT\nS: 221 bye`,
    ],
    [
      'asked for first',
      `${HELLO}\nC: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nC: ${B64}\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 535 no ${SECRET}\nC: QUIT\nS: 221 bye`,
    ],
    [
      'in a request of HTTP',
      `C: GET / HTTP/1.1\nC: Authorization: Basic ${PLAIN}\nC: Cookie: id=${SECRET}\nC: \nS: 220 mx.example`,
    ],
  ])('%s', (_name, text) => {
    const text_ = shown(wire(text));
    for (const secret of [SECRET, B64, PLAIN]) expect(text_).not.toContain(secret);
    expect(text_).toContain('****');
  });

  it('names the user that the server asked for, whatever the order', () => {
    const session = wire(
      `${HELLO}\nC: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nC: ${B64}\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 235 ok\nC: QUIT\nS: 221 bye`,
    );
    expect(session.authentication[0]?.identity).toBe('anna');
  });
});
