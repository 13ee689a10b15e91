import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { alert, tls12Good, tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const hello = tls13.slice(0, 1);

testRule(
  'tls-on-plaintext-port',
  [
    {
      name: 'the greeting comes first',
      session: wire(say('S: 220 mx.example ESMTP', hello), { reset: true }),
      severity: 'error',
      confidence: 'certain',
      message: /^The client began with TLS on port 25, where the server greets in clear: 220 mx\.example ESMTP$/,
      firstCause: /TLS from the first byte/,
      also: (finding, all) => {
        expect(finding.actor).toBe('client');
        expect(all[0]).toBe(finding);
      },
    },
    {
      name: 'the hello comes first',
      session: wire(say(hello, 'S: 220 mx.example', alert('client', 70)), { serverPort: 587 }),
    },
    {
      name: 'the server counts errors',
      session: wire(say('S: 220 mx.example', hello, 'S: 500 what\nS: 554 too many errors'), { close: 'server' }),
    },
    {
      name: 'on 465 the server is the one',
      session: wire(say('S: 220 mx.example', hello), { serverPort: 465 }),
      firstCause: /wrapper mode/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'on 587 it is taken',
      session: wire(say(tls12Good), { serverPort: 587 }),
      severity: 'notice',
      message: /the server took it$/,
    },
  ],
  [
    { name: 'on 465', session: wire(say(tls13), { serverPort: 465 }) },
    {
      name: 'behind STARTTLS',
      session: wire(say('S: 220 mx.example\nC: EHLO a.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go', tls13)),
    },
    { name: 'the server says nothing', session: wire(say(hello), { close: 'server' }) },
    {
      name: 'the beginning was not captured',
      session: wire(say(hello, 'S: 220 mx.example'), { onTheWay: (all) => all.slice(3) }),
    },
  ],
);
