import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const hello = (name: string, reply = '250 mx.example', verb = 'EHLO') =>
  `S: 220 mx.example ESMTP\nC: ${verb}${name === '' ? '' : ` ${name}`}\nS: ${reply}`;
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'helo-name',
  [
    {
      name: 'EHLO local',
      session: wire(`${hello('local')}\n${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /“local”, which is not a full host name/,
    },
    { name: 'localhost', session: wire(`${hello('localhost')}\n${END}`), message: /every machine is to itself/ },
    { name: 'localhost.localdomain', session: wire(`${hello('localhost.localdomain')}\n${END}`) },
    { name: 'a bare address', session: wire(`${hello('192.0.2.1')}\n${END}`), message: /an address without brackets/ },
    { name: 'an underscore', session: wire(`${hello('_')}\n${END}`), message: /not a valid host name/ },
    {
      name: 'HELO',
      session: wire(`${hello('local', '250 ok', 'HELO')}\n${MAIL}\nS: 550 5.1.1 no such user\n${END}`),
      severity: 'notice',
    },
    {
      name: 'the server’s own name from another machine',
      session: wire(`${hello('mx.example')}\n${MAIL}\nS: 250 ok\n${END}`),
      message: /the server’s own name/,
    },
    {
      name: 'no name, refused',
      session: wire(`${hello('', '501 5.5.4 Syntax: EHLO hostname')}\n${END}`),
      severity: 'error',
      message: /gives no name at all; the server refuses mail for it: 501/,
      also: (_finding, all) => expect(all[0]?.rule).toBe('helo-name'),
    },
    {
      name: 'refused at RCPT, and no other rule speaks for it',
      session: wire(
        `${hello('local')}\n${MAIL}\nS: 504 5.5.2 <local>: Helo command rejected: need fully-qualified hostname\n${END}`,
      ),
      severity: 'error',
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).toEqual(['helo-name']),
    },
  ],
  [
    { name: 'a full name', session: wire(`${hello('client.example')}\n${END}`) },
    {
      name: 'the server’s own name, for which the client leaves: banner-hostname tells',
      session: wire(`${hello('mx.example')}\n${END}`),
    },
    { name: 'an address in brackets', session: wire(`${hello('[192.0.2.1]')}\n${END}`) },
    { name: 'an IPv6 address in brackets', session: wire(`${hello('[IPv6:2001:db8::1]')}\n${END}`) },
    {
      name: 'localhost over loopback',
      session: wire(`${hello('localhost')}\n${END}`, { client: '127.0.0.1', server: '127.0.0.1' }),
    },
    {
      name: 'the own name on the same machine',
      session: wire(`${hello('mx.example')}\n${END}`, { client: '192.0.2.25' }),
    },
  ],
);
