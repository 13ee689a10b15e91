import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SIZE 1000000';
const END = 'C: QUIT\nS: 221 bye';
const mail = (line: string, reply = '250 ok') => wire(`${OPEN}\nC: ${line}\nS: ${reply}\n${END}`);
const rcpt = (line: string, reply = '250 ok') =>
  wire(`${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: ${line}\nS: ${reply}\n${END}`);

testRule(
  'path-syntax',
  [
    {
      name: 'no brackets',
      session: mail('MAIL FROM:a@client.example'),
      severity: 'notice',
      confidence: 'certain',
      message: /^MAIL was sent without angle brackets: MAIL FROM:a@client\.example$/,
    },
    {
      name: 'a space',
      session: rcpt('RCPT TO: <b@mx.example>'),
      message: /with a space between the colon and the path/,
    },
    { name: 'a space inside', session: rcpt('RCPT TO:< b@mx.example>'), message: /inside the brackets/ },
    { name: 'a space before the end', session: rcpt('RCPT TO:<b@mx.example >'), message: /inside the brackets/ },
    { name: 'several', session: rcpt('RCPT TO:<b@mx.example>, <c@mx.example>'), message: /several addresses/ },
    { name: 'several in one pair', session: rcpt('RCPT TO:<b@mx.example,c@mx.example>'), message: /several addresses/ },
    { name: 'never closed', session: rcpt('RCPT TO:<b@mx.example'), message: /without angle brackets/ },
    { name: 'no colon', session: mail('MAIL FROM <a@client.example>'), message: /without the keyword and colon/ },
    {
      name: 'refused for it',
      session: mail('MAIL FROM:a@client.example', '501 5.5.2 Syntax: MAIL FROM: <address>'),
      severity: 'error',
      message: /the server refuses it: 501/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
  ],
  [
    { name: 'as it should be', session: mail('MAIL FROM:<a@client.example> SIZE=12') },
    { name: 'the null path', session: mail('MAIL FROM:<>') },
    { name: 'small letters', session: mail('mail from:<a@client.example>') },
    { name: 'a quoted local part', session: rcpt('RCPT TO:<"a > , b"@mx.example>') },
    { name: 'a source route', session: rcpt('RCPT TO:<@one.example,@two.example:b@mx.example>') },
    { name: 'cut by a hole', session: wire(`${OPEN}\nC: MAIL FROM:\\-\n--gap 20 C--\nS: 250 ok\n${END}`) },
  ],
);
