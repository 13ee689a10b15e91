import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (greeting: string, name = 'client.example') =>
  `S: 220 ${greeting}\nC: EHLO ${name}\nS: 250-mx.example\nS: 250 HELP\nC: QUIT\nS: 221 bye`;

testRule(
  'banner-hostname',
  [
    {
      name: 'no host',
      session: wire(talk('ESMTP')),
      severity: 'notice',
      confidence: 'certain',
      message: /The greeting names no host/,
    },
    { name: 'nothing at all', session: wire(talk('')), message: /names no host/ },
    { name: 'words', session: wire(talk('*** go away ***')), message: /names no host/ },
    {
      name: 'stars, and no second mark of a firewall: Postfix says HELO to them',
      session: wire('S: 220 *****************\nC: HELO client.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye'),
      message: /^The greeting consists of stars: a firewall on the path may have crossed out the server’s name$/,
      firstCause: /inspects SMTP/,
    },
    {
      name: 'an unqualified name',
      session: wire(talk('mailserver01 ESMTP')),
      message: /“mailserver01”, which is not a full host name/,
    },
    {
      name: 'localhost.localdomain',
      session: wire(talk('localhost.localdomain ESMTP Postfix')),
      message: /not a full host name/,
    },
    { name: 'an address', session: wire(talk('192.0.2.25 ESMTP')), message: /an address instead of a host/ },
    {
      name: 'an address in brackets',
      session: wire(talk('[192.0.2.25] ESMTP')),
      message: /an address instead of a host/,
    },
    {
      name: 'the client’s own name, and the client leaves',
      session: wire(talk('mail.client.example ESMTP', 'MAIL.client.example')),
      severity: 'error',
      message: /the name that the client gives for itself, and the client leaves/i,
      firstCause: /mail exchanger/,
      also: (finding, all) => {
        expect(all[0]).toBe(finding);
        expect(all.map(({ rule }) => rule)).not.toContain('helo-name');
      },
    },
  ],
  [
    { name: 'a full name', session: wire(talk('mx.example ESMTP')) },
    { name: 'a full name and nothing else', session: wire(talk('mx-1.example')) },
    { name: 'a refusal that names nobody', session: wire('S: 554 no') },
    { name: 'over loopback', session: wire(talk('localhost ESMTP'), { client: '127.0.0.1', server: '127.0.0.1' }) },
    {
      name: 'the client’s own name, and the mail goes through',
      session: wire(
        'S: 220 mx.example\nC: EHLO mx.example\nS: 250 mx.example\nC: MAIL FROM:<a@mx.example>\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
    },
    {
      name: 'the client’s own name on its own machine',
      session: wire(talk('mx.example'), { client: '192.0.2.25', server: '192.0.2.25' }),
    },
    { name: 'another service', session: wire('S: 220 FTP server\nC: EHLO client.example\nS: 500 what') },
    {
      name: 'a masked greeting of which banner-masked tells',
      session: wire('S: 220 ****\nC: EHLO client.example\nS: 250-mx.example\nS: 250 XXXXXXXA\nC: QUIT\nS: 221 bye'),
    },
    {
      name: 'a masked greeting, and a hole in what EHLO offers',
      session: wire(
        'S: 220 ****\nC: EHLO client.example\nS: 250-mx.example\n--gap 12 S--\nS: 250 HELP\nC: QUIT\nS: 221 bye',
      ),
    },
    {
      name: 'the client’s own name, and a hole in which mail may have been',
      session: wire('S: 220 mx.example\nC: EHLO mx.example\nS: 250 ok\n--gap 40 C--\nS: 250 ok\nC: QUIT\nS: 221 bye'),
    },
    { name: 'half a greeting, cut by a hole', session: wire('S: 220 mx\\-\n--gap 20 S--\nC: QUIT\nS: 221 bye') },
  ],
);
