import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const PROBE = `
S: 220 mx.example ESMTP
C: EHLO client.example
S: 250-mx.example
S: 250 STARTTLS
C: QUIT
S: 221 bye`;

const LOGIN = `
S: 220 relay.example ESMTP
C: EHLO client.example
S: 250 AUTH PLAIN
C: AUTH PLAIN AHVzZXIAc2VjcmV0
S: 235 ok
C: QUIT
S: 221 bye`;

testRule(
  'ehlo-quit-no-auth',
  [
    { name: 'on port 25', session: wire(PROBE), severity: 'notice', confidence: 'certain', firstCause: /A probe/ },
    {
      name: 'on port 587, with STARTTLS on offer',
      session: wire(PROBE, { port: 587 }),
      severity: 'error',
      firstCause: /only inside TLS/,
      message: /without AUTH on offer \(STARTTLS was\)/,
    },
    {
      name: 'on port 587, without STARTTLS',
      session: wire(PROBE.replace('250 STARTTLS', '250 PIPELINING'), { port: 587 }),
      severity: 'error',
      firstCause: /switched off/,
    },
    {
      name: 'the client logs in elsewhere',
      session: wire(PROBE, { startSeconds: 600 }),
      earlier: [wire(LOGIN, { server: '203.0.113.9' })],
      severity: 'error',
      message: /logs in on another server/,
    },
    {
      name: 'a scanner on 587',
      session: wire(PROBE.replace('client.example', 'zgrab'), { port: 587 }),
      severity: 'notice',
    },
  ],
  [
    { name: 'AUTH on offer', session: wire(PROBE.replace('STARTTLS', 'AUTH PLAIN')) },
    { name: 'EHLO and QUIT in one segment', session: wire(PROBE.replace('C: QUIT', 'C*: QUIT')) },
    {
      name: 'HELO',
      session: wire('S: 220 mx.example\nC: HELO client.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye'),
    },
    { name: 'a hole of the client', session: wire(PROBE.replace('C: QUIT', '--gap 9 C--\nC: QUIT')) },
    { name: 'STARTTLS is used', session: wire(PROBE.replace('C: QUIT', 'C: STARTTLS\nS: 220 go')) },
  ],
);
