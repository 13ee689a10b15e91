import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAuth } from '../../../src/smtp/auth/exchange.ts';
import { Turn } from '../../../src/smtp/turn.ts';

const MECHANISMS = [
  'PLAIN',
  'LOGIN',
  'CRAM-MD5',
  'DIGEST-MD5',
  'SCRAM-SHA-256-PLUS',
  'NTLM',
  'GSSAPI',
  'GSS-SPNEGO',
  'XOAUTH2',
  'OAUTHBEARER',
  'EXTERNAL',
  'ANONYMOUS',
  'X-UNKNOWN',
];

/** Beginnings that lead a reader deep into its message. */
const PREFIXES = [
  '',
  'NTLMSSP\0\u0001\0\0\0',
  'NTLMSSP\0\u0002\0\0\0',
  'NTLMSSP\0\u0003\0\0\0',
  'n,a=x,',
  'realm="',
  'r=a,s=',
  'user=',
  '{"',
  '`\u0030\u0006\u0006+\u0006\u0001\u0005\u0005\u0002\u00a0',
];

const bytes = fc
  .tuple(fc.constantFrom(...PREFIXES), fc.uint8Array({ maxLength: 200 }))
  .map(([prefix, rest]) => Buffer.concat([Buffer.from(prefix, 'latin1'), rest]));
/** A line of an exchange: base64, or whatever else. */
const line = fc.oneof(
  bytes.map((value) => value.toString('base64')),
  fc.string({ maxLength: 60 }),
);

function turnOf(index: number, kind: Turn['kind'], text: string): Turn {
  const turn = new Turn();
  turn.index = index;
  turn.kind = kind;
  turn.from = kind === 'reply' ? 'server' : 'client';
  turn.raw = Buffer.from(`${text}\r\n`, 'utf8');
  turn.bytes = turn.raw.length;
  return turn;
}

describe.each(MECHANISMS)('%s', (mechanism) => {
  it('reads anything without an error, a step for every line', () => {
    fc.assert(
      fc.property(fc.option(line), fc.array(fc.tuple(line, line), { maxLength: 4 }), (initial, rounds) => {
        const command = turnOf(0, 'command', `AUTH ${mechanism}${initial === null ? '' : ` ${initial}`}`);
        command.verb = 'AUTH';
        const turns = [command];
        const steps: Turn[] = [];
        for (const [challenge, response] of rounds) {
          const asked = steps.at(-1) ?? command;
          const reply = turnOf(turns.length, 'reply', `334 ${challenge}`);
          reply.code = 334;
          asked.answeredBy = reply.index;
          turns.push(reply);
          const step = turnOf(turns.length, 'auth', response);
          turns.push(step);
          steps.push(step);
        }
        const exchange = decodeAuth({ mechanism, command, steps }, turns);
        expect(exchange.steps.map(({ turn }) => turn.index)).toEqual(turns.map(({ index }) => index));
      }),
      { numRuns: 300 },
    );
  });
});
