import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok';
const refused = (reply: string) => wire(`${START}\nC: RCPT TO:<b@other.example>\nS: ${reply}\nC: QUIT\nS: 221 bye`);

testRule(
  'relay-denied',
  [
    {
      name: 'Postfix',
      session: refused('554 5.7.1 <b@other.example>: Relay access denied'),
      severity: 'error',
      confidence: 'certain',
      message: /refuses to relay to b@other\.example, and the client had not logged in: 554 5\.7\.1/,
      firstCause: /did not log in/,
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).toEqual(['relay-denied']),
    },
    {
      name: 'Postfix with defer_unauth_destination, which is no greylisting',
      session: refused('454 4.7.1 <b@other.example>: Relay access denied'),
      message: /refuses to relay, for now,/,
      also: (_finding, all) => expect(all).toHaveLength(1),
    },
    { name: 'Exim', session: refused('550 relay not permitted') },
    { name: 'Exim, with the word about a login', session: refused('550 relay not permitted, authentication required') },
    {
      name: 'Sendmail',
      session: refused('550 5.7.1 <b@other.example>... Relaying denied. Proper authentication required.'),
    },
    { name: 'Exchange', session: refused('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain') },
    { name: 'qmail', session: refused("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)") },
    { name: 'an unusual code', session: refused('571 we do not relay') },
    {
      name: 'two of three recipients: one finding',
      session: wire(
        `${START}\nC: RCPT TO:<b@other.example>\nS: 554 5.7.1 Relay access denied\nC: RCPT TO:<c@other.example>\nS: 554 5.7.1 Relay access denied\nC: RCPT TO:<d@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye`,
      ),
      message: /to b@other\.example and 1 other/,
      also: ({ evidence }, all) => {
        expect(evidence).toHaveLength(4);
        expect(all.filter(({ rule }) => rule === 'relay-denied' || rule === 'rejected-other')).toHaveLength(1);
      },
    },
    {
      name: 'accepted after a login in the same session: a notice',
      session: wire(
        `${START}\nC: RCPT TO:<b@other.example>\nS: 554 5.7.1 Relay access denied\nC: RSET\nS: 250 ok\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@other.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok`,
      ),
      severity: 'notice',
    },
  ],
  [
    { name: 'an unknown user', session: refused('550 5.1.1 no such user') },
    { name: 'greylisting', session: refused('450 4.7.1 Greylisted, try again later') },
    {
      name: 'a blocklist with relay in its name',
      session: refused('550 5.7.1 blocked using relays.list.example, open relay denied'),
    },
    { name: '530', session: refused('530 5.7.0 Authentication required') },
    {
      name: 'the word relay at MAIL',
      session: wire(
        'S: 220 mx.example\nC: HELO a.example\nS: 250 ok\nC: MAIL FROM:<a@b.example>\nS: 550 relay not permitted',
      ),
    },
    { name: 'accepted', session: refused('250 2.1.5 relaying allowed') },
  ],
);
