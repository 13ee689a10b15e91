import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const END = 'C: QUIT\nS: 221 bye';

testRule(
  'lmtp-vs-smtp',
  [
    {
      name: 'LHLO to SMTP',
      session: wire(`S: 220 mx.example ESMTP\nC: LHLO client.example\nS: 500 5.5.1 Unknown command\n${END}`),
      severity: 'error',
      confidence: 'certain',
      message: /The client speaks LMTP \(LHLO\) to a server on port 25 that speaks SMTP: 500/,
      firstCause: /route names the wrong protocol/,
    },
    {
      name: 'EHLO to port 24',
      session: wire(`S: 220 mx.example ready\nC: EHLO client.example\nS: 500 5.5.1 Unknown command\n${END}`, {
        port: 24,
      }),
      message: /speaks SMTP \(EHLO\) to a server on port 24 that speaks LMTP/,
      firstCause: /port is the wrong one/,
    },
    {
      name: 'the server says what it is',
      session: wire(`S: 220 mx.example LMTP ready\nC: EHLO client.example\nS: 502 no\n${END}`, { port: 2525 }),
    },
    {
      name: 'the refusal says it',
      session: wire(`S: 220 mx.example\nC: HELO client.example\nS: 502 5.5.1 use LHLO\n${END}`),
      message: /HELO/,
    },
    {
      name: 'LHLO is taken afterwards',
      session: wire(`S: 220 mx.example\nC: EHLO a.example\nS: 500 no\nC: LHLO a.example\nS: 250 ok\n${END}`),
    },
  ],
  [
    {
      name: 'LHLO to LMTP',
      session: wire(`S: 220 mx.example LMTP\nC: LHLO a.example\nS: 250 ok\n${END}`, { port: 24 }),
    },
    {
      name: 'EHLO refused by nobody knows whom',
      session: wire(`S: 220 mx.example\nC: EHLO a.example\nS: 500 no\n${END}`),
    },
    {
      name: 'EHLO refused for the client',
      session: wire(`S: 220 mx.example\nC: EHLO a.example\nS: 550 go away\n${END}`, { port: 24 }),
    },
    { name: 'LHLO put off', session: wire(`S: 220 mx.example\nC: LHLO a.example\nS: 421 later\n${END}`) },
    {
      name: 'the refusal may belong to a command in a hole',
      session: wire(`S: 220 mx.example\nC: LHLO a.example\nS: 250 ok\n--gap 20 C--\nS: 500 no\n${END}`, { port: 24 }),
    },
  ],
);
