import { expect } from 'vitest';
import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN';
const PLAIN = Buffer.from('\0user\0secret').toString('base64');

testRule(
  'auth-530',
  [
    {
      name: 'MAIL without a login',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required\nC: QUIT\nS: 221 bye`,
      ),
      severity: 'error',
      confidence: 'certain',
      message: /wants a login before MAIL: 530 5\.7\.0 Authentication required; the client did not try to log in/,
      firstCause: /found no password for this server/,
    },
    {
      name: 'at RCPT',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@other.example>\nS: 530 SMTP authentication is required.`,
      ),
      message: /before RCPT/,
    },
    {
      name: 'AUTH is not on offer',
      session: wire(
        `${START.replace('AUTH PLAIN', 'STARTTLS')}\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication Required`,
      ),
      firstCause: /did not offer AUTH here/,
    },
    {
      name: 'the login was refused before',
      session: wire(
        `${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required`,
      ),
      firstCause: /login before it was refused/,
    },
    {
      name: 'the client then logs in: the message says so',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required\nC: AUTH PLAIN ${PLAIN}\nS: 235 ok`,
      ),
      severity: 'error',
      message: /; the client then logged in$/,
    },
    {
      name: 'Exchange Online',
      session: spoken(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.57 Client not authenticated to send mail. [AB1.eurprd01.prod.outlook.com]\nC: QUIT\nS: 221 x`,
      ),
      firstCause: /Exchange Online \(5\.7\.57\)/,
      also: ({ remedies }) => expect(remedies[0]?.commands.join()).toMatch(/SmtpClientAuthenticationDisabled/),
    },
    {
      name: 'in answer to AUTH itself',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${b64('\0user\0hunter22')}\nS: 530 5.7.0 Authentication required\nC: QUIT\nS: 221 x`,
      ),
      message: /wants a login before AUTH: 530 5\.7\.0 Authentication required$/,
    },
    {
      name: 'after a login, without a second EHLO',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${b64('\0user\0hunter22')}\nS: 235 ok\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required\nC: QUIT\nS: 221 x`,
      ),
      message: /had logged in before, and the server no longer counts it$/,
    },
  ],
  [
    {
      name: '530 that asks for STARTTLS',
      session: wire(`${START}\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Must issue a STARTTLS command first`),
    },
    {
      name: '530 to AUTH',
      session: wire(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 530 5.7.0 Must issue a STARTTLS command first`),
    },
    {
      name: 'a login that a second EHLO made the server forget: auth-success-then-failure speaks for it',
      session: spoken(
        `${START}\nC: AUTH PLAIN ${b64('\0user\0hunter22')}\nS: 235 ok\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\nC: MAIL FROM:<a@client.example>\nS: 530 5.7.0 Authentication required\nC: QUIT\nS: 221 x`,
      ),
    },
    { name: '550', session: wire(`${START}\nC: MAIL FROM:<a@client.example>\nS: 550 no`) },
  ],
);
