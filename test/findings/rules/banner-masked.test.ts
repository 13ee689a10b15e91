import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const STARS = 'S: 220 *****2******0*****0****';
const HELLO = 'C: EHLO client.example';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'banner-masked',
  [
    {
      name: 'STARTTLS crossed out',
      session: wire(`${STARS}\n${HELLO}\nS: 250-mx.example\nS: 250-8BITMIME\nS: 250 XXXXXXXX\n${END}`),
      severity: 'error',
      confidence: 'certain',
      message: /crossed-out keywords \(XXXXXXXX\); STARTTLS was lost by it/,
      firstCause: /Cisco/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('starttls-stripped'),
    },
    {
      name: 'another keyword crossed out',
      session: wire(`${STARS}\n${HELLO}\nS: 250-mx.example\nS: 250-STARTTLS\nS: 250 XXXXB\n${END}`),
      severity: 'warning',
      confidence: 'certain',
    },
    {
      name: 'EHLO refused, HELO taken',
      session: wire(`${STARS}\n${HELLO}\nS: 500 what\nC: HELO client.example\nS: 250 ok\n${END}`),
      severity: 'warning',
      confidence: 'likely',
      message: /EHLO was refused and HELO taken$/,
      also: (_finding, all) =>
        expect(all.map(({ rule }) => rule)).not.toEqual(expect.arrayContaining(['ehlo-rejected-helo-fallback'])),
    },
    {
      name: 'and then a login is wanted',
      session: wire(
        `${STARS}\n${HELLO}\nS: 500 what\nC: HELO client.example\nS: 250 ok\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required\n${END}`,
      ),
      severity: 'error',
      message: /AUTH was lost by it/,
    },
    {
      name: 'a command crossed out',
      session: wire(`${STARS}\nC: XXXX client.example\nS: 500 5.5.1 unrecognized\n${END}`),
      message: /a command arrived as XXXX/,
    },
    {
      name: 'a command crossed out behind the capture point',
      session: wire(`${STARS}\n${HELLO}\nS: 500 5.5.1 Command unrecognized: "XXXX client.example"\n${END}`),
      confidence: 'likely',
    },
  ],
  [
    {
      name: 'STARTTLS crossed out as Cisco does it: starttls-stripped',
      session: wire(`${STARS}\n${HELLO}\nS: 250-mx.example\nS: 250-8BITMIME\nS: 250 XXXXXXXA\n${END}`),
    },
    {
      name: 'Postfix, which says HELO at once to stars: no second mark',
      session: wire(`${STARS}\nC: HELO client.example\nS: 250 mx.example\n${END}`),
    },
    { name: 'stars alone', session: wire(`${STARS}\n${HELLO}\nS: 250-mx.example\nS: 250 STARTTLS\n${END}`) },
    {
      name: 'crossed-out keywords below an ordinary greeting: starttls-stripped',
      session: wire(`S: 220 mx.example ESMTP\n${HELLO}\nS: 250-mx.example\nS: 250 XXXXXXXA\n${END}`),
    },
    {
      name: 'a refused EHLO below an ordinary greeting',
      session: wire(`S: 220 mx.example\n${HELLO}\nS: 500 what\nC: HELO client.example\nS: 250 ok\n${END}`),
    },
    {
      name: 'an empty greeting',
      session: wire(`S: 220 \n${HELLO}\nS: 500 what\nC: HELO client.example\nS: 250 ok\n${END}`),
    },
    {
      name: 'stars, and the mark lies in a hole',
      session: wire(`${STARS}\n${HELLO}\nS: 250-mx.example\n--gap 17 S--\nS: 250 HELP\n${END}`),
    },
  ],
);
