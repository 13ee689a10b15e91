import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO client.example';
const offer = (mechanisms: string) => `${HELLO}\nS: 250-mx.example\nS: 250-AUTH ${mechanisms}\nS: 250 STARTTLS`;
const END = 'C: QUIT\nS: 221 bye';
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok';

testRule(
  'plaintext-auth-offered-in-clear',
  [
    {
      name: 'PLAIN and LOGIN',
      session: wire(`${offer('CRAM-MD5 PLAIN LOGIN')}\n${MAIL}\n${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /offers AUTH PLAIN and LOGIN before any TLS$/,
    },
    {
      name: 'in the old spelling, without STARTTLS',
      session: wire(`${HELLO}\nS: 250-mx.example\nS: 250 AUTH=LOGIN\n${MAIL}\n${END}`),
      message: /AUTH LOGIN before any TLS, and no STARTTLS/,
    },
    {
      name: 'and STARTTLS was then used',
      session: wire(`${offer('PLAIN')}\nC: STARTTLS\nS: 220 go\nC: \\x16\\x03\\x01\\x00\\x01x\\-`),
    },
  ],
  [
    { name: 'challenges alone', session: wire(`${offer('CRAM-MD5 SCRAM-SHA-256')}\n${MAIL}\n${END}`) },
    {
      name: 'over loopback',
      session: wire(`${offer('PLAIN')}\n${MAIL}\n${END}`, { client: '127.0.0.1', server: '127.0.0.1' }),
    },
    {
      name: 'inside TLS, opened on the way',
      session: wire(
        `${HELLO}\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\n${END}`,
      ),
    },
    {
      name: 'a hole in which a password may have been',
      session: wire(`${offer('PLAIN')}\n--gap 30 C--\nS: 235 ok\n${MAIL}\n${END}`),
    },
    {
      name: 'a password went in clear, which is the graver finding',
      session: wire(`${offer('PLAIN')}\nC: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 235 ok\n${END}`),
    },
  ],
);

testRule(
  'credentials-in-clear',
  [
    {
      name: 'speaks alone where a password went in clear',
      session: wire(`${offer('PLAIN')}\nC: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 235 ok\n${END}`),
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).not.toContain('plaintext-auth-offered-in-clear'),
    },
  ],
  [],
);
