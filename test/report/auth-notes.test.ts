import { describe, expect, it } from 'vitest';
import { authNotes } from '../../src/report/auth-notes.ts';
import { shownLines } from '../../src/report/redact.ts';
import { apReq, gssToken } from '../smtp/auth/der-bytes.ts';
import { authenticate, challenge, negotiate } from '../smtp/auth/ntlm-messages.ts';
import { b64, spoken } from '../smtp/auth/spoken.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';

/** The notes of the exchange alone, in order. */
function notes(lines: string, reveal = false): string[] {
  return [...authNotes(spoken(`${START}\n${lines}\nC: QUIT\nS: 221 bye`), reveal).values()];
}

const CASES: readonly (readonly [name: string, lines: string, notes: readonly string[], secrets: readonly string[]])[] =
  [
    [
      'PLAIN',
      `C: AUTH PLAIN ${b64('boss\0alice\0hunter22')}\nS: 235 ok`,
      ['user alice acting as boss, password masked'],
      ['hunter22'],
    ],
    [
      'LOGIN',
      `C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${b64('alice')}\nS: 334 UGFzc3dvcmQ6\nC: ${b64('hunter22')}\nS: 235 ok`,
      ['Username:', 'user alice', 'Password:', 'password masked'],
      ['hunter22'],
    ],
    [
      'CRAM-MD5',
      `C: AUTH CRAM-MD5\nS: 334 ${b64('<1.2@mx.example>')}\nC: ${b64('alice 00112233445566778899aabbccddeeff')}\nS: 235 ok`,
      ['challenge <1.2@mx.example>', 'user alice, digest masked'],
      ['00112233445566778899aabbccddeeff'],
    ],
    [
      'DIGEST-MD5',
      `C: AUTH DIGEST-MD5\nS: 334 ${b64('realm="r.example",nonce="abcd",qop="auth",algorithm=md5-sess')}\n` +
        `C: ${b64('username="alice",realm="r.example",digest-uri="smtp/mx.example",response=feedfeed01')}\n` +
        `S: 334 ${b64('rspauth=cafecafe02')}\nC: \nS: 235 ok`,
      [
        'DIGEST-MD5: nonce of 4 characters, realm r.example, qop auth, algorithm md5-sess',
        'user alice, realm r.example, for smtp/mx.example, response masked',
        'the server’s proof, masked',
      ],
      ['feedfeed01', 'cafecafe02'],
    ],
    [
      'SCRAM',
      `C: AUTH SCRAM-SHA-256 ${b64('n,,n=alice,r=abcdef')}\nS: 334 ${b64('r=abcdefgh,s=QUJD,i=4096')}\n` +
        `C: ${b64('c=biws,r=abcdefgh,p=cHJvb2Y=')}\nS: 334 ${b64('v=dmVyaWY=')}\nC: \nS: 235 ok`,
      [
        'SCRAM: user alice, no channel binding, nonce of 6 characters',
        'SCRAM: 4096 iterations, salt of 3 bytes, nonce of 8 characters',
        'SCRAM: proof masked',
        'SCRAM: the server’s proof masked',
      ],
      ['cHJvb2Y=', 'dmVyaWY='],
    ],
    [
      'NTLM',
      `C: AUTH NTLM ${negotiate('', '')}\nS: 334 ${challenge('EX', 'MX1', 'ex.test', 'mx1.ex.test')}\nC: ${authenticate('EX', 'alice', 'PC7', 24)}\nS: 235 ok`,
      [
        'NTLM 1, Windows 10.0.19041',
        'NTLM 2, target EX, host MX1, DNS domain ex.test, DNS host mx1.ex.test, Windows 10.0.17763',
        'NTLM 3, user alice, domain EX, host PC7, NTLMv1 response masked',
      ],
      [Buffer.from('r'.repeat(24)).toString('hex')],
    ],
    [
      'OAUTHBEARER',
      `C: AUTH OAUTHBEARER ${b64('n,a=a@b.example,^Ahost=mx.example^Aport=587^Aauth=Bearer s3cr3t-token^A^A')}\n` +
        `S: 334 ${b64('{"status":"401","schemes":"bearer","scope":"mail"}')}\nC: AQ==\nS: 535 5.7.8 no`,
      [
        'user a@b.example, host mx.example, port 587, Bearer token masked',
        'refused, status 401, schemes bearer, scope mail',
        'acknowledges the refusal',
      ],
      ['s3cr3t-token'],
    ],
    [
      'GSSAPI',
      `C: AUTH GSSAPI ${gssToken('1.2.840.113554.1.2.2', Buffer.concat([Buffer.from([1, 0]), apReq('R.TEST', ['smtp', 'mx.example'])])).toString('base64')}\nS: 535 no`,
      ['Kerberos 5 AP-REQ, ticket for smtp/mx.example@R.TEST'],
      [],
    ],
    ['EXTERNAL', 'C: AUTH EXTERNAL =\nS: 235 ok', ['the identity is that of the client’s certificate'], []],
    ['ANONYMOUS', `C: AUTH ANONYMOUS ${b64('guest')}\nS: 235 ok`, ['trace guest'], []],
    ['a cancel', 'C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 no', ['Username:', 'cancels the exchange'], []],
    ['what is malformed', `C: AUTH PLAIN ${b64('alice\0hunter22')}\nS: 501 no`, ['1 NUL where PLAIN wants 2'], []],
    ['an empty password', `C: AUTH PLAIN ${b64('\0alice\0')}\nS: 535 no`, ['user alice, no password'], []],
  ];

describe('notes beside AUTH lines', () => {
  it.each(CASES)('%s', (_name, lines, expected) => {
    expect(notes(lines)).toEqual(expected);
  });

  it.each(CASES.filter(([, , , secrets]) => secrets.length > 0))(
    '%s: secrets only when asked for',
    (_n, lines, _x, secrets) => {
      const session = spoken(`${START}\n${lines}\nC: QUIT\nS: 221 bye`);
      const shown = session.turns.flatMap((turn) => [...shownLines(session, turn, false)]);
      const all = [...notes(lines), ...shown].join('\n');
      const revealed = notes(lines, true).join('\n');
      for (const secret of secrets) {
        expect(all).not.toContain(secret);
        expect(all).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
        expect(revealed).toContain(secret);
      }
    },
  );

  it('has none for a session without AUTH', () => {
    expect(notes('C: NOOP\nS: 250 ok')).toEqual([]);
  });
});
