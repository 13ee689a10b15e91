import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { alert, tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const on465 = { serverPort: 465 } as const;

testRule(
  'plaintext-on-465',
  [
    {
      name: 'EHLO, and a RST',
      session: wire(say('C: EHLO client.example'), { ...on465, close: 'server', reset: true }),
      severity: 'error',
      confidence: 'certain',
      message: /^The client sent EHLO in clear on port 465, .*; the server never answered$/,
      firstCause: /set to STARTTLS/,
    },
    {
      name: 'EHLO, and an alert',
      session: wire(say('C: EHLO client.example', alert('server', 10)), { ...on465, close: 'server' }),
      message: /the server answered with TLS$/,
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).not.toContain('tls-alert'),
    },
    {
      name: 'both wait, the client gives up',
      session: wire([], { ...on465, beforeClose: 30 }),
      confidence: 'likely',
      message: /^Both sides waited 30 s/,
    },
    {
      name: 'both wait, and a program with little patience gives up',
      session: wire([], { ...on465, beforeClose: 8 }),
      message: /^Both sides waited 8 s/,
    },
    {
      name: 'both wait, the server gives up',
      session: wire([], { ...on465, beforeClose: 300, close: 'server' }),
      confidence: 'likely',
    },
    {
      name: 'on 587, where the server has its wrapper on',
      session: wire(say('C: EHLO client.example', alert('server', 10)), { serverPort: 587, close: 'server' }),
      firstCause: /wrong place/,
    },
  ],
  [
    { name: 'TLS', session: wire(say(tls13), on465) },
    {
      name: 'a server that greets in clear',
      session: wire(say('S: 220 mx.example\nC: EHLO a.example\nS: 250 mx.example'), on465),
    },
    { name: 'a scan', session: wire([], on465) },
    { name: 'a health check that waits a little', session: wire([], { ...on465, beforeClose: 3 }) },
    { name: 'both wait on 25', session: wire([], { beforeClose: 60 }) },
    { name: 'EHLO on 25 and no answer', session: wire(say('C: EHLO a.example'), { close: 'server' }) },
    { name: 'a hole where the server spoke', session: wire(say('--gap 40 S--', 'C: EHLO a.example'), on465) },
    { name: 'no words of SMTP', session: wire(say('C: GET / HTTP/1.1'), on465) },
  ],
);
