import { describe, expect, it } from 'vitest';
import { shownArgument, shownLines } from '../../src/report/redact.ts';
import type { Session } from '../../src/smtp/session.ts';
import { session, turns } from '../support/reports.ts';

function linesOf(of: Session, index: number, reveal = false): readonly string[] {
  const turn = of.turns[index];
  if (turn === undefined) throw new Error(`no turn ${index}`);
  return shownLines(of, turn, reveal);
}

describe('masked secrets', () => {
  it.each([
    ['AUTH PLAIN AGFsaWNlAHNlY3JldA==', 'AUTH PLAIN ****'],
    ['auth plain AGFsaWNlAHNlY3JldA==', 'auth plain ****'],
    ['AUTH  XOAUTH2   dXNlcj1hQGIB extra', 'AUTH  XOAUTH2   ****'],
    ['AUTH LOGIN', 'AUTH LOGIN'],
    ['AUTH PLAIN =', 'AUTH PLAIN ='],
    ['AUTH', 'AUTH'],
    ['AUTH AGFsaWNlAHNlY3JldHNlY3JldHNlY3JldA==', 'AUTH ****'],
    [
      'BURL imap://a@b.example/x;urlauth=submit+a:internal:91354a47 LAST',
      'BURL imap://a@b.example/x;urlauth=submit+a:internal:**** LAST',
    ],
    ['MAIL FROM:<a@b.example> AUTH=<>', 'MAIL FROM:<a@b.example> AUTH=<>'],
  ])('%s', (line, shown) => {
    const of = session(turns(`S: 220 mx.example\nC: ${line}`));
    expect(linesOf(of, 1)).toEqual([shown]);
    expect(linesOf(of, 1, true)).toEqual([line]);
  });

  it('hides every line of an exchange, also where the server never asked for it', () => {
    const of = session(
      turns('C: AUTH LOGIN\nC: YWxpY2U=\nC: c2VjcmV0\nC: *\nC: \nC: =\nS: 503 5.5.1 no', {
        1: { kind: 'auth' },
        2: { kind: 'auth' },
        3: { kind: 'auth' },
        4: { kind: 'auth' },
        5: { kind: 'auth' },
      }),
    );
    expect([1, 2, 3, 4, 5].map((index) => linesOf(of, index)[0])).toEqual(['****', '****', '*', '', '=']);
  });

  it('hides what a server echoes, in the inline and in the continued form', () => {
    const inline = session(
      turns(
        'C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: 535-no such AGFsaWNlAHNlY3JldA==\nS: 535 5.7.8 AGFsaWNlAHNlY3JldA== refused',
      ),
    );
    expect(linesOf(inline, 1)).toEqual(['535-no such ****', '535 5.7.8 **** refused']);
    const continued = session(
      turns('C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c2VjcmV0\nS: 500 unknown command c2VjcmV0', {
        2: { kind: 'auth' },
      }),
    );
    expect(linesOf(continued, 3)).toEqual(['500 unknown command ****']);
    expect(linesOf(continued, 1)).toEqual(['334 VXNlcm5hbWU6']);
  });

  it('hides a password that a server echoes decoded, also in its answer to another line of the exchange', () => {
    const plain = session(turns('C: AUTH PLAIN AGFsaWNlAGh1bnRlcjIy\nS: 535 5.7.8 cannot verify alice with hunter22'));
    expect(linesOf(plain, 1)).toEqual(['535 5.7.8 cannot verify alice with ****']);
    const login = session(
      turns(
        'C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: aHVudGVyMjI=\nS: 535 alice/hunter22',
        {
          2: { kind: 'auth' },
          4: { kind: 'auth' },
        },
      ),
    );
    expect(linesOf(login, 5)).toEqual(['535 alice/****']);
    expect(linesOf(login, 5, true)).toEqual(['535 alice/hunter22']);
  });

  it('hides a proof whose command was not captured', () => {
    const of = session(turns(`S: 334 ${Buffer.from('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=').toString('base64')}`));
    expect(linesOf(of, 0)).toEqual(['334 ****']);
  });

  it('hides the proof of the server, which allows to guess the password offline, and shows its challenge', () => {
    const proof = Buffer.from('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=').toString('base64');
    const challenge = Buffer.from('r=abc,s=QSXCR,i=4096').toString('base64');
    const of = session(
      turns(`C: AUTH SCRAM-SHA-1 bixhPQ==\nS: 334 ${challenge}\nC: Yz1iaXdz\nS: 334 ${proof}`, { 2: { kind: 'auth' } }),
    );
    expect(linesOf(of, 1)).toEqual([`334 ${challenge}`]);
    expect(linesOf(of, 3)).toEqual(['334 ****']);
  });

  it('masks the argument as well', () => {
    const of = session(turns('C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nC: EHLO a.example\nC: QUIT'));
    const [auth, ehlo, quit] = of.turns;
    if (auth === undefined || ehlo === undefined || quit === undefined) throw new Error('three turns');
    expect(shownArgument(of, auth, false)).toBe('PLAIN ****');
    expect(shownArgument(of, auth, true)).toBe('PLAIN AGFsaWNlAHNlY3JldA==');
    expect(shownArgument(of, ehlo, false)).toBe('a.example');
    expect(shownArgument(of, quit, false)).toBeNull();
  });
});
