import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250-STARTTLS\nS: 250 AUTH PLAIN';
const MAIL =
  'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye';
const PLAIN = Buffer.from('\0user\0secret').toString('base64');

testRule(
  'starttls-offered-unused',
  [
    {
      name: 'MAIL in clear',
      session: wire(`${START}\n${MAIL}`),
      severity: 'warning',
      confidence: 'certain',
      message: /went on with MAIL in clear: 1 message readable/,
      also: ({ evidence }) => expect(evidence.map(({ turn }) => turn)).toEqual([2, 3]),
    },
    {
      name: 'AUTH in clear',
      session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no`),
      message: /with AUTH in clear/,
    },
    {
      name: 'between private addresses',
      session: wire(`${START}\n${MAIL}`, { client: '10.1.2.3', server: '172.16.0.1' }),
      severity: 'notice',
    },
    {
      name: 'the server refuses STARTTLS and the client goes on',
      session: wire(`${START}\nC: STARTTLS\nS: 454 4.7.0 TLS not available\n${MAIL}`),
      message: /offered STARTTLS and refused it/,
      firstCause: /could not do it/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
  ],
  [
    { name: 'not on offer', session: wire(`${START.replace('250-STARTTLS', '250-DSN')}\n${MAIL}`) },
    { name: 'used', session: wire(`${START}\nC: STARTTLS\nS: 220 go`) },
    { name: 'the client leaves', session: wire(`${START}\nC: QUIT\nS: 221 bye`) },
    { name: 'over loopback', session: wire(`${START}\n${MAIL}`, { client: '127.0.0.1', server: '127.0.0.1' }) },
    { name: 'a hole where STARTTLS may have been', session: wire(`${START}\n--gap 10 C--\n${MAIL}`) },
  ],
);
