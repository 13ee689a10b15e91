import { describe, expect, it } from 'vitest';
import { alertMeaning } from '../../../src/findings/tls-alerts.ts';
import { alertName } from '../../../src/tls/names.ts';
import type { Said } from '../../support/segments.ts';
import { testRule } from '../support/expect.ts';
import {
  alert,
  IN_2026_US,
  noCommonCipher,
  noCommonProtocol,
  noCommonVersion,
  opening,
  protectedRecord,
  tls12Expired,
  tls12Good,
  tls12OtherName,
  tls13,
} from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const at = { startUs: IN_2026_US };
/** The client's ChangeCipherSpec and Finished, and nothing behind them. */
const finished13 = Buffer.concat(tls13.slice(2, 3).flatMap((said) => ('bytes' in said ? [said.bytes] : []))).subarray(
  0,
  80,
);
const whole13: Said[] = [...tls13.slice(0, 2), { from: 'client', bytes: finished13 }];

testRule(
  'tls-alert',
  [
    {
      name: 'TLS 1.2: the client does not know the issuer',
      session: wire(say(STARTTLS, opening(tls12Good), alert('client', 48)), at),
      severity: 'error',
      confidence: 'certain',
      message:
        /^The client broke off the TLS handshake with the alert unknown_ca: it does not know who issued the server’s certificate \(the server sent one certificate, without its issuer’s\)$/,
      firstCause: /without the intermediate ones/,
      also: ({ actor, evidence }) => {
        expect(actor).toBe('server');
        expect(evidence).toMatchObject([{ direction: 'client', length: 7 }]);
      },
    },
    {
      name: 'the client closes behind the server’s flight, without an alert',
      session: wire(say(STARTTLS, opening(tls12Good)), at),
      severity: 'error',
      confidence: 'likely',
      message: /^The client closed the connection in the middle of the TLS handshake, without an alert \(/,
      also: ({ evidence }) => expect(evidence.at(-1)).toMatchObject({ direction: 'client' }),
    },
    {
      name: 'the client closes, and the server’s RST answers it',
      session: wire(say(STARTTLS, opening(tls12Good)), {
        ...at,
        onTheWay: (all) =>
          all.map((one) => (one.from === 'server' && one.flags.includes('F') ? { ...one, flags: 'R' } : one)),
      }),
      message: /^The client closed/,
    },
    {
      name: 'who only looks at the certificate of port 465 leaves so too',
      session: wire(say(opening(tls12Good)), { ...at, serverPort: 465 }),
      severity: 'notice',
      confidence: 'hint',
    },
    {
      name: 'TLS 1.2: out of date',
      session: wire(say(STARTTLS, opening(tls12Expired), alert('client', 45)), at),
      message: /certificate_expired: it takes the server’s certificate for out of date$/,
      firstCause: /has run out/,
    },
    {
      name: 'a word that says little, and a certificate that says more',
      session: wire(say(STARTTLS, opening(tls12Expired), alert('client', 46)), at),
      message: /\(the server’s certificate was out of date and the server sent one certificate/,
      firstCause: /has run out/,
    },
    {
      name: 'TLS 1.2: another name',
      session: wire(say(STARTTLS, opening(tls12OtherName), alert('client', 42)), at),
      message: /is not for the name that the client asked for/,
    },
    {
      name: 'TLS 1.3: an alert in clear',
      session: wire(say(STARTTLS, opening(tls13), alert('client', 48)), at),
      confidence: 'certain',
    },
    {
      name: 'TLS 1.3: an encrypted alert behind the server’s flight, and the close',
      session: wire(say(STARTTLS, opening(tls13), protectedRecord('client', 19)), at),
      confidence: 'likely',
      message: /^The client probably broke off the TLS handshake/,
    },
    {
      name: 'TLS 1.3: an encrypted alert is all that the server answers',
      session: wire(say(STARTTLS, tls13.slice(0, 3), protectedRecord('server', 19)), { ...at, close: 'server' }),
      confidence: 'likely',
      message: /^The server probably/,
      firstCause: /wants a certificate of the client/,
    },
    {
      name: 'TLS 1.3: QUIT is all that follows the handshake (Postfix: Server certificate not verified)',
      session: wire(say(STARTTLS, whole13, protectedRecord('client', 23), protectedRecord('server', 32)), at),
      severity: 'error',
      confidence: 'likely',
      message: /^The client finished the TLS handshake and left at once: the only record behind it is as short as QUIT/,
      also: ({ evidence }) => expect(evidence[0]).toMatchObject({ direction: 'client' }),
    },
    {
      name: 'TLS 1.3: QUIT and close_notify',
      session: wire(
        say(
          STARTTLS,
          whole13,
          protectedRecord('client', 23),
          protectedRecord('server', 32),
          protectedRecord('client', 19),
        ),
        at,
      ),
      message: /as short as QUIT/,
    },
    {
      name: 'TLS 1.2: the same, and the certificate tells more',
      session: wire(say(STARTTLS, tls12Expired.slice(0, 4), protectedRecord('client', 30)), at),
      message:
        /as short as QUIT; it probably refuses the server’s certificate \(the server’s certificate was out of date/,
      firstCause: /has run out/,
    },
    {
      name: 'nothing follows the handshake (msmtp)',
      session: wire(say(STARTTLS, whole13), at),
      message: /^The client finished the TLS handshake and left at once: nothing came behind it but the close/,
    },
    {
      name: 'the server closes where its hello belongs',
      session: wire(say(STARTTLS, tls13.slice(0, 1)), { ...at, close: 'server' }),
      severity: 'error',
      confidence: 'likely',
      message: /^The server agreed to STARTTLS and answered the client’s TLS hello by closing the connection$/,
      firstCause: /cannot do it/,
      also: ({ actor }, all) => {
        expect(actor).toBe('server');
        expect(all.map(({ rule }) => rule)).toEqual(['tls-alert']);
      },
    },
    {
      name: 'the client’s library says decode_error behind that close: no reason of its own',
      session: wire(say(STARTTLS, tls13.slice(0, 1), alert('client', 50)), {
        ...at,
        close: 'server',
        onTheWay: (all) => {
          const late = all.filter(({ from, payload }) => from === 'client' && payload.length === 7);
          const rest = all.filter((one) => !late.includes(one));
          const fin = rest.findIndex(({ from, flags }) => from === 'server' && flags.includes('F'));
          return [...rest.slice(0, fin + 1), ...late, ...rest.slice(fin + 1)];
        },
      }),
      message: /^The server agreed to STARTTLS and answered the client’s TLS hello by closing/,
    },
    {
      name: 'a reset in its name',
      session: wire(say(STARTTLS, tls13.slice(0, 1)), { ...at, close: 'server', reset: true }),
      message: /a reset in its name answered/,
      firstCause: /A device on the path/,
    },
    {
      name: 'openssl s_client, which looks and leaves',
      session: wire(
        say(STARTTLS.replace('EHLO client.example', 'EHLO mail.example.com'), whole13, protectedRecord('client', 19)),
        at,
      ),
      severity: 'notice',
      confidence: 'hint',
    },
    {
      name: 'the same of a mail server: an error',
      session: wire(say(STARTTLS, whole13, protectedRecord('client', 19)), at),
      severity: 'error',
      confidence: 'likely',
    },
    {
      name: 'no version in common',
      session: wire(say(STARTTLS, noCommonVersion), at),
      message:
        /The server .* protocol_version: it does not take any version of TLS that the client offers \(the client offers TLSv1\.2\)/,
      also: ({ actor }) => expect(actor).toBe('client'),
    },
    {
      name: 'no cipher in common',
      session: wire(say(STARTTLS, noCommonCipher), at),
      message: /handshake_failure/,
      firstCause: /no cipher suite in common/,
      also: ({ actor }) => expect(actor).toBeNull(),
    },
    {
      name: 'no protocol in common',
      session: wire(say(STARTTLS, noCommonProtocol), at),
      message: /no_application_protocol/,
    },
    {
      name: 'on 465, a certificate demanded',
      session: wire(say(opening(tls12Good), alert('server', 116)), { ...at, serverPort: 465, close: 'server' }),
      message: /certificate_required: it demands a certificate of the client/,
    },
    {
      name: 'an alert that nobody has named',
      session: wire(say(STARTTLS, opening(tls12Good), alert('client', 200)), at),
      message: /alert_200: it gives no reason in a known word/,
    },
    {
      name: 'holes behind the alert change nothing',
      session: wire(say(STARTTLS, opening(tls12Good), alert('client', 48), '--gap 10 S--', 'S: x'), at),
      confidence: 'certain',
    },
  ],
  [
    { name: 'a handshake that succeeds, TLS 1.2', session: wire(say(STARTTLS, tls12Good), at) },
    { name: 'a handshake that succeeds, TLS 1.3', session: wire(say(STARTTLS, tls13), at) },
    {
      name: 'the client itself leaves behind its hello',
      session: wire(say(STARTTLS, tls13.slice(0, 1)), at),
    },
    {
      name: 'a hole where the server’s hello may have been',
      session: wire(say(STARTTLS, tls13.slice(0, 1), '--gap 40 S--'), { ...at, close: 'server' }),
    },
    {
      name: 'the server lets the client wait first: a stall',
      session: wire(say(STARTTLS, tls13.slice(0, 1)), { ...at, close: 'server', beforeClose: 20 }),
    },
    {
      name: 'EHLO behind the handshake, then QUIT',
      session: wire(
        say(
          STARTTLS,
          whole13,
          protectedRecord('client', 38),
          protectedRecord('server', 90),
          protectedRecord('client', 23),
        ),
        at,
      ),
    },
    {
      name: 'EHLO alone: longer than QUIT',
      session: wire(say(STARTTLS, tls12Good.slice(0, 4), protectedRecord('client', 45)), at),
    },
    {
      name: 'QUIT in TLS on 465: a health check',
      session: wire(say(whole13, protectedRecord('server', 40), protectedRecord('client', 23)), {
        ...at,
        serverPort: 465,
      }),
    },
    {
      name: 'the server closes behind the handshake, not the client',
      session: wire(say(STARTTLS, whole13), { ...at, close: 'server' }),
    },
    {
      name: 'QUIT, and a hole before it',
      session: wire(say(STARTTLS, whole13, '--gap 60 C--', protectedRecord('client', 23)), at),
    },
    {
      name: 'an alert’s length and no close',
      session: wire(say(STARTTLS, opening(tls13), protectedRecord('client', 19)), { ...at, close: 'none' }),
    },
    {
      name: 'a warning',
      session: wire(
        say(
          STARTTLS,
          opening(tls12Good),
          { from: 'server', bytes: Buffer.from([21, 3, 3, 0, 2, 1, 112]) },
          tls12Good.slice(2),
        ),
        at,
      ),
    },
    {
      name: 'the client’s alert at a greeting in clear is no handshake',
      session: wire(say(opening(tls12Good).slice(0, 1), 'S: 220 mx.example ESMTP', alert('client', 70)), at),
    },
    {
      name: 'the server’s alert at an EHLO in clear is none either',
      session: wire(say('C: EHLO client.example', alert('server', 10)), { ...at, serverPort: 465, close: 'server' }),
    },
    {
      name: 'a hole in front of it: nobody can read records behind a hole',
      session: wire(say(STARTTLS, tls12Good.slice(0, 1), '--gap 40 C--', alert('client', 48)), at),
    },
    {
      name: 'the client gives up waiting, ten seconds later',
      session: wire(say(STARTTLS, opening(tls12Good)), { ...at, beforeClose: 10 }),
    },
    {
      name: 'the capture ends inside the handshake',
      session: wire(say(STARTTLS, opening(tls12Good)), { ...at, close: 'none' }),
    },
    {
      name: 'a hole behind the server’s flight may have held the alert',
      session: wire(say(STARTTLS, opening(tls12Good), '--gap 7 C--'), at),
    },
  ],
);

describe('every alert', () => {
  it.each(Array.from({ length: 256 }, (_, code) => alertName(code)))(
    '%s has words and causes from either side',
    (name) => {
      for (const from of ['client', 'server'] as const) {
        const { words, causes } = alertMeaning(name, from);
        expect(words).not.toBe('');
        expect(causes.length).toBeGreaterThan(0);
        expect(new Set(causes).size).toBe(causes.length);
      }
    },
  );

  it('says another thing about the same certificate by who sends it', () => {
    expect(alertMeaning('unknown_ca', 'client').topic).toBe('certificate');
    expect(alertMeaning('unknown_ca', 'server').topic).toBe('client-certificate');
    expect(alertMeaning('constructor', 'client').words).toMatch(/no reason/);
  });
});
