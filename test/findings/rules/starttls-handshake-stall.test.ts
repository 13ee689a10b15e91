import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { alert, opening, tls12Good, tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const hello = tls13.slice(0, 1);
const flight = opening(tls12Good)[1] as { from: 'server'; bytes: Buffer };
const half = { from: 'server', bytes: flight.bytes.subarray(0, 500) } as const;
const fin = (waited: number) => ({ beforeClose: waited });

testRule(
  'starttls-handshake-stall',
  [
    {
      name: 'no answer, and the client gives up',
      session: wire(say(STARTTLS, hello), { ...fin(60), onTheWay: (all) => all.slice(0, -2) }),
      severity: 'error',
      confidence: 'likely',
      message:
        /^The client’s TLS hello of \d+ bytes got no answer for 60 s, and was never acknowledged; then the client ended it$/,
      also: (finding, all) => expect(all[0]).toBe(finding),
    },
    { name: 'on 465', session: wire(say(hello), { ...fin(15), serverPort: 465 }), message: /for 15 s/ },
    {
      name: 'half an answer',
      session: wire(say(STARTTLS, tls12Good.slice(0, 1), half), fin(30)),
      message: /half an answer/,
      firstCause: /large packets are lost/,
      also: ({ evidence }) => expect(evidence.length).toBe(3),
    },
    {
      name: 'it still waits, and others talk',
      session: wire(say(STARTTLS, hello), { close: 'none', quiet: 40 }),
      message: /for 40 s, and was never acknowledged$/,
    },
    {
      name: 'it arrived',
      session: wire(say(STARTTLS, hello), { ...fin(20), close: 'server' }),
      message: /though it arrived; then the server ended it/,
      firstCause: /program is stuck/,
    },
  ],
  [
    { name: 'less than ten seconds', session: wire(say(STARTTLS, hello), fin(5)) },
    { name: 'the capture ends', session: wire(say(STARTTLS, hello), { close: 'none' }) },
    { name: 'a whole flight, and a silent client', session: wire(say(STARTTLS, opening(tls12Good)), fin(60)) },
    { name: 'established, then silence', session: wire(say(STARTTLS, tls13), fin(60)) },
    { name: 'on 465 the server closes', session: wire(say(hello), { ...fin(60), serverPort: 465, close: 'server' }) },
    { name: 'an alert', session: wire(say(STARTTLS, hello, alert('server', 40)), fin(60)) },
    { name: 'a greeting in clear', session: wire(say(hello, 'S: 220 mx.example'), fin(60)) },
    { name: 'a hole where the answer was', session: wire(say(STARTTLS, hello, '--gap 900 S--', half), fin(60)) },
  ],
);
