import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { say, wire } from '../support/spoken.ts';

const ehlo = (...keywords: string[]) =>
  [
    'S: 220 mx.example ESMTP',
    'C: EHLO client.example',
    ...['mx.example', ...keywords, 'DSN'].map((k, i, all) => `S: 250${i < all.length - 1 ? '-' : ' '}${k}`),
  ].join('\n');
const MUST = 'S: 530 5.7.0 Must issue a STARTTLS command first';

testRule(
  'tls-required-not-offered',
  [
    {
      name: 'the server insists, the client ignores the offer',
      session: wire(say(ehlo('STARTTLS'), `C: MAIL FROM:<a@client.example>\n${MUST}\nC: QUIT\nS: 221 bye`)),
      severity: 'error',
      confidence: 'certain',
      message: /^The server wants TLS before MAIL, and the client did not use the STARTTLS on offer: 530 5\.7\.0/,
      firstCause: /TLS is off in the client/,
      also: (finding, all) => {
        expect(finding.actor).toBe('client');
        expect(all[0]).toBe(finding);
        const rules = all.map(({ rule }) => rule);
        for (const other of ['auth-530', 'starttls-offered-unused']) expect(rules).not.toContain(other);
      },
    },
    {
      name: 'the server insists and offers nothing',
      session: wire(say(ehlo(), `C: MAIL FROM:<a@client.example>\n${MUST}`)),
      message: /had not been offered STARTTLS/,
      firstCause: /does not offer it here/,
    },
    {
      name: 'the server insists and had refused',
      session: wire(say(ehlo('STARTTLS'), `C: STARTTLS\nS: 454 no\nC: MAIL FROM:<a@client.example>\n${MUST}`)),
      message: /had been refused it/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    {
      name: 'in other words, to AUTH that was on offer',
      session: wire(say(ehlo('STARTTLS', 'AUTH PLAIN'), 'C: AUTH PLAIN AGEAYg==\nS: 530 TLS encryption required')),
      message: /before AUTH/,
    },
    {
      name: 'the client leaves on 587',
      session: wire(say(ehlo(), 'C: QUIT\nS: 221 bye'), { serverPort: 587 }),
      severity: 'error',
      confidence: 'hint',
      message: /perhaps it requires TLS$/,
      firstCause: /requires TLS/,
    },
    {
      name: 'the client leaves on 25',
      session: wire(say(ehlo(), 'C: QUIT\nS: 221 bye')),
      severity: 'notice',
      confidence: 'hint',
    },
    {
      name: 'a hole of the server in front',
      session: wire(say(ehlo('STARTTLS'), `C: NOOP\n--gap 4 S--\nC: MAIL FROM:<a@client.example>\n${MUST}`)),
      confidence: 'hint',
    },
  ],
  [
    {
      name: '530 that asks for a login',
      session: wire(say(ehlo(), 'C: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required')),
    },
    { name: 'the client leaves, STARTTLS was on offer', session: wire(say(ehlo('STARTTLS'), 'C: QUIT\nS: 221 bye')) },
    { name: 'the client leaves, AUTH was on offer', session: wire(say(ehlo('AUTH PLAIN'), 'C: QUIT\nS: 221 bye')) },
    {
      name: 'a scanner leaves',
      session: wire(say(ehlo().replace('client.example', 'nmap.scanme.org'), 'C: QUIT\nS: 221 bye')),
    },
    { name: 'AUTH that was not on offer', session: wire(say(ehlo('STARTTLS'), `C: AUTH PLAIN AGEAYg==\n${MUST}`)) },
    {
      name: 'a hole in the offer',
      session: wire(
        say(
          'S: 220 mx.example\nC: EHLO a.example\nS: 250-mx.example',
          '--gap 12 S--',
          'S: 250 DSN\nC: QUIT\nS: 221 bye',
        ),
      ),
    },
  ],
);
