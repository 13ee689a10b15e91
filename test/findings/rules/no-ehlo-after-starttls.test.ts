import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const BEGIN = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'no-ehlo-after-starttls',
  [
    {
      name: 'MAIL first',
      session: wire(`${BEGIN}\nS: 220 go\nC: MAIL FROM:<a@client.example>\nS: 503 5.5.1 EHLO first\n${END}`),
      severity: 'error',
      confidence: 'certain',
      message: /first command was MAIL, not EHLO, and the server refused it: 503/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('tls-required-not-offered'),
    },
    {
      name: 'AUTH first',
      session: wire(`${BEGIN}\nS: 220 go\nC: AUTH PLAIN AGEAYg==\nS: 503 5.5.1 EHLO first\n${END}`),
      message: /was AUTH/,
    },
  ],
  [
    {
      name: 'EHLO first',
      session: wire(`${BEGIN}\nS: 220 go\nC: EHLO client.example\nS: 250 mx.example\n${END}`),
    },
    {
      name: 'a server that does not mind',
      session: wire(`${BEGIN}\nS: 220 go\nC: MAIL FROM:<a@client.example>\nS: 250 ok\n${END}`),
    },
    {
      name: 'STARTTLS was refused',
      session: wire(`${BEGIN}\nS: 454 4.7.0 no TLS\nC: MAIL FROM:<a@client.example>\nS: 503 what\n${END}`),
    },
    { name: 'QUIT', session: wire(`${BEGIN}\nS: 220 go\n${END}`) },
    {
      name: 'encrypted',
      session: wire(`${BEGIN}\nS: 220 go\nC: \\x16\\x03\\x01\\x00\\x01x\\-\nS: \\x16\\x03\\x03\\x00\\x01x\\-`),
    },
    {
      name: 'sent before the 220 could be seen: an injection',
      session: wire(`${BEGIN}\nC*: MAIL FROM:<a@client.example>\nS: 220 go\nS: 503 what\n${END}`),
    },
    {
      name: 'a hole behind the 220',
      session: wire(`${BEGIN}\nS: 220 go\n--gap 21 C--\nC: MAIL FROM:<a@client.example>\nS: 503 what\n${END}`),
    },
  ],
);
