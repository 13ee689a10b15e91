import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN';
const LOGIN = `C: AUTH PLAIN ${b64('\0alice@example.net\0hunter22')}\nS: 235 ok`;
const START = `${HELLO}\n${LOGIN}`;
const MAIL = 'C: MAIL FROM:<boss@example.net>\nS: 250 ok';
const RCPT = 'C: RCPT TO:<c@example.org>\nS: 250 ok';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'auth-success-then-failure',
  [
    {
      name: 'Postfix refuses the sender at RCPT',
      session: spoken(
        `${START}\n${MAIL}\nC: RCPT TO:<c@example.org>\nS: 553 5.7.1 <boss@example.net>: Sender address rejected: not owned by user alice@example.net\n${END}`,
      ),
      severity: 'error',
      confidence: 'certain',
      message: /^“alice@example\.net” logged in and may not send as boss@example\.net: 553 5\.7\.1/,
      firstCause: /does not belong to the login/,
      also: ({ evidence }) => expect(evidence[0]?.note).toBe('the login is accepted'),
    },
    {
      name: 'iCloud refuses it at MAIL',
      session: spoken(
        `${START.replace('220 mx.example', '220 p00-asmtp001.icloud.com')}\nC: MAIL FROM:<x@example.net>\nS: 550 5.7.0 From address is not one of your addresses\n${END}`,
      ),
      firstCause: /iCloud wants one of the account/,
    },
    {
      name: 'Exchange refuses the message',
      session: spoken(
        `${START}\n${MAIL}\n${RCPT}\nC: DATA\nS: 354 go\nC: Subject: x\nC: \nC: .\nS: 550 5.7.60 SMTP; Client does not have permissions to send as this sender\n${END}`,
      ),
      message: /may not send as boss@example\.net/,
    },
    {
      name: 'SES wants a verified address',
      session: spoken(
        `${START.replace('220 mx.example ESMTP', '220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-X')}\n${MAIL}\n${RCPT}\nC: DATA\nS: 354 go\nC: Subject: x\nC: \nC: .\nS: 554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1\n${END}`,
      ),
      firstCause: /SES wants a verified identity/,
    },
    {
      name: 'a second EHLO, and the login is forgotten',
      session: spoken(
        `${START}\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\nC: MAIL FROM:<a@example.net>\nS: 530 5.7.0 Authentication required\n${END}`,
      ),
      message: /said EHLO again, and the server no longer counts the login: 530/,
      firstCause: /EHLO again after the login/,
      also: ({ actor }, all) => {
        expect(actor).toBe('developer');
        expect(all.map(({ rule }) => rule)).not.toContain('auth-530');
      },
    },
  ],
  [
    {
      name: 'refused without a login',
      session: spoken(
        `${HELLO}\n${MAIL}\nC: RCPT TO:<c@example.org>\nS: 553 5.7.1 <boss@example.net>: Sender address rejected: not owned by user\n${END}`,
      ),
    },
    {
      name: 'a recipient that does not exist',
      session: spoken(`${START}\n${MAIL}\nC: RCPT TO:<c@example.org>\nS: 550 5.1.1 no such user\n${END}`),
    },
    {
      name: 'a second EHLO that does no harm',
      session: spoken(`${START}\nC: EHLO a.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\n${MAIL}\n${RCPT}\n${END}`),
    },
    {
      name: '530 before the login',
      session: spoken(`${HELLO}\nC: MAIL FROM:<a@b.example>\nS: 530 5.7.0 Authentication required\n${LOGIN}\n${END}`),
    },
  ],
);
