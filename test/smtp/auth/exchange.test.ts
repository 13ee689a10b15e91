import { describe, expect, it } from 'vitest';
import { authExchanges } from '../../../src/smtp/auth/exchange.ts';
import type { AuthContent, AuthFault, AuthStepFacts } from '../../../src/smtp/auth/model.ts';
import { Secret } from '../../../src/smtp/auth/secret.ts';
import { apReq, gssToken, octets, oid, sequence, tagged } from './der-bytes.ts';
import { authenticate, challenge, negotiate } from './ntlm-messages.ts';
import { b64, spoken } from './spoken.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN LOGIN';

function stepsOf(lines: string): readonly AuthStepFacts[] {
  const [exchange] = authExchanges(spoken(`${START}\n${lines}\nC: QUIT\nS: 221 bye`));
  if (exchange === undefined) throw new Error('no exchange');
  return exchange.steps;
}

function contents(lines: string): AuthContent[] {
  return stepsOf(lines).map(({ content }) => content);
}

function faults(lines: string): AuthFault[] {
  return stepsOf(lines).flatMap((step) => step.faults);
}

const secret = (value: string): unknown =>
  expect.toSatisfy((found: unknown) => found instanceof Secret && found.reveal() === value);

describe('PLAIN', () => {
  it('has an authorization identity, a user and a password', () => {
    expect(contents(`C: AUTH PLAIN ${b64('boss\0alice@example.net\0correct horse')}\nS: 235 ok`)).toEqual([
      { kind: 'plain', authorization: 'boss', user: 'alice@example.net', password: secret('correct horse') },
    ]);
  });

  it('may come in a line of its own', () => {
    const steps = stepsOf(`C: AUTH PLAIN\nS: 334 \nC: ${b64('\0alice\0pw12')}\nS: 235 ok`);
    expect(steps.map(({ content }) => content.kind)).toEqual(['empty', 'empty', 'plain']);
    expect(steps.map(({ turn }) => turn.kind)).toEqual(['command', 'reply', 'auth']);
    expect(steps.flatMap((step) => step.faults)).toEqual([]);
  });

  it.each<[string, string, AuthFault]>([
    ['one NUL', 'alice\0pw12', { kind: 'nul-count', found: 1 }],
    ['no NUL', 'alicepw12', { kind: 'nul-count', found: 0 }],
    ['three NULs', '\0alice\0pw12\0', { kind: 'nul-count', found: 3 }],
    ['NUL spelled', '\\0alice\\0pw12', { kind: 'nul-spelled', as: 'backslash-zero' }],
    ['NUL replaced', '\ufffdalice\ufffdpw12', { kind: 'nul-spelled', as: 'replacement-character' }],
    ['no password', '\0alice\0', { kind: 'empty', what: 'password' }],
    ['no user', '\0\0pw12', { kind: 'empty', what: 'user' }],
    ['a line end in the password', '\0alice\0pw12\n', { kind: 'trailing-in', what: 'password', found: 'line-end' }],
    ['a space behind the user', '\0alice \0pw12', { kind: 'trailing-in', what: 'user', found: 'space' }],
  ])('names %s', (_name, message, fault) => {
    expect(faults(`C: AUTH PLAIN ${b64(message)}\nS: 501 5.5.2 no`)).toEqual([fault]);
  });

  it('names a user that is not UTF-8, and reads it all the same', () => {
    const token = Buffer.from('\0j\u00fcrgen\0pw12', 'latin1').toString('base64');
    const [step] = stepsOf(`C: AUTH PLAIN ${token}\nS: 535 no`);
    expect(step?.faults).toEqual([{ kind: 'encoding', what: 'user', as: 'not-utf-8' }]);
    expect(step?.content).toMatchObject({ user: 'jürgen' });
  });
});

describe('base64', () => {
  const good = b64('\0alice\0pw');
  it.each<[string, string, AuthFault[]]>([
    ['white space behind it', `${good}  `, [{ kind: 'trailing', what: 'space' }]],
    ['a stray CR behind it', `${good}\\x0d`, [{ kind: 'trailing', what: 'cr' }]],
    [
      'no padding',
      b64('\0alice\0pw12').replace(/=+$/, ''),
      b64('\0alice\0pw12').endsWith('=') ? [{ kind: 'padding' }] : [],
    ],
    ['text as it is', 'alice@example.net', [{ kind: 'not-base64' }]],
    [
      'the alphabet of URLs',
      Buffer.from('\0ali~~~ce\0pw?>').toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
      [{ kind: 'base64url' }],
    ],
  ])('names %s', (_name, token, expected) => {
    expect(faults(`C: AUTH PLAIN\nS: 334 \nC: ${token}\nS: 501 no`)).toEqual(expected);
  });

  it('is within its alphabet where nothing is named', () => {
    expect(faults(`C: AUTH PLAIN ${good}\nS: 235 ok`)).toEqual([]);
  });

  it('is too long beyond what a line may hold', () => {
    const long = 'A'.repeat(600);
    expect(faults(`C: AUTH GSSAPI ${long}\nS: 500 5.5.6 too long`)).toEqual([
      { kind: 'line-too-long', bytes: 614, limit: 512 },
    ]);
  });
});

describe('LOGIN', () => {
  const prompts = ['S: 334 VXNlcm5hbWU6', 'S: 334 UGFzc3dvcmQ6'];

  it('asks and is answered', () => {
    expect(
      contents(`C: AUTH LOGIN\n${prompts[0]}\nC: ${b64('alice')}\n${prompts[1]}\nC: ${b64('pw12')}\nS: 235 ok`),
    ).toEqual([
      { kind: 'empty' },
      { kind: 'login-prompt', text: 'Username:', asksFor: 'user' },
      { kind: 'login-user', user: 'alice' },
      { kind: 'login-prompt', text: 'Password:', asksFor: 'password' },
      { kind: 'login-password', password: secret('pw12') },
    ]);
  });

  it('may have the user in the command; prompts may end in NUL', () => {
    const lines = `C: AUTH LOGIN ${b64('alice')}\nS: 334 UGFzc3dvcmQA\nC: ${b64('pw12')}\nS: 235 ok`;
    expect(contents(lines)).toEqual([
      { kind: 'login-user', user: 'alice' },
      { kind: 'login-prompt', text: 'Password', asksFor: 'password' },
      { kind: 'login-password', password: secret('pw12') },
    ]);
  });

  it('names an empty password and a line end within the user', () => {
    expect(faults(`C: AUTH LOGIN\n${prompts[0]}\nC: ${b64('alice\n')}\n${prompts[1]}\nC: \nS: 535 no`)).toEqual([
      { kind: 'trailing-in', what: 'user', found: 'line-end' },
      { kind: 'empty', what: 'password' },
    ]);
  });

  it('names a user in UTF-16', () => {
    const user = Buffer.from('alice', 'utf16le').toString('base64');
    const steps = stepsOf(`C: AUTH LOGIN ${user}\n${prompts[1]}\nC: ${b64('pw12')}\nS: 535 no`);
    expect(steps[0]?.faults).toEqual([{ kind: 'encoding', what: 'user', as: 'utf-16' }]);
    expect(steps[0]?.content).toEqual({ kind: 'login-user', user: 'alice' });
  });

  it('may be cancelled', () => {
    expect(contents(`C: AUTH LOGIN\n${prompts[0]}\nC: *\nS: 501 5.7.0 aborted`).at(-1)).toEqual({ kind: 'cancel' });
  });
});

describe('CRAM-MD5', () => {
  // RFC 2195 §2
  it('has a challenge and a response of user and digest', () => {
    const response = 'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw';
    expect(
      contents(
        `C: AUTH CRAM-MD5\nS: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\nC: ${response}\nS: 235 ok`,
      ),
    ).toEqual([
      { kind: 'empty' },
      { kind: 'cram-challenge', text: '<1896.697170952@postoffice.reston.mci.net>' },
      { kind: 'cram-response', user: 'tim', digest: secret('b913a602c7eda7a495b4e6e7334d3890') },
    ]);
  });

  it('keeps spaces in a user, and names a response without a digest', () => {
    const ask = `C: AUTH CRAM-MD5\nS: 334 ${b64('<1@a.example>')}`;
    expect(contents(`${ask}\nC: ${b64('two words 00ff')}\nS: 535 no`)[2]).toMatchObject({ user: 'two words' });
    expect(faults(`${ask}\nC: ${b64('alice')}\nS: 501 no`)).toEqual([
      { kind: 'structure', want: 'user, a space, a digest in hexadecimal' },
    ]);
  });
});

describe('DIGEST-MD5', () => {
  // RFC 2831 §4
  it('has directives on both sides and a proof of the server', () => {
    const ask = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
    const answer =
      'charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",nc=00000001,' +
      'cnonce="OA6MHXh6VqTrRk",digest-uri="imap/elwood.innosoft.com",response=d388dad90d4bbd760a152321f2143af7,qop=auth';
    expect(
      contents(
        `C: AUTH DIGEST-MD5\nS: 334 ${b64(ask)}\nC: ${b64(answer)}\nS: 334 ${b64('rspauth=ea40f60335c427b5527b84dbabcdfffd')}\nC: \nS: 235 ok`,
      ),
    ).toEqual([
      { kind: 'empty' },
      {
        kind: 'digest-challenge',
        realms: ['elwood.innosoft.com'],
        qop: 'auth',
        algorithm: 'md5-sess',
        charset: 'utf-8',
        nonceBytes: 14,
        stale: false,
      },
      {
        kind: 'digest-response',
        user: 'chris',
        realm: 'elwood.innosoft.com',
        authorization: null,
        uri: 'imap/elwood.innosoft.com',
        qop: 'auth',
        nonceCount: '00000001',
        clientNonceBytes: 14,
        response: secret('d388dad90d4bbd760a152321f2143af7'),
      },
      { kind: 'digest-proof', proof: secret('ea40f60335c427b5527b84dbabcdfffd') },
      { kind: 'empty' },
    ]);
  });

  it('reads quoted commas and quotes, several realms, and white space', () => {
    const ask = 'realm="a, b" , realm="c\\"d",, nonce="xyz"';
    expect(contents(`C: AUTH DIGEST-MD5\nS: 334 ${b64(ask)}\nC: *\nS: 501 no`)[1]).toMatchObject({
      realms: ['a, b', 'c"d'],
      nonceBytes: 3,
    });
  });

  it('names what is no list of directives', () => {
    expect(faults(`C: AUTH DIGEST-MD5\nS: 334 ${b64('nonce="x"')}\nC: ${b64('username="open')}\nS: 501 no`)).toEqual([
      { kind: 'structure', want: 'username, realm, nonce, response' },
    ]);
  });
});

describe('SCRAM', () => {
  // RFC 5802 §5
  const first = 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL';
  const challengeText = 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096';
  const final = 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=';

  it('has four messages', () => {
    expect(
      contents(
        `C: AUTH SCRAM-SHA-1 ${b64(first)}\nS: 334 ${b64(challengeText)}\nC: ${b64(final)}\n` +
          `S: 334 ${b64('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=')}\nC: \nS: 235 ok`,
      ),
    ).toEqual([
      { kind: 'scram-client-first', binding: 'n', authorization: null, user: 'user', nonceBytes: 24 },
      { kind: 'scram-server-first', iterations: 4096, saltBytes: 12, nonceBytes: 42 },
      { kind: 'scram-client-final', channelBindingBytes: 0, proof: secret('v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=') },
      { kind: 'scram-server-final', proof: secret('rmF9pqV8S7suAoZWja4dJRkFsKQ='), error: null },
      { kind: 'empty' },
    ]);
  });

  it('tells the channel binding, the authorization identity and an escaped user', () => {
    const plus = b64('p=tls-unique,a=boss,n=a=2Cb=3Dc,r=abc');
    const proof = b64(
      `c=${Buffer.concat([Buffer.from('p=tls-unique,a=boss,'), Buffer.alloc(12, 7)]).toString('base64')},r=abcd,p=AAAA`,
    );
    const steps = contents(
      `C: AUTH SCRAM-SHA-256-PLUS ${plus}\nS: 334 ${b64('r=abcd,s=QUJD,i=15000')}\nC: ${proof}\nS: 334 ${b64('e=invalid-proof')}\nC: \nS: 535 no`,
    );
    expect(steps[0]).toEqual({
      kind: 'scram-client-first',
      binding: 'tls-unique',
      authorization: 'boss',
      user: 'a,b=c',
      nonceBytes: 3,
    });
    expect(steps[1]).toMatchObject({ iterations: 15000, saltBytes: 3 });
    expect(steps[2]).toMatchObject({ channelBindingBytes: 12 });
    expect(steps[3]).toEqual({ kind: 'scram-server-final', proof: null, error: 'invalid-proof' });
  });

  it('names a first message without its header', () => {
    expect(faults(`C: AUTH SCRAM-SHA-1 ${b64('n=user,r=abc')}\nS: 501 no`)).toEqual([
      { kind: 'structure', want: 'n,,n=user,r=nonce' },
    ]);
  });
});

describe('NTLM', () => {
  it('tells host, domain and user, and what the challenge says of the server', () => {
    expect(
      contents(
        `C: AUTH NTLM ${negotiate('WORKGROUP', 'PC7')}\nS: 334 ${challenge('EXAMPLE', 'MX1', 'example.test', 'mx1.example.test')}\n` +
          `C: ${authenticate('EXAMPLE', 'alice', 'PC7', 24)}\nS: 235 ok`,
      ),
    ).toEqual([
      { kind: 'ntlm-negotiate', domain: 'WORKGROUP', host: 'PC7', version: '10.0.19041' },
      {
        kind: 'ntlm-challenge',
        target: 'EXAMPLE',
        netbiosDomain: 'EXAMPLE',
        netbiosHost: 'MX1',
        dnsDomain: 'example.test',
        dnsHost: 'mx1.example.test',
        dnsForest: null,
        version: '10.0.17763',
      },
      {
        kind: 'ntlm-authenticate',
        user: 'alice',
        domain: 'EXAMPLE',
        host: 'PC7',
        responseVersion: 1,
        response: secret('r'.repeat(24)),
        version: null,
      },
    ]);
  });

  it('takes a longer response for version 2, and words for words', () => {
    const steps = contents(
      `C: AUTH NTLM\nS: 334 NTLM supported\nC: ${negotiate('', '')}\nS: 334 ${challenge('E', 'M', 'e', 'm.e')}\nC: ${authenticate('E', 'bob', 'PC', 90)}\nS: 535 no`,
    );
    expect(steps[1]).toEqual({ kind: 'text', text: 'NTLM supported' });
    expect(steps[4]).toMatchObject({ user: 'bob', responseVersion: 2 });
  });

  it('survives offsets that point anywhere', () => {
    const message = Buffer.from(authenticate('EXAMPLE', 'alice', 'PC7', 24), 'base64');
    for (const at of [12, 20, 28, 36, 44]) message.writeUInt32LE(0xfffffff0, at + 4);
    expect(contents(`C: AUTH NTLM ${message.toString('base64')}\nS: 535 no`)[0]).toMatchObject({
      kind: 'ntlm-authenticate',
      user: null,
      domain: null,
      responseVersion: null,
    });
    for (let length = 0; length < message.length; length++) {
      const cut = message.subarray(0, length).toString('base64');
      expect(() => contents(`C: AUTH NTLM ${cut}\nS: 535 no`)).not.toThrow();
    }
  });
});

describe('GSSAPI and SPNEGO', () => {
  it('tells the ticket of a Kerberos request', () => {
    const token = gssToken(
      '1.2.840.113554.1.2.2',
      Buffer.concat([Buffer.from([1, 0]), apReq('EXAMPLE.TEST', ['smtp', 'mx.example'])]),
    );
    expect(contents(`C: AUTH GSSAPI ${token.toString('base64')}\nS: 535 no`)[0]).toEqual({
      kind: 'gss',
      framing: 'kerberos',
      inner: 'Kerberos 5',
      proposed: [],
      message: 'AP-REQ',
      service: 'smtp/mx.example',
      realm: 'EXAMPLE.TEST',
      bytes: token.length,
    });
  });

  it('tells what SPNEGO proposes and what is within', () => {
    const inner = gssToken(
      '1.2.840.113554.1.2.2',
      Buffer.concat([Buffer.from([1, 0]), apReq('EXAMPLE.TEST', ['smtp', 'mx'])]),
    );
    const init = tagged(
      0xa0,
      sequence(
        tagged(0xa0, sequence(oid('1.2.840.48018.1.2.2'), oid('1.2.840.113554.1.2.2'), oid('1.3.6.1.4.1.311.2.2.10'))),
        tagged(0xa2, octets(inner)),
      ),
    );
    const token = gssToken('1.3.6.1.5.5.2', init).toString('base64');
    const ntlm = gssToken(
      '1.3.6.1.5.5.2',
      tagged(
        0xa0,
        sequence(
          tagged(0xa0, sequence(oid('1.3.6.1.4.1.311.2.2.10'))),
          tagged(0xa2, octets(Buffer.from(negotiate('', ''), 'base64'))),
        ),
      ),
    ).toString('base64');
    expect(contents(`C: AUTH GSS-SPNEGO ${token}\nS: 535 no`)[0]).toMatchObject({
      framing: 'spnego',
      inner: 'Kerberos 5',
      proposed: ['Kerberos 5 (Microsoft)', 'Kerberos 5', 'NTLM'],
      service: 'smtp/mx',
    });
    expect(contents(`C: AUTH GSSAPI ${ntlm}\nS: 535 no`)[0]).toMatchObject({ framing: 'spnego', inner: 'NTLM' });
  });

  it('survives every cut and every flipped length', () => {
    const token = gssToken(
      '1.2.840.113554.1.2.2',
      Buffer.concat([Buffer.from([1, 0]), apReq('R.TEST', ['smtp', 'mx'])]),
    );
    for (let i = 0; i < token.length; i++) {
      const flipped = Buffer.from(token);
      flipped[i] = 0x84;
      for (const bytes of [token.subarray(0, i + 1), flipped]) {
        expect(contents(`C: AUTH GSSAPI ${bytes.toString('base64')}\nS: 535 no`)[0]?.kind).toBe('gss');
      }
    }
  });
});

describe('OAuth', () => {
  // RFC 7628 §4.1 and §4.3
  it('OAUTHBEARER: user, host and port; the error of the server', () => {
    const request = b64(
      'n,a=user@example.com,^Ahost=server.example.com^Aport=587^Aauth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==^A^A',
    );
    const error = b64(
      '{"status":"invalid_token","scope":"example_scope","openid-configuration":"https://example.com/.well-known/openid-configuration"}',
    );
    expect(contents(`C: AUTH OAUTHBEARER ${request}\nS: 334 ${error}\nC: AQ==\nS: 535 5.7.8 no`)).toEqual([
      {
        kind: 'oauth-request',
        user: 'user@example.com',
        host: 'server.example.com',
        port: '587',
        scheme: 'Bearer',
        token: secret('vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='),
      },
      {
        kind: 'oauth-error',
        status: 'invalid_token',
        schemes: null,
        scope: 'example_scope',
        configuration: 'https://example.com/.well-known/openid-configuration',
      },
      { kind: 'oauth-acknowledge' },
    ]);
  });

  it('XOAUTH2: the error of Google, and the empty line that answers it', () => {
    const error = b64('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}');
    const steps = contents(
      `C: AUTH XOAUTH2 ${b64('user=a@example.net^Aauth=Bearer tok.en^A^A')}\nS: 334 ${error}\nC: \nS: 535 5.7.8 no`,
    );
    expect(steps[0]).toMatchObject({ user: 'a@example.net', scheme: 'Bearer', token: secret('tok.en') });
    expect(steps[1]).toMatchObject({ kind: 'oauth-error', status: '400', schemes: 'Bearer' });
    expect(steps[2]).toEqual({ kind: 'empty' });
  });

  it.each<[string, string, AuthFault[]]>([
    ['no token', 'user=a^Aauth=Bearer ^A^A', [{ kind: 'empty', what: 'token' }]],
    ['no user', 'user=^Aauth=Bearer x^A^A', [{ kind: 'empty', what: 'user' }]],
    ['no end', 'user=a^Aauth=Bearer x', [{ kind: 'structure', want: 'user=…^Aauth=Bearer …^A^A' }]],
    ['something else', '\0a\0b', [{ kind: 'structure', want: 'user=…^Aauth=Bearer …^A^A' }]],
  ])('names %s', (_name, message, expected) => {
    expect(faults(`C: AUTH XOAUTH2 ${b64(message)}\nS: 535 no`)).toEqual(expected);
  });
});

describe('EXTERNAL, ANONYMOUS and others', () => {
  it('tell what they hold', () => {
    expect(contents('C: AUTH EXTERNAL =\nS: 235 ok')).toEqual([{ kind: 'external', authorization: '' }]);
    expect(contents(`C: AUTH EXTERNAL ${b64('fred@example.com')}\nS: 235 ok`)).toEqual([
      { kind: 'external', authorization: 'fred@example.com' },
    ]);
    expect(contents(`C: AUTH ANONYMOUS ${b64('sirhc')}\nS: 235 ok`)).toEqual([{ kind: 'anonymous', trace: 'sirhc' }]);
    expect(contents('C: AUTH X-NEW AAAA\nS: 504 no')).toEqual([{ kind: 'opaque', bytes: 3 }]);
    expect(faults('C: AUTH\nS: 501 no')).toEqual([{ kind: 'no-mechanism' }]);
  });
});

describe('as curl 7.88 sends it', () => {
  const user = 'EXAMPLE\\alice';

  it('NTLM, the flag of a version set and the version left out', () => {
    const steps = contents(
      'C: AUTH NTLM\nS: 334 \n' +
        'C: TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=\n' +
        'S: 334 TlRMTVNTUAACAAAADgAOADgAAAAFgoliMTIzNDU2NzgAAAAAAAAAAGAAYABGAAAACgBjRQAAAA9FAFgAQQBNAFAATABFAAIADgBFAFgAQQBNAFAATABFAAEABgBNAFgAMQAEABgAZQB4AGEAbQBwAGwAZQAuAHQAZQBzAHQAAwAgAG0AeAAxAC4AZQB4AGEAbQBwAGwAZQAuAHQAZQBzAHQAAAAAAA==\n' +
        'C: TlRMTVNTUAADAAAAGAAYAEAAAACQAJAAWAAAAA4ADgDoAAAACgAKAPYAAAAWABYAAAEAAAAAAAAAAAAABYKJYjd22W4NriwRVIJgPCFziqKAJqIvM+jfpPHIpCtSRO0yuxlJAfhQcLYBAQAAAAAAAIDrz5Hme90BgCaiLzPo36QAAAAAAgAOAEUAWABBAE0AUABMAEUAAQAGAE0AWAAxAAQAGABlAHgAYQBtAHAAbABlAC4AdABlAHMAdAADACAAbQB4ADEALgBlAHgAYQBtAHAAbABlAC4AdABlAHMAdAAAAAAAAAAAAEUAWABBAE0AUABMAEUAYQBsAGkAYwBlAFcATwBSAEsAUwBUAEEAVABJAE8ATgA=\nS: 535 no',
    );
    expect(steps[2]).toEqual({ kind: 'ntlm-negotiate', domain: null, host: null, version: null });
    expect(steps[3]).toMatchObject({ netbiosDomain: 'EXAMPLE', dnsHost: 'mx1.example.test', version: '10.0.17763' });
    expect(steps[4]).toMatchObject({
      user: 'alice',
      domain: 'EXAMPLE',
      host: 'WORKSTATION',
      responseVersion: 2,
      version: null,
    });
  });

  it('DIGEST-MD5, CRAM-MD5 and OAUTHBEARER', () => {
    const digest =
      'dXNlcm5hbWU9IkVYQU1QTEVcYWxpY2UiLHJlYWxtPSJteC5leGFtcGxlIixub25jZT0iYWJjZCIsY25vbmNlPSJmMTY1MjY2ODU4ZWU2MmRhM2Y0NGIxOTcyMGNhNmFkNCIsbmM9IjAwMDAwMDAxIixkaWdlc3QtdXJpPSJzbXRwL214LmV4YW1wbGUiLHJlc3BvbnNlPWY2MzVhNThjNTk5ZDMxMTQ3N2M3NjkzOTYyOGRmOWFlLHFvcD1hdXRo';
    const cram = 'RVhBTVBMRVxhbGljZSA4OTI4MTU1NTBiZTJhNmU5YmI2Mzk2OWUzZjdiYjAxYg==';
    const bearer = 'bixhPUVYQU1QTEVcYWxpY2UsAWhvc3Q9MTI3LjAuMC4xAXBvcnQ9MjU5OQFhdXRoPUJlYXJlciB0b2szbgEB';
    expect(contents(`C: AUTH DIGEST-MD5\nS: 334 ${b64('nonce="abcd"')}\nC: ${digest}\nS: 535 no`)[2]).toMatchObject({
      user,
      realm: 'mx.example',
      uri: 'smtp/mx.example',
      nonceCount: '00000001',
    });
    expect(contents(`C: AUTH CRAM-MD5\nS: 334 ${b64('<1.2@mx.example>')}\nC: ${cram}\nS: 535 no`)[2]).toMatchObject({
      user,
    });
    expect(contents(`C: AUTH OAUTHBEARER\nS: 334 \nC: ${bearer}\nS: 535 no`)[2]).toMatchObject({
      user,
      host: '127.0.0.1',
      port: '2599',
      token: secret('tok3n'),
    });
  });
});

it('says nothing of a line whose end was not captured', () => {
  const [exchange] = authExchanges(
    spoken(`${START}\nC: AUTH PLAIN AGFsaWNl\\-\n--gap 12 C--\nC: cHc=\nS: 535 no\nC: QUIT\nS: 221 bye`),
  );
  expect(exchange?.steps.flatMap((step) => step.faults) ?? []).toEqual([]);
});

it('masks secrets in whatever text they are turned into', () => {
  const [step] = stepsOf(`C: AUTH PLAIN ${b64('\0alice\0correct horse')}\nS: 235 ok`);
  const { content } = step as AuthStepFacts;
  expect(JSON.stringify(content)).not.toContain('correct');
  expect(content.kind === 'plain' ? `${content.password}` : '').toBe('****');
});

it('decodes a session once', () => {
  const session = spoken(`${START}\nC: AUTH PLAIN ${b64('\0a\0b')}\nS: 235 ok\nC: QUIT\nS: 221 bye`);
  expect(authExchanges(session)).toBe(authExchanges(session));
});
