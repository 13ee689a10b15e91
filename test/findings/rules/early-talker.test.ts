import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const GREETING = 'S: 220 mx.example ESMTP';
const OFFER = 'S: 250-mx.example\nS: 250 HELP';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'early-talker',
  [
    {
      name: 'EHLO before the greeting',
      session: wire(`C*: EHLO client.example\n--1 s--\n${GREETING}\n${OFFER}\n${END}`),
      severity: 'warning',
      confidence: 'certain',
      message: /The client sent EHLO before it had received a byte of the greeting, which came 1 s later/,
    },
    {
      name: 'captured at the server, whose greeting had left already',
      session: wire(`${GREETING}\nC*: EHLO client.example\n${OFFER}\n${END}`),
      message: /sent EHLO before it had received a byte of the greeting(?!,)/,
    },
    {
      name: 'refused for it',
      session: wire('C*: HELO x\nS: 554 5.5.0 Error: SMTP protocol synchronization', { close: 'server' }),
      message: /the server objects: 554 5\.5\.0/,
    },
    {
      name: 'telnet options',
      session: wire(`C*: \\xff\\xfb\\x1f\\xff\\xfb\\x20\\-\n${GREETING}\nC: QUIT\nS: 500 what`),
      message: /telnet option negotiation/,
      firstCause: /PuTTY/,
    },
    {
      name: 'EHLO right behind a PROXY header',
      session: wire(
        `C*: PROXY TCP4 192.0.2.1 192.0.2.2 4000 25\nC*: EHLO client.example\n${GREETING}\n${OFFER}\n${END}`,
      ),
      also: (finding) => expect(finding.evidence[0]?.turn).toBe(1),
    },
    {
      name: 'a hole in the mail behind it changes nothing',
      session: wire(
        `C*: EHLO client.example\n${GREETING}\n${OFFER}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\n--gap 20 C--\nC: QUIT\nS: 221 bye`,
      ),
      confidence: 'certain',
    },
  ],
  [
    {
      name: 'what was on offer lies in a hole',
      session: wire(`C*: EHLO client.example\n${GREETING}\nS: 250-mx.example\n--gap 17 S--\nS: 250 HELP\n${END}`),
    },
    { name: 'it waits', session: wire(`${GREETING}\nC: EHLO client.example\n${OFFER}\n${END}`) },
    {
      name: 'PIPECONNECT is on offer',
      session: wire(
        `C*: EHLO client.example\n${GREETING}\nS: 250-mx.example\nS: 250-PIPELINING\nS: 250 PIPECONNECT\n${END}`,
      ),
    },
    {
      name: 'a PROXY header and then a client that waits',
      session: wire(
        `C*: PROXY TCP4 192.0.2.1 192.0.2.2 4000 25\n${GREETING}\nC: EHLO client.example\n${OFFER}\n${END}`,
      ),
    },
    {
      name: 'TLS',
      session: wire('C*: \\x16\\x03\\x01\\x00\\x05hello\\-\nS: 220 mx.example ESMTP', { close: 'server' }),
    },
    { name: 'HTTP', session: wire(`C*: GET / HTTP/1.1\nC*: Host: x\n${GREETING}\nS: 221 bye`, { close: 'server' }) },
    {
      name: 'the first line of a greeting of two was seen',
      session: wire(`S: 220-mx.example ESMTP\nC: EHLO client.example\nS: 220 mx.example\n${OFFER}\n${END}`),
    },
    {
      name: 'the capture began later, so that nothing was acknowledged in it',
      session: wire(`C: EHLO client.example\n${OFFER}\n${END}`, { midStream: true }),
    },
    { name: 'the server never said a word', session: wire('C*: EHLO client.example', { close: 'server' }) },
    {
      name: 'the client’s first bytes were not captured',
      session: wire(`${GREETING}\n--gap 21 C--\nC: QUIT\nS: 221 bye`),
    },
  ],
);
