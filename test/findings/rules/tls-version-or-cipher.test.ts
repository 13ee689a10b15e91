import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import {
  alert,
  anonymous,
  IN_2026_US,
  opening,
  staticRsa,
  tls10,
  tls12Expired,
  tls12Good,
  tls12OtherName,
  tls13,
} from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const at = { startUs: IN_2026_US };

testRule(
  'tls-version-or-cipher',
  [
    {
      name: 'TLS 1.0',
      session: wire(say(STARTTLS, tls10), at),
      severity: 'warning',
      confidence: 'certain',
      message: /^TLSv1\.0 with TLS_.*: TLSv1\.0 is withdrawn/,
      firstCause: /^The server runs an old system/,
      also: ({ evidence }) => expect(evidence).toMatchObject([{ direction: 'server' }]),
    },
    {
      name: 'an anonymous cipher between mail servers',
      session: wire(say(STARTTLS, anonymous), at),
      severity: 'notice',
      message: /anonymous/,
      firstCause: /^Postfix clients/,
    },
    {
      name: 'a certificate out of date, on 25',
      session: wire(say(STARTTLS, tls12Expired), at),
      severity: 'notice',
      message: /the certificate ran out on 2021-01-01$/,
      firstCause: /not renewed/,
    },
    {
      name: 'the same on 587',
      session: wire(say(STARTTLS, tls12Expired), { ...at, serverPort: 587 }),
      severity: 'warning',
      message: /on a port where clients check it$/,
    },
    {
      name: 'a certificate of tomorrow, on 465',
      session: wire(say(tls12Good), { serverPort: 465, startUs: Date.UTC(2019, 5, 1) * 1000 }),
      severity: 'warning',
      message: /not valid before 2020-01-01/,
    },
    {
      name: 'no forward secrecy',
      session: wire(say(STARTTLS, staticRsa), at),
      severity: 'notice',
      message: /no forward secrecy/,
    },
  ],
  [
    { name: 'TLS 1.3', session: wire(say(STARTTLS, tls13), at) },
    { name: 'TLS 1.2 with a good certificate', session: wire(say(STARTTLS, tls12Good), at) },
    { name: 'another name on port 25', session: wire(say(STARTTLS, tls12OtherName), at) },
    { name: 'an old hello that was not answered', session: wire(say(STARTTLS, tls10.slice(0, 1)), at) },
    {
      name: 'out of date, and the alert has said so',
      session: wire(say(STARTTLS, opening(tls12Expired), alert('client', 45)), at),
    },
    { name: 'no TLS', session: wire(say('S: 220 mx.example\nC: QUIT\nS: 221 bye'), at) },
  ],
);
