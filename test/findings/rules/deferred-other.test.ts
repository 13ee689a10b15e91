import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok';
const RCPT = 'C: RCPT TO:<b@mx.example>';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'deferred-other',
  [
    {
      name: 'Postfix asks whether the recipient exists',
      session: wire(
        `${START}\n${RCPT}\nS: 450 4.1.1 <b@mx.example>: Recipient address rejected: unverified address: Address verification in progress\n${END}`,
      ),
      firstCause: /asks another server whether the recipient exists/,
    },
    {
      name: 'Exim asks too',
      session: wire(
        `${START}\n${RCPT}\nS: 451-Could not complete recipient verify callout\nS: 451 Please try later\n${END}`,
      ),
      firstCause: /asks another server/,
    },
    {
      name: 'Mimecast’s greylisting, which does not call itself so',
      session: wire(
        `${START}\n${RCPT}\nS: 451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451\n${END}`,
      ),
      firstCause: /Mimecast’s words for greylisting/,
    },
    {
      name: 'the same words of another server mean what they say',
      session: wire(`${START}\n${RCPT}\nS: 451 Internal resources are temporarily unavailable\n${END}`),
      firstCause: /^The server puts strangers off/,
    },
    {
      name: 'postscreen’s tests behind the greeting',
      session: wire(`${START}\n${RCPT}\nS: 450 4.3.2 Service currently unavailable\n${END}`),
      firstCause: /postscreen/,
    },
    {
      name: 'no tenant takes the domain’s mail',
      session: wire(
        `${START}\n${RCPT}\nS: 451 4.4.4 Mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant which has no mail-enabled subscriptions. ATTR5\n${END}`,
      ),
      firstCause: /leads to Exchange Online/,
    },
    {
      name: 'a DMARC record that cannot be looked up',
      session: wire(`${START}\n${RCPT}\nS: 451 4.7.1 DMARC temporary lookup failure\n${END}`),
      firstCause: /could not look up the SPF, DKIM or DMARC record/,
    },
    {
      name: 'Exchange Online is not busy',
      session: wire(
        `${START}\n${RCPT}\nS: 451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (S77719)\n${END}`,
      ),
      firstCause: /holds the client’s address back/,
    },
    {
      name: 'a recipient put off',
      session: wire(`${START}\n${RCPT}\nS: 450 4.2.0 <b@mx.example>: not now\n${END}`),
      severity: 'warning',
      confidence: 'certain',
      message: /refused the recipient b@mx\.example for now: 450 4\.2\.0/,
      also: (_finding, all) => expect(all[0]?.rule).toBe('deferred-other'),
    },
    {
      name: 'one of two, and the mail is delivered',
      session: wire(
        `${START}\n${RCPT}\nS: 450 4.7.1 come back later\nC: RCPT TO:<c@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok\n${END}`,
      ),
      severity: 'notice',
    },
    {
      name: 'after the message',
      session: wire(`${START}\n${RCPT}\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 451 4.7.1 try later\n${END}`),
      severity: 'warning',
    },
    {
      name: 'a hole before it',
      session: wire(`${START}\n--gap 12 C--\nS: 250 ok\n${RCPT}\nS: 450 later\n${END}`),
      confidence: 'hint',
    },
  ],
  [
    {
      name: 'the reply may answer what lies in a hole',
      session: wire(`${START}\n--gap 12 C--\n${RCPT}\nS: 450 later\n${END}`),
    },
    { name: '5xx', session: wire(`${START}\n${RCPT}\nS: 550 no\n${END}`) },
    { name: 'relaying refused for now', session: wire(`${START}\n${RCPT}\nS: 454 4.7.1 Relay access denied\n${END}`) },
    { name: '421 to EHLO', session: wire('S: 220 mx.example\nC: EHLO a.example\nS: 421 closing') },
    {
      name: '454 to STARTTLS',
      session: wire(
        'S: 220 mx.example\nC: EHLO a.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 no\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
