import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { say, wire } from '../support/spoken.ts';

const ehlo = (keyword: string, greeting = '220 mx.example ESMTP') =>
  `S: ${greeting}\nC: EHLO client.example\nS: 250-mx.example\nS: 250-${keyword}\nS: 250 SIZE 1000`;
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: QUIT\nS: 221 bye';

testRule(
  'starttls-stripped',
  [
    {
      name: 'as Cisco’s inspection leaves it',
      session: wire(say(ehlo('XXXXXXXA', '220 ***************************'), MAIL)),
      severity: 'critical',
      confidence: 'likely',
      message: /with XXXXXXXA in place of STARTTLS, and its greeting is masked too/,
      firstCause: /Cisco/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('banner-masked'),
    },
    {
      name: 'X alone may have been another word of eight letters',
      session: wire(say(ehlo('XXXXXXXX'), MAIL)),
      severity: 'warning',
      confidence: 'hint',
    },
    {
      name: 'with a hole in the reply it is less sure',
      session: wire(
        say('S: 220 mx.example', '--gap 3 S--', 'S: x', ehlo('XXXXXXXA').slice(ehlo('XXXXXXXA').indexOf('C:'))),
      ),
      confidence: 'hint',
    },
  ],
  [
    { name: 'STARTTLS beside it', session: wire(say(ehlo('XXXXXXXA\nS: 250-STARTTLS'), MAIL)) },
    { name: 'no such word', session: wire(say(ehlo('CHUNKING'), MAIL)) },
    { name: 'a longer one', session: wire(say(ehlo('XXXXXXXXXXX'), MAIL)) },
    {
      name: 'X alone below a greeting of stars: banner-masked',
      session: wire(say(ehlo('XXXXXXXX', '220 *************'), MAIL)),
    },
    { name: 'a masked greeting alone', session: wire(say(ehlo('DSN', '220 *************'), MAIL)) },
  ],
);
